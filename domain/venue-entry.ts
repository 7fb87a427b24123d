import type { Side } from './child-order.js';
import type { Instrument } from './instrument.js';
import type { Money, Price, Quantity } from './money.js';

/** Provisional until the venue cannot take it back: a Polymarket match until CONFIRMED on chain. */
export type Finality = 'provisional' | 'final';

interface EntryOf {
  /** Our account (not the venue's name for it). */
  readonly account: string;
  readonly instrument: Instrument;
  /** Signed change of the account's cash at this venue, fees included. */
  readonly cash: Money;
  readonly atMs: number;
}

/**
 * A traded part of one of our orders. Counted once by (venue, account, venueOrderId, executionId).
 */
export interface Fill extends EntryOf {
  readonly kind: 'fill';
  readonly venueOrderId: string;
  readonly executionId: string;
  /** Absent where the venue's row does not name it: then the order is found by `venueOrderId`. */
  readonly clientOrderId?: string;
  readonly side: Side;
  readonly quantity: Quantity;
  /** Per contract of `instrument`. */
  readonly price: Price;
  readonly fee: Money;
  readonly finality: Finality;
}

/**
 * A fill that the venue took back (Polymarket FAILED). The amounts are the fill's, as positive
 * figures.
 */
export interface Reversal extends EntryOf {
  readonly kind: 'reversal';
  readonly venueOrderId: string;
  readonly executionId: string;
  readonly clientOrderId?: string;
  readonly side: Side;
  readonly quantity: Quantity;
  readonly price: Price;
  readonly fee: Money;
}

/**
 * A market resolved and paid: the position of `instrument` goes to zero. `reference` is the
 * venue's.
 */
export interface Settlement extends EntryOf {
  readonly kind: 'settlement';
  readonly reference: string;
  /** Contracts of `instrument` that were held and are gone. */
  readonly quantity: Quantity;
  /** 1, 0, or what a scalar or void pays per contract. */
  readonly price: Price;
}

/**
 * YES and NO of one market became a dollar each (merge), or came from one (split), as far as it
 * concerns `instrument`: the transaction has a second entry for the other outcome, and half of its
 * cash is said of either. Only where outcomes are shares of their own (Polymarket, on chain).
 */
export interface SetChange extends EntryOf {
  readonly kind: 'merge' | 'split';
  /** The venue's, the same in both entries. */
  readonly reference: string;
  readonly quantity: Quantity;
  /** Half a dollar: what one half of a set is worth says nobody. */
  readonly price: Price;
}

/** What moves contracts without an order of ours. */
export type Unordered = Settlement | SetChange;

/** What a venue says moved a position or cash. Only these move ours (promise 3). */
export type VenueEntry = Fill | Reversal | Unordered;
export type TradeRow = Fill | Reversal;

/** Whether an entry is of an order: nothing else can have been sent by us. */
export function isTradeRow(entry: VenueEntry): entry is TradeRow {
  return entry.kind === 'fill' || entry.kind === 'reversal';
}
