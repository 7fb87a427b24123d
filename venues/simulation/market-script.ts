import type { Level, Market, Outcome } from '../../domain/index.js';

/** A market as the seed has it, from listing to payment. */
export interface ScriptedMarket {
  readonly market: Market;
  readonly listedAtMs: number;
  readonly resolvesAtMs: number;
  readonly winner: Outcome;
}

/** What the seeded counterparties show of a market's YES, best first on both sides. */
export interface CrowdQuotes {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** Markets and people of one venue: a function of the seed and the time, with no memory. */
export interface MarketScript {
  /** Markets listed after `afterMs` and not after `untilMs`. */
  listedBetween(afterMs: number, untilMs: number): readonly ScriptedMarket[];
  quotes(market: string, atMs: number): CrowdQuotes;
  /** How long the crowd stays away from a level that was taken. */
  readonly returnsAfterMs: number;
}
