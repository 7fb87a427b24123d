import type { Book, Level } from '../../domain/book.js';
import type { Instrument, Outcome } from '../../domain/instrument.js';
import { opposite } from '../../domain/instrument.js';
import type { Price, Quantity } from '../../domain/money.js';
import { add, ZERO_QUANTITY } from '../../domain/money.js';
import { priceOf } from './book-side.js';

export type WireLevel = readonly [price: Price, quantity: Quantity];

/** Both sides of one market's book. The venue lists bids only: a bid for NO is an offer of YES. */
export interface KalshiBook {
  /** The bids for one outcome and, mirrored, those for the other as its offers; best first. */
  levels(outcome: Outcome): Pick<Book, 'bids' | 'asks'>;
  replace(bids: Readonly<Record<Outcome, readonly WireLevel[]>>): void;
  /** Adds a signed count to one bid level; `false` where the level would go below nothing. */
  change(outcome: Outcome, price: Price, delta: Quantity): boolean;
}

export function createKalshiBook(): KalshiBook {
  const bids = { yes: new Map<Price, Quantity>(), no: new Map<Price, Quantity>() };
  let sorted: Readonly<Record<Outcome, readonly Level[]>> | undefined;

  function sortedBids(): Readonly<Record<Outcome, readonly Level[]>> {
    sorted ??= { yes: bestFirst(bids.yes), no: bestFirst(bids.no) };
    return sorted;
  }

  return {
    levels: (outcome) => ({
      bids: sortedBids()[outcome],
      asks: sortedBids()[opposite(outcome)].map(mirrored),
    }),
    replace: (levels) => {
      sorted = undefined;
      for (const outcome of ['yes', 'no'] as const) {
        bids[outcome] = new Map(levels[outcome].filter(([, quantity]) => quantity > 0n));
      }
    },
    change: (outcome, price, delta) => {
      sorted = undefined;
      const left = add(bids[outcome].get(price) ?? ZERO_QUANTITY, delta);
      if (left > 0n) bids[outcome].set(price, left);
      else bids[outcome].delete(price);
      return left >= 0n;
    },
  };
}

/** One outcome's book as the domain knows it. */
export function bookOf(
  instrument: Instrument,
  book: KalshiBook,
  state: Pick<Book, 'heardAtMs' | 'hasGap'>,
): Book {
  return { instrument, ...book.levels(instrument.outcome), ...state };
}

const mirrored = ({ price, quantity }: Level): Level => ({ price: priceOf('no', price), quantity });

function bestFirst(levels: ReadonlyMap<Price, Quantity>): readonly Level[] {
  return [...levels]
    .map(([price, quantity]) => ({ price, quantity }))
    .sort((left, right) => (left.price > right.price ? -1 : 1));
}
