import type { Book } from '../book.js';
import type { Instrument, Outcome } from '../instrument.js';
import type { Money, Price, Quantity } from '../money.js';
import type { ArbitrageType, Pair } from '../pair.js';

/** One of something for each leg; a leg is named by the outcome that it buys. */
export type Legs<T> = Readonly<Record<Outcome, T>>;

export interface ArbitrageQuestion {
  readonly pair: Pair;
  readonly type: ArbitrageType;
  /** The book of each leg's own instrument; `undefined` where there is none yet. */
  readonly books: Legs<Book | undefined>;
  readonly contractsMax: Quantity;
  /** The least net gain per contract, after both venues' fees, of every contract bought. */
  readonly edgeMin: Price;
  /** Offers above these stay untouched; absent = only the edge bounds the price. */
  readonly limitPrice?: Legs<Price>;
}

/** Buy this many of both, each at its limit or better, and one of the two pays a dollar. */
export interface PricedArbitrage {
  readonly kind: 'opportunity';
  readonly type: ArbitrageType;
  readonly contracts: Quantity;
  /** Net gain per contract, after the planning bound of both venues' fees, rounded down. */
  readonly edge: Price;
  readonly net: Money;
  /** The worst level that each leg walks. */
  readonly limitPrice: Legs<Price>;
  /** What each leg costs level by level, before fees. */
  readonly expectedCost: Legs<Money>;
  readonly fees: Legs<Money>;
}

export type NoArbitrage = { readonly kind: 'none'; readonly type: ArbitrageType } & (
  | { readonly reason: 'book_missing'; readonly instrument: Instrument }
  /** One venue's own book offers YES and NO for a dollar or less: not ours to take, but logged. */
  | { readonly reason: 'book_crossed'; readonly instrument: Instrument }
  | { readonly reason: 'edge_too_small'; readonly edge: Price }
  /** `contracts` is what rests on both sides at a sufficient edge. */
  | { readonly reason: 'liquidity_too_small'; readonly contracts: Quantity }
);
