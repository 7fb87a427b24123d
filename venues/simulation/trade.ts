import type { Money, Outcome, Price, Quantity, Side } from '../../domain/index.js';

/** Polymarket's life of a match (reference: venues 2.10). A venue that is final at once starts CONFIRMED. */
export type TradeStatus = 'MATCHED' | 'MINED' | 'CONFIRMED' | 'RETRYING' | 'FAILED';

/** What one order got out of a trade. */
export interface TradePart {
  readonly role: 'taker' | 'maker';
  /** `crowd` for the seeded counterparties. */
  readonly account: string;
  readonly venueOrderId: string;
  readonly clientKey: string;
  readonly outcome: Outcome;
  readonly side: Side;
  readonly quantity: Quantity;
  /** Per contract of `outcome`; of a taker that met several makers the average, rounded down. */
  readonly price: Price;
  /** Exact price × quantity, before fees, never negative. */
  readonly gross: Money;
  readonly fee: Money;
  /** Signed change of the account's cash, fee included, and netted sets where the venue nets. */
  readonly cash: Money;
}

/**
 * One execution: the taker's part first, then a part for each maker. Kalshi makes one trade for
 * each maker; Polymarket one for all of them, so one trade may fill several of an account's orders.
 */
export interface SimulatedTrade {
  readonly tradeId: string;
  readonly market: string;
  readonly status: TradeStatus;
  readonly atMs: number;
  readonly updatedAtMs: number;
  readonly parts: readonly TradePart[];
  /** Grows with every trade: what pages are cut by. */
  readonly sequence: number;
}

/** YES and NO of one market became dollars (merge) or came from them (split), as many of each. */
export interface SimulatedSetChange {
  readonly how: 'merge' | 'split';
  readonly reference: string;
  readonly account: string;
  readonly market: string;
  /** Of YES and of NO alike; a dollar each. */
  readonly quantity: Quantity;
  /** Signed change of the account's cash. */
  readonly cash: Money;
  readonly atMs: number;
  readonly sequence: number;
}

/** A resolved market paid an account's holding of one outcome: it goes to zero. */
export interface SimulatedSettlement {
  readonly reference: string;
  readonly account: string;
  readonly market: string;
  readonly outcome: Outcome;
  readonly quantity: Quantity;
  /** What each contract of `outcome` paid: one dollar, nothing, or a part where it was voided. */
  readonly price: Price;
  readonly cash: Money;
  readonly atMs: number;
  readonly sequence: number;
}
