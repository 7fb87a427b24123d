import type { Instrument } from './instrument.js';
import type { Price, Quantity } from './money.js';

/** All that rests at one price. */
export interface Level {
  readonly price: Price;
  readonly quantity: Quantity;
}

/** One instrument's book, best level first on both sides. Times are local, in epoch milliseconds. */
export interface Book {
  readonly instrument: Instrument;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** When its connection last spoke: data, or the answer to our ping. A quiet book is not stale. */
  readonly heardAtMs: number;
  /** Messages are known to be missing (or the book crossed): nothing may be priced from it. */
  readonly hasGap: boolean;
}
