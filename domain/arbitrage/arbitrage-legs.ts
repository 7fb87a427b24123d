import type { Book, Level } from '../book.js';
import { isCrossed } from '../book.js';
import { marginalFee } from '../fees.js';
import type { Instrument, Market } from '../instrument.js';
import type { Price } from '../money.js';
import { add, ONE_DOLLAR, subtract } from '../money.js';
import { legInstrument, legMarket } from '../pair.js';
import type { ArbitrageQuestion, Legs } from './arbitrage-question.js';

/** One leg's offers, with the market that says what they cost. */
export interface Leg {
  readonly instrument: Instrument;
  readonly market: Market;
  readonly asks: readonly Level[];
}

/** Why nothing may be priced: there is no book to trust, or it should have traded with itself. */
export interface BookProblem {
  readonly reason: 'book_missing' | 'book_crossed';
  readonly instrument: Instrument;
}

/** Both legs, if both books may be priced from. */
export function legsOf({ pair, type, books }: ArbitrageQuestion): Legs<Leg> | BookProblem {
  const yes = legOf(legInstrument(pair, type, 'yes'), legMarket(pair, type, 'yes'), books.yes);
  if ('reason' in yes) return yes;
  const no = legOf(legInstrument(pair, type, 'no'), legMarket(pair, type, 'no'), books.no);
  if ('reason' in no) return no;
  const isOneBook = yes.market === no.market;
  if (isOneBook && offersBothForADollar(yes.asks, no.asks)) {
    return { reason: 'book_crossed', instrument: yes.instrument };
  }
  return { yes, no };
}

function legOf(instrument: Instrument, market: Market, book?: Book): Leg | BookProblem {
  if (!book || book.hasGap) return { reason: 'book_missing', instrument };
  if (isCrossed(book)) return { reason: 'book_crossed', instrument };
  return { instrument, market, asks: book.asks };
}

/** An offer of NO at 1 − p is a bid for YES at p: the two should have traded with each other. */
function offersBothForADollar(yes: readonly Level[], no: readonly Level[]): boolean {
  const [bestYes] = yes;
  const [bestNo] = no;
  return !!bestYes && !!bestNo && add(bestYes.price, bestNo.price) <= ONE_DOLLAR;
}

/** Net of one contract at the best offers, before rounding; `undefined` where a side is empty. */
export function topEdge(legs: Legs<Leg>): Price | undefined {
  const [bestYes] = legs.yes.asks;
  const [bestNo] = legs.no.asks;
  if (!bestYes || !bestNo) return undefined;
  return marginalEdge(legs, { yes: bestYes.price, no: bestNo.price });
}

/** What one contract more nets at these prices, after fees and before their rounding. */
export function marginalEdge(legs: Legs<Leg>, prices: Legs<Price>): Price {
  const yesCost = add(prices.yes, marginalFee(legs.yes.market.fees, prices.yes));
  const noCost = add(prices.no, marginalFee(legs.no.market.fees, prices.no));
  return subtract(ONE_DOLLAR, add(yesCost, noCost));
}
