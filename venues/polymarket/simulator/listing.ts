import type { Level } from '../../../domain/book.js';
import type { Market, Outcome } from '../../../domain/instrument.js';
import { formatAmount, ONE_DOLLAR, type Price, subtract } from '../../../domain/money.js';
import { tickAt } from '../../../domain/price-grid.js';
import type { BookSnapshot, SimulatedExchange, SimulatedMarket } from '../../simulation/index.js';
import { tokenOf } from '../prepare-order.js';
import { bookHash } from '../token-book.js';
import type { WireBook } from '../wire.js';

/** What a token stands for. */
export interface ListedToken {
  readonly token: string;
  readonly outcome: Outcome;
  readonly market: Market;
}

/** The exchange's markets by what this venue calls them. */
export interface Listing {
  token(token: string): ListedToken | undefined;
  market(condition: string): SimulatedMarket | undefined;
  /** YES first. */
  tokensOf(market: Market): readonly [ListedToken, ListedToken];
  /** The full book of a token, as `GET /book` and the `book` event give it. */
  book(token: ListedToken, atMs?: number): WireBook;
  close(): void;
}

export function createListing(exchange: SimulatedExchange): Listing {
  const byToken = new Map<string, ListedToken>();
  const list = ({ market }: SimulatedMarket) => {
    for (const listed of tokensOf(market)) byToken.set(listed.token, listed);
  };
  for (const market of exchange.markets()) list(market);
  const stop = exchange.onEvent((event) => {
    if (event.kind === 'market') list(event.market);
  });
  return {
    token: (token) => byToken.get(token),
    market: (condition) => exchange.market(condition),
    tokensOf,
    book: (listed, atMs = exchange.now()) =>
      wireBook(listed, exchange.book(listed.market.market), atMs),
    close: stop,
  };
}

function tokensOf(market: Market): readonly [ListedToken, ListedToken] {
  const named = (outcome: Outcome) => ({
    token: tokenOf(market, { outcome }),
    outcome,
    market,
  });
  return [named('yes'), named('no')];
}

/** The tick of a market: one for all of its prices, as on this venue. */
export function tickOf(market: Market): Price {
  const [band] = market.priceBands;
  return band?.step ?? tickAt(market, subtract(ONE_DOLLAR, ONE_DOLLAR));
}

/** NO at p is YES at 1 − p: the sides change places, and so does the order of the levels. */
function wireBook(
  { token, outcome, market }: ListedToken,
  snapshot: BookSnapshot | undefined,
  nowMs: number,
): WireBook {
  const [bids, asks] = [snapshot?.bids ?? [], snapshot?.asks ?? []];
  const [buying, selling] = outcome === 'yes' ? [bids, asks] : [asks, bids];
  const book: WireBook = {
    market: market.market,
    asset_id: token,
    timestamp: nowMs.toString(),
    hash: '',
    bids: wireLevels(buying, outcome),
    asks: wireLevels(selling, outcome),
    min_order_size: formatAmount(market.minimumQuantity),
    tick_size: formatAmount(tickOf(market)),
    neg_risk: market.tokens?.isNegRisk ?? false,
    last_trade_price: '',
  };
  return { ...book, hash: bookHash(book) };
}

/** Best last: bids ascending, asks descending (venues.md 2.8). */
function wireLevels(levels: readonly Level[], outcome: Outcome) {
  return [...levels].reverse().map(({ price, quantity }) => ({
    price: formatAmount(outcome === 'yes' ? price : subtract(ONE_DOLLAR, price)),
    size: formatAmount(quantity),
  }));
}
