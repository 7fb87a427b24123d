import type { Money, Quantity, VenueName } from '../../domain/index.js';
import { money, quantity } from '../../domain/index.js';

export interface DurationRange {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** How long a match takes to become final, or to fail. All counted from the match. */
export interface Confirmation {
  readonly mined: DurationRange;
  readonly confirmed: DurationRange;
  readonly retrying: DurationRange;
  readonly failed: DurationRange;
}

/** Where the two venues differ in what the exchange itself does. */
export interface VenueRules {
  /** YES and NO of one market cancel out in one position and free a dollar (Kalshi). */
  readonly nets: boolean;
  /** Trades are provisional until a chain has them (Polymarket). Absent: final at once. */
  readonly confirmation?: Confirmation;
  /**
   * Shares of a resolved market are redeemed for their holders this long after it (Polymarket).
   * Absent: the venue pays on its own as soon as the market is settled (Kalshi).
   */
  readonly redemption?: DurationRange;
  /** An immediate order that meets nothing is refused, not taken in and canceled (Polymarket). */
  readonly refusesUnmatched: boolean;
  /** A taker gets one trade for all its makers (Polymarket), else one for each (Kalshi). */
  readonly hasOneTradePerTaker: boolean;
  /** Balances are whole multiples of this after every fill (Kalshi, non-direct members). */
  readonly cashPrecision?: Money;
  /**
   * What shares bought for a sum are cut to. Polymarket's order sizes have two decimals; how it
   * cuts a price-improved market buy is undocumented.
   */
  readonly shareStep: Quantity;
}

const CENT = money('0.01');
const HUNDREDTH = quantity('0.01');

/** Confirmation is quicker than the chain's own seconds, so that a short session sees its end. */
const confirmation: Confirmation = {
  mined: { leastMs: 100, mostMs: 400 },
  confirmed: { leastMs: 500, mostMs: 1_500 },
  retrying: { leastMs: 300, mostMs: 800 },
  failed: { leastMs: 900, mostMs: 2_500 },
};

/** On chain a holder redeems when it likes; this is somebody who does so at once. */
const redemption: DurationRange = { leastMs: 200, mostMs: 800 };

export const venueRules: Readonly<Record<VenueName, VenueRules>> = {
  kalshi: {
    nets: true,
    refusesUnmatched: false,
    hasOneTradePerTaker: false,
    cashPrecision: CENT,
    shareStep: HUNDREDTH,
  },
  polymarket: {
    nets: false,
    confirmation,
    redemption,
    refusesUnmatched: true,
    hasOneTradePerTaker: true,
    shareStep: HUNDREDTH,
  },
};
