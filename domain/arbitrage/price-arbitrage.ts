import type { Price } from '../money.js';
import { ZERO_QUANTITY } from '../money.js';
import type { Leg } from './arbitrage-legs.js';
import { legsOf, marginalEdge, topEdge } from './arbitrage-legs.js';
import type {
  ArbitrageQuestion,
  Legs,
  NoArbitrage,
  PricedArbitrage,
} from './arbitrage-question.js';
import { executableDepth } from './executable-depth.js';
import { largestSize } from './largest-size.js';

/**
 * What a pair is worth by its books.
 *
 * 1. Nothing is priced from a book that is missing, has a gap or is crossed. A same-market type
 *    is never an opportunity: at most it says that the book is crossed.
 * 2. Size is the depth on both sides at which even the last contract nets `edgeMin`.
 * 3. It is at least one contract and both venues' minimum, in whole lots of both, and such that a
 *    collateral-sized leg costs whole cents: so both legs can be filled equally.
 * 4. The whole trade nets at least `edgeMin` per contract after both orders' fees and rounding.
 */
export function priceArbitrage(question: ArbitrageQuestion): PricedArbitrage | NoArbitrage {
  const { type } = question;
  const legs = legsOf(question);
  if ('reason' in legs) return { kind: 'none', type, ...legs };

  const edge = topEdge(legs);
  if (edge === undefined) {
    return { kind: 'none', type, reason: 'liquidity_too_small', contracts: ZERO_QUANTITY };
  }
  if (edge < question.edgeMin || legs.yes.market === legs.no.market) {
    return { kind: 'none', type, reason: 'edge_too_small', edge };
  }
  const slices = executableDepth({ yes: legs.yes.asks, no: legs.no.asks }, (prices) =>
    isWorthIt(question, legs, prices),
  );
  return largestSize(question, legs, slices);
}

function isWorthIt(question: ArbitrageQuestion, legs: Legs<Leg>, prices: Legs<Price>): boolean {
  const { limitPrice, edgeMin } = question;
  const isBeyond = limitPrice && (prices.yes > limitPrice.yes || prices.no > limitPrice.no);
  return !isBeyond && marginalEdge(legs, prices) >= edgeMin;
}
