import type { Instrument, Market, Outcome, VenueName } from './instrument.js';

/** Two markets that a named person has found to pay on the same event, from their rule texts. */
export interface Pair {
  readonly pairId: string;
  readonly description: string;
  readonly kalshi: Market;
  readonly polymarket: Market;
  /** SHA-256 (hex) of each rule text as it was when the equivalence was approved. */
  readonly ruleTextSha256: Readonly<Record<VenueName, string>>;
  readonly approval: { readonly by: string; readonly atMs: number };
}

export const arbitrageTypes = [
  'poly_yes_kalshi_no',
  'kalshi_yes_poly_no',
  'poly_same_market',
  'kalshi_same_market',
] as const;
/** Which venue's YES is bought against which venue's NO; a same-market type is one crossed book. */
export type ArbitrageType = (typeof arbitrageTypes)[number];

const yesVenue = {
  poly_yes_kalshi_no: 'polymarket',
  kalshi_yes_poly_no: 'kalshi',
  poly_same_market: 'polymarket',
  kalshi_same_market: 'kalshi',
} as const satisfies Record<ArbitrageType, VenueName>;

const noVenue = {
  poly_yes_kalshi_no: 'kalshi',
  kalshi_yes_poly_no: 'polymarket',
  poly_same_market: 'polymarket',
  kalshi_same_market: 'kalshi',
} as const satisfies Record<ArbitrageType, VenueName>;

/** The market that a leg of an arbitrage trades in. A leg is named by the outcome that it buys. */
export function legMarket(pair: Pair, type: ArbitrageType, leg: Outcome): Market {
  return pair[leg === 'yes' ? yesVenue[type] : noVenue[type]];
}

/**
 * A leg that waits: where one venue of a pair holds takers back before it matches them, its order goes
 * first and alone, and what it has filled is hedged at the other venue.
 */
export function isHeldBack(pair: Pair, venue: VenueName): boolean {
  const other = venue === 'kalshi' ? 'polymarket' : 'kalshi';
  return pair[other].isTakerDelayed && !pair[venue].isTakerDelayed;
}

export function legInstrument(pair: Pair, type: ArbitrageType, leg: Outcome): Instrument {
  const { venue, market } = legMarket(pair, type, leg);
  return { venue, market, outcome: leg };
}
