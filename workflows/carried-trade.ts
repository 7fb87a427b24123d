import type { ArbitrageIntent, ShotName, TradeResult, TradeState, Wire } from '../domain/index.js';
import type { CarriedTimeline } from './timeline.js';

/** What a long trade takes along into its next run. */
export interface CarriedTrade extends CarriedTimeline {
  readonly state: Wire<TradeState>;
}

/** A trade that an engine has fired before anybody was asked, and by which shot. */
export interface FiredBefore {
  readonly shot: ShotName;
}

/** The procedure's shape, for whoever continues it in a new run. */
export type Arbitrage = (
  intent: Wire<ArbitrageIntent>,
  carried?: CarriedTrade | null,
  fired?: FiredBefore,
) => Promise<Wire<TradeResult>>;
