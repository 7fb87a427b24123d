import type { Book } from '../book.js';
import type { Instrument } from '../instrument.js';
import type { Price, Quantity } from '../money.js';
import { price } from '../money.js';
import type { ArbitrageType, Pair } from '../pair.js';
import { legInstrument } from '../pair.js';
import type { NoArbitrage, PricedArbitrage } from './arbitrage-question.js';
import { priceArbitrage } from './price-arbitrage.js';

/**
 * A trade that nets less than a cent per contract is not worth its risk of a mismatch (seed 001).
 */
export const EDGE_MIN_DEFAULT: Price = price('0.01');

/** The two types that buy across venues; the others are one venue's own crossed book. */
export const crossVenueTypes = [
  'poly_yes_kalshi_no',
  'kalshi_yes_poly_no',
] as const satisfies readonly ArbitrageType[];

export const sameMarketTypes = [
  'poly_same_market',
  'kalshi_same_market',
] as const satisfies readonly ArbitrageType[];

export interface PairQuestion {
  readonly pair: Pair;
  readonly bookOf: (instrument: Instrument) => Book | undefined;
  readonly contractsMax: Quantity;
  readonly edgeMin: Price;
}

/**
 * The arbitrage of the pair that nets the most dollars now; `undefined` where neither type does.
 */
export function bestArbitrage(question: PairQuestion): PricedArbitrage | undefined {
  return crossVenueTypes
    .map((type) => priceType(question, type))
    .filter((priced) => priced.kind === 'opportunity')
    .toSorted((left, right) => (left.net >= right.net ? -1 : 1))
    .at(0);
}

/**
 * The instruments whose venue offers both outcomes for a dollar or less: a fault worth a log line.
 */
export function crossedBooks(question: PairQuestion): readonly Instrument[] {
  return sameMarketTypes
    .map((type) => priceType(question, type))
    .filter((priced) => priced.kind === 'none')
    .flatMap((none) => (none.reason === 'book_crossed' ? [none.instrument] : []));
}

function priceType(question: PairQuestion, type: ArbitrageType): PricedArbitrage | NoArbitrage {
  const { pair, bookOf, contractsMax, edgeMin } = question;
  const books = {
    yes: bookOf(legInstrument(pair, type, 'yes')),
    no: bookOf(legInstrument(pair, type, 'no')),
  };
  return priceArbitrage({ pair, type, books, contractsMax, edgeMin });
}
