import type { Side } from './child-order.js';
import type { Instrument } from './instrument.js';
import { opposite } from './instrument.js';
import type { Money, Price, Quantity } from './money.js';
import {
  add,
  least,
  notional,
  ONE_DOLLAR,
  perContract,
  subtract,
  ZERO_MONEY,
  ZERO_QUANTITY,
} from './money.js';

/** All that rests at one price. */
export interface Level {
  readonly price: Price;
  readonly quantity: Quantity;
}

/**
 * One instrument's book, best level first on both sides. Times are local, in epoch milliseconds.
 */
export interface Book {
  readonly instrument: Instrument;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** When its connection last spoke: data, or the answer to our ping. A quiet book is not stale. */
  readonly heardAtMs: number;
  /** Messages are known to be missing (or the book crossed): nothing may be priced from it. */
  readonly hasGap: boolean;
}

/** What an order would take from a book, level by level, and at which prices. */
export interface Walk {
  readonly levels: readonly Level[];
  readonly quantity: Quantity;
  /** Dollars before fees: what a buy pays (rounded up) or a sale brings (rounded down). */
  readonly notional: Money;
  readonly worstPrice: Price;
  /** Rounded against us. */
  readonly averagePrice: Price;
}

export interface WalkTerms {
  readonly side: Side;
  /** Levels worse than this stay untouched; absent = as deep as it goes. */
  readonly limitPrice?: Price;
  readonly quantityMax: Quantity;
}

/**
 * The other outcome's book: a bid for YES at p is an offer of NO at 1 − p, since one of each pays
 * a dollar for certain.
 */
export function mirror(book: Book): Book {
  const { instrument } = book;
  return {
    ...book,
    instrument: { ...instrument, outcome: opposite(instrument.outcome) },
    bids: book.asks.map(mirrorLevel),
    asks: book.bids.map(mirrorLevel),
  };
}

/** The best bid is not below the best ask: two sides that should have traded. */
export function isCrossed({ bids, asks }: Book): boolean {
  const [bid] = bids;
  const [ask] = asks;
  return bid !== undefined && ask !== undefined && bid.price >= ask.price;
}

/** The levels that an order on `side` trades against. */
export function levelsFor(book: Book, side: Side): readonly Level[] {
  return side === 'buy' ? book.asks : book.bids;
}

/** Walks `levels` from the best, within the limit. `undefined` where nothing can be taken. */
export function walk(levels: readonly Level[], terms: WalkTerms): Walk | undefined {
  const taken = takenFrom(levels, terms);
  const worst = taken.at(-1);
  if (worst === undefined) return undefined;
  const rounding = terms.side === 'buy' ? 'ceil' : 'floor';
  const quantity = taken.map((level) => level.quantity).reduce(add, ZERO_QUANTITY);
  const total = taken
    .map((level) => notional(level.price, level.quantity, rounding))
    .reduce(add, ZERO_MONEY);
  return {
    levels: taken,
    quantity,
    notional: total,
    worstPrice: worst.price,
    averagePrice: perContract(total, quantity, rounding),
  };
}

function takenFrom(levels: readonly Level[], terms: WalkTerms): readonly Level[] {
  const taken: Level[] = [];
  let left = terms.quantityMax;
  for (const { price, quantity } of levels) {
    if (left <= 0n || isBeyond(price, terms)) break;
    const take = least(left, quantity);
    if (take > 0n) taken.push({ price, quantity: take });
    left = subtract(left, take);
  }
  return taken;
}

function isBeyond(price: Price, { side, limitPrice }: WalkTerms): boolean {
  if (limitPrice === undefined) return false;
  return side === 'buy' ? price > limitPrice : price < limitPrice;
}

function mirrorLevel({ price, quantity }: Level): Level {
  return { price: subtract(ONE_DOLLAR, price), quantity };
}
