import type { ArbitrageIntent, TradeResult, TradeState, Wire } from '../domain/index.js';
import type { TimelineEvent } from './messages.js';

/** What a long trade takes along into its next run. */
export interface CarriedTrade {
  readonly state: Wire<TradeState>;
  readonly timeline: readonly TimelineEvent[];
  /** Lines that no activity has taken along yet; absent in runs of before they were carried. */
  readonly untold?: readonly TimelineEvent[];
}

/** The procedure's shape, for whoever continues it in a new run. */
export type Arbitrage = (
  intent: Wire<ArbitrageIntent>,
  carried?: CarriedTrade,
) => Promise<Wire<TradeResult>>;
