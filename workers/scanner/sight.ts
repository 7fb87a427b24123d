import {
  type Book,
  bestArbitrage,
  crossedBooks,
  type Instrument,
  least,
  legInstrument,
  ONE_DOLLAR,
  type Pair,
  type PairQuestion,
  type Price,
  type Quantity,
  subtract,
} from '../../domain/index.js';
import type { Sighting } from './build-intent.js';

export type BookOf = (instrument: Instrument) => Book | undefined;

export interface SightTerms {
  readonly contractsMax: Quantity;
  readonly edgeMin: Price;
}

/** What both books of a pair offer now, if either direction nets enough. */
export function sight(pair: Pair, bookOf: BookOf, terms: SightTerms): Sighting | undefined {
  const best = bestArbitrage(questionOf(pair, bookOf, terms));
  if (!best) return undefined;
  const { type, contracts, edge, limitPrice } = best;
  const [yes, no] = (['yes', 'no'] as const).map((leg) => bookOf(legInstrument(pair, type, leg)));
  if (!yes || !no) return undefined; // it was priced from them, so they are there
  const { pairId } = pair;
  return { pairId, type, contracts, edge, limitPrice, books: { yes, no } };
}

/** A venue whose own book offers YES and NO for a dollar or less: reported, never taken. */
export function sightCrossed(pair: Pair, bookOf: BookOf, terms: SightTerms): Sighting | undefined {
  const [crossed] = crossedBooks(questionOf(pair, bookOf, terms));
  if (!crossed) return undefined;
  const yes = bookOf({ ...crossed, outcome: 'yes' });
  const no = bookOf({ ...crossed, outcome: 'no' });
  const bid = yes?.bids[0];
  const ask = yes?.asks[0];
  if (!yes || !no || !bid || !ask) return undefined;
  const type = crossed.venue === 'kalshi' ? 'kalshi_same_market' : 'poly_same_market';
  const limitPrice = { yes: ask.price, no: subtract(ONE_DOLLAR, bid.price) };
  const edge = subtract(bid.price, ask.price);
  const contracts = least(bid.quantity, ask.quantity);
  return { pairId: pair.pairId, type, contracts, edge, limitPrice, books: { yes, no } };
}

const questionOf = (pair: Pair, bookOf: BookOf, terms: SightTerms): PairQuestion => ({
  ...{ pair, bookOf, contractsMax: terms.contractsMax, edgeMin: terms.edgeMin },
});
