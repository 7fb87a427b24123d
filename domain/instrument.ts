import type { Price, Quantity, Ratio } from './money.js';

/** The venues that Legwork trades on. Locks over several venues are taken in this (name) order. */
export const venueNames = ['kalshi', 'polymarket'] as const;
export type VenueName = (typeof venueNames)[number];

export type Outcome = 'yes' | 'no';
export const opposite = (outcome: Outcome): Outcome => (outcome === 'yes' ? 'no' : 'yes');

/**
 * One outcome of one binary market: what an order buys or sells. `market` is the venue's own id.
 */
export interface Instrument {
  readonly venue: VenueName;
  readonly market: string;
  readonly outcome: Outcome;
}

/** The key of positions, books and custody: "kalshi/KXRAIN-26NOV21/no". */
export function instrumentKey({ venue, market, outcome }: Instrument): string {
  return `${venue}/${market}/${outcome}`;
}

/** Between `start` and `end` (both legal) prices are multiples of `step`. */
export interface PriceBand {
  readonly start: Price;
  readonly end: Price;
  readonly step: Price;
}

/** Kalshi: rate × C × P × (1−P) × multiplier, taker. Source: reference/venues.md 1.8. */
export interface KalshiFees {
  readonly kind: 'kalshi_quadratic';
  readonly rate: Ratio;
  readonly multiplier: Ratio;
}

/** Polymarket: C × rate × (P × (1−P))^exponent, taker. Source: reference/venues.md 2.9. */
export interface PolymarketFees {
  readonly kind: 'polymarket_taker';
  readonly rate: Ratio;
  /** A whole number of at least 1; 1 on every market known so far. */
  readonly powerOfVariance: number;
}

export type FeeSchedule = KalshiFees | PolymarketFees;

/** What Polymarket needs to name and sign an order of a market. Token ids are decimal uint256. */
export interface PolymarketTokens {
  readonly yesToken: string;
  readonly noToken: string;
  readonly isNegRisk: boolean;
  readonly domainVersion: '2' | '3';
}

/** One binary market on one venue, and everything that says which orders are legal there. */
export interface Market {
  readonly venue: VenueName;
  /** Kalshi: the ticker. Polymarket: the condition id. */
  readonly market: string;
  readonly title: string;
  readonly priceBands: readonly PriceBand[];
  /** Quantities are multiples of this. */
  readonly lot: Quantity;
  readonly minimumQuantity: Quantity;
  readonly fees: FeeSchedule;
  readonly closesAtMs: number;
  /** The venue holds taker orders back before it matches them (Polymarket `itode`, `sd`). */
  readonly isTakerDelayed: boolean;
  /** Kalshi nets: YES and NO of one market cancel out in one signed position. */
  readonly netsOutcomes: boolean;
  readonly tokens?: PolymarketTokens;
}
