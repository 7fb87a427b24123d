import { type BookSnapshot, ruleTextOf, type SimulatedExchange } from '../../simulation/index.js';
import type { Answer, Call } from './answer.js';
import { answer, errorAnswer } from './answer.js';
import { pageOf } from './page.js';
import { bidsOf, isoTime, marketRow } from './rows.js';
import { venueError } from './venue-error.js';

/** What everybody may read, signed or not. */
export function marketRoutes(
  exchange: SimulatedExchange,
): Readonly<Record<string, (call: Call) => Answer>> {
  return {
    '/exchange/status': () => answer(status(exchange)),
    '/exchange/schedule': () => answer(schedule(exchange)),
    '/markets': ({ query }) => answer(markets(exchange, query)),
    '/markets/orderbooks': ({ query }) => answer(orderbooks(exchange, tickersOf(query.tickers))),
    '/markets/:ticker': ({ params }) => market(exchange, params.ticker ?? ''),
    '/markets/:ticker/orderbook': ({ params }) => orderbook(exchange, params.ticker ?? ''),
  };
}

function status({ conditions: { state } }: SimulatedExchange) {
  return {
    exchange_active: state !== 'halted',
    trading_active: state === undefined || state === 'post_only',
  };
}

/** No standard hours are described: this venue trades round the clock but in announced windows. */
function schedule({ conditions: { maintenance } }: SimulatedExchange) {
  const maintenance_windows = maintenance.map(({ fromMs, untilMs }) => ({
    start_datetime: isoTime(fromMs),
    end_datetime: isoTime(untilMs),
  }));
  return { schedule: { standard_hours: [], maintenance_windows } };
}

/** The listing's filter has a name of its own for active markets. */
function markets(exchange: SimulatedExchange, query: Call['query']) {
  const wanted = query.status === 'open' ? 'active' : query.status;
  const tickers = tickersOf(query.tickers);
  const rows = exchange
    .markets()
    .map((market, index) => ({ row: marketRow(market), sequence: index + 1 }))
    .filter(({ row }) => wanted === undefined || row.status === wanted)
    .filter(({ row }) => tickers.length === 0 || tickers.includes(row.ticker));
  const page = pageOf(rows, query);
  return { markets: page.rows.map(({ row }) => row), cursor: page.cursor };
}

/** Several are named with commas (`/markets`) or by saying the name again (`/markets/orderbooks`). */
const tickersOf = (said: string | readonly string[] | undefined): readonly string[] =>
  [said ?? []].flat().flatMap((text) => text.split(',').filter((ticker) => ticker !== ''));

function orderbooks(exchange: SimulatedExchange, tickers: readonly string[]) {
  const books = tickers.flatMap((ticker) => {
    const book = exchange.book(ticker);
    return book ? [{ ticker, ...wireBook(book) }] : [];
  });
  return { orderbooks: books };
}

function market(exchange: SimulatedExchange, ticker: string): Answer {
  const found = exchange.market(ticker);
  if (!found) return unknownMarket;
  const rules_primary = exchange.conditions.ruleTexts.get(ticker) ?? ruleTextOf(found.market);
  return answer({ market: { ...marketRow(found), rules_primary, rules_secondary: '' } });
}

function orderbook(exchange: SimulatedExchange, ticker: string): Answer {
  const book = exchange.book(ticker);
  if (!book) return unknownMarket;
  return answer(wireBook(book));
}

function wireBook(book: BookSnapshot) {
  const { yes, no } = bidsOf(book);
  return { orderbook_fp: { yes_dollars: yes, no_dollars: no } };
}

const unknownMarket = errorAnswer(venueError(404, 'not_found', 'market not found'));
