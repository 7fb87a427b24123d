import type { Instrument, Outcome } from './instrument.js';
import type { Money, Price, Quantity } from './money.js';

/** What the order holds constant; the other amount follows from the prices it trades at. */
export type Fixed =
  | { readonly kind: 'contracts'; readonly contracts: Quantity }
  | { readonly kind: 'collateral'; readonly collateral: Money };

export type Side = 'buy' | 'sell';
export type TimeInForce = 'DAY' | 'GTC' | 'IOC' | 'FOK' | 'GTD';

/** What one order is for: the entry of a leg, or one rung of getting out of it. */
export type Purpose =
  | { readonly kind: 'entry'; readonly leg: Outcome }
  | {
      readonly kind: 'exit';
      readonly leg: Outcome;
      readonly rung: number;
      readonly attempt: number;
    };

/**
 * One order as we mean it, complete before any byte leaves: what is recorded, signed and reserved.
 */
export interface ChildOrder {
  readonly clientOrderId: string;
  readonly workflowId: string;
  readonly account: string;
  readonly purpose: Purpose;
  readonly instrument: Instrument;
  readonly side: Side;
  readonly timeInForce: TimeInForce;
  /** The worst price, per contract of `instrument` (a NO order states the price of NO). */
  readonly limitPrice: Price;
  readonly fixed: Fixed;
  /** The most contracts that may legally fill: more than that is a break. */
  readonly legalMaximum: Quantity;
  /** The venue may only make the position smaller (Kalshi exits). */
  readonly isReduceOnly: boolean;
  /** What the venue counts and may stop together: entries of one pair (Kalshi). */
  readonly orderGroupId?: string;
  /** After this the first byte may not leave, epoch milliseconds. */
  readonly notAfterMs: number;
  /** The order's own time (epoch milliseconds): part of what Polymarket signs. */
  readonly createdAtMs: number;
}
