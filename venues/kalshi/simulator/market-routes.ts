import type { SimulatedExchange } from '../../simulation/index.js';
import type { Answer, Call } from './answer.js';
import { answer, errorAnswer } from './answer.js';
import { bidsOf, marketRow } from './rows.js';
import { venueError } from './venue-error.js';

/** What everybody may read, signed or not. */
export function marketRoutes(
  exchange: SimulatedExchange,
): Readonly<Record<string, (call: Call) => Answer>> {
  return {
    '/exchange/status': () => answer({ exchange_active: true, trading_active: true }),
    '/markets': ({ query }) => answer(markets(exchange, query.status)),
    '/markets/:ticker': ({ params }) => market(exchange, params.ticker ?? ''),
    '/markets/:ticker/orderbook': ({ params }) => orderbook(exchange, params.ticker ?? ''),
  };
}

/** The listing's filter has a name of its own for active markets. */
function markets(exchange: SimulatedExchange, status: string | undefined) {
  const wanted = status === 'open' ? 'active' : status;
  const rows = exchange.markets().map(marketRow);
  const shown = rows.filter((row) => wanted === undefined || row.status === wanted);
  return { markets: shown, cursor: '' };
}

function market(exchange: SimulatedExchange, ticker: string): Answer {
  const found = exchange.market(ticker);
  return found ? answer({ market: marketRow(found) }) : unknownMarket;
}

function orderbook(exchange: SimulatedExchange, ticker: string): Answer {
  const book = exchange.book(ticker);
  if (!book) return unknownMarket;
  const { yes, no } = bidsOf(book);
  return answer({ orderbook_fp: { yes_dollars: yes, no_dollars: no } });
}

const unknownMarket = errorAnswer(venueError(404, 'not_found', 'market not found'));
