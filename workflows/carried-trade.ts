import type { ArbitrageIntent, TradeResult, TradeState, Wire } from '../domain/index.js';
import type { CarriedTimeline } from './timeline.js';

/** What a long trade takes along into its next run. */
export interface CarriedTrade extends CarriedTimeline {
  readonly state: Wire<TradeState>;
}

/** The procedure's shape, for whoever continues it in a new run. */
export type Arbitrage = (
  intent: Wire<ArbitrageIntent>,
  carried?: CarriedTrade,
) => Promise<Wire<TradeResult>>;
