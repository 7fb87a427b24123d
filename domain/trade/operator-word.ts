import type { Price, Quantity } from '../money.js';
import { add, ZERO_QUANTITY } from '../money.js';

/** What an operator says became of an order that nobody heard of. */
export type SaidEvidence =
  | { readonly kind: 'never_arrived' }
  /** All of it traded; `trades` as the operator has read them off the venue. */
  | { readonly kind: 'filled'; readonly trades: readonly SaidTrade[] }
  /** It is over, and so many contracts traded before it was. */
  | { readonly kind: 'canceled'; readonly filled: Quantity };

export interface SaidTrade {
  readonly executionId: string;
  readonly quantity: Quantity;
  readonly price: Price;
}

/**
 * An operator's word about an unknown order: an expectation (DESIGN §1.2, §1.3).
 *
 * 1. It ends the waiting, never the doubt: the order stays `unknown`, so that its worst case counts in
 *    every excess, nothing is bought for its leg, and a freeze for it stays until the venue speaks.
 * 2. It is no fill: the reservation covers what it says until trade rows arrive, and rows alone count.
 * 3. Whatever the venue says later beats it, and a contradiction is a break.
 */
export interface OperatorWord {
  readonly clientOrderId: string;
  readonly evidence: SaidEvidence;
  readonly by: string;
  readonly why?: string;
}

/** Contracts that this order traded if the word is true. */
export function expectedOf({ evidence }: OperatorWord): Quantity {
  switch (evidence.kind) {
    case 'never_arrived':
      return ZERO_QUANTITY;
    case 'filled':
      return evidence.trades.map((trade) => trade.quantity).reduce(add, ZERO_QUANTITY);
    case 'canceled':
      return evidence.filled;
  }
}
