import type {
  Operation,
  RowsQuery,
  SimulatedExchange,
  SimulatedOrder,
  SimulatedTrade,
  Subject,
} from '../../simulation/index.js';
import { shownUntilMs } from '../../simulation/index.js';
import type { Answer, Call } from './answer.js';
import { answer, errorAnswer } from './answer.js';
import { pageOf } from './page.js';
import { dollars, fillRow, inCents, orderRow, positionRow, settlementRow } from './rows.js';
import { venueError } from './venue-error.js';

/** How the venue's reads differ from its truth. */
export interface ReadTerms {
  /** Orders and fills are listed this much after they happened. */
  readonly readLagMs: number;
  /** Ended orders and fills this old are in the historical listings only. */
  readonly archiveAfterMs: number;
}

type Routes = Readonly<Record<string, (call: Call) => Answer>>;

/** Everything that an account may read of itself, by path. */
export function accountRoutes(reads: Reads): Routes {
  const { exchange } = reads;
  return {
    '/portfolio/orders': (call) => answer(orderPage(reads, call, 'live')),
    '/portfolio/orders/:order_id': (call) => oneOrder(reads, call),
    '/portfolio/fills': (call) => answer(fillPage(reads, call, 'live')),
    '/portfolio/settlements': (call) => answer(settlementPage(reads, call)),
    '/portfolio/positions': (call) => answer(positions(exchange, call)),
    '/portfolio/balance': ({ account }) => answer(balance(exchange, account)),
    '/historical/orders': (call) => answer(orderPage(reads, call, 'historical')),
    '/historical/fills': (call) => answer(fillPage(reads, call, 'historical')),
    '/historical/cutoff': () => answer(cutoff(reads)),
    '/exchange/user_data_timestamp': () => answer({ as_of_time: isoTime(asOfMs(reads)) }),
  };
}

/** What an account is shown of an exchange. */
export interface Reads {
  readonly exchange: SimulatedExchange;
  readonly terms: ReadTerms;
}

type Shelf = 'live' | 'historical';

function orderPage(reads: Reads, call: Call, shelf: Shelf) {
  const { status } = call.query;
  const rows = reads.exchange
    .orders(rowsQuery(reads, call, 'read_orders'))
    .filter((order) => isArchived(reads, order) === (shelf === 'historical'))
    .filter((order) => status === undefined || orderRow(order).status === status);
  const page = pageOf(rows, call.query);
  if (shelf === 'historical') {
    for (const { clientKey } of page.rows) reads.exchange.conditions.noteOld(clientKey, 'listed');
  }
  return { orders: page.rows.map(orderRow), cursor: page.cursor };
}

/** The live listing does not have it any more. */
export const isArchived = (reads: Reads, order: SimulatedOrder): boolean =>
  shelfOf(reads, endedAtMs(order)) === 'historical';

/** Working orders are always in the live listing. */
const endedAtMs = ({ state, updatedAtMs }: SimulatedOrder): number =>
  state === 'working' ? Number.POSITIVE_INFINITY : updatedAtMs;

function oneOrder(reads: Reads, { account, params }: Call): Answer {
  const order = reads.exchange.order(params.order_id ?? '');
  const shownMs = asOfMs(reads, { operation: 'read_orders', account, ...aboutOrder(order) });
  const isShown = order?.account === account && order.createdAtMs <= shownMs;
  return isShown
    ? answer({ order: orderRow(order) })
    : errorAnswer(venueError(404, 'not_found', 'not found'));
}

function fillPage(reads: Reads, call: Call, shelf: Shelf) {
  const { order_id } = call.query;
  const query = {
    ...rowsQuery(reads, call, 'read_fills'),
    ...(order_id && { venueOrderId: order_id }),
  };
  const trades = reads.exchange
    .trades(query)
    .filter((trade) => shelfOf(reads, trade.atMs) === shelf);
  const page = pageOf(trades, call.query);
  const fills = page.rows.flatMap((trade) => ownFills(trade, query));
  return { fills, cursor: page.cursor };
}

function ownFills(trade: SimulatedTrade, { account, venueOrderId }: RowsQuery) {
  return trade.parts
    .filter((part) => part.account === account)
    .filter((part) => (venueOrderId ?? part.venueOrderId) === part.venueOrderId)
    .map((part) => fillRow(trade, part));
}

function settlementPage(reads: Reads, call: Call) {
  const page = pageOf(reads.exchange.settlements(rowsQuery(reads, call)), call.query);
  return { settlements: page.rows.map(settlementRow), cursor: page.cursor };
}

function positions(exchange: SimulatedExchange, { account, query }: Call) {
  const rows = exchange
    .positions(account)
    .filter(({ market }) => (query.ticker ?? market) === market)
    .map(({ market, outcome, quantity }) =>
      positionRow(market, outcome === 'yes' ? quantity : -BigInt(quantity)),
    );
  return { market_positions: rows, event_positions: [], cursor: '' };
}

function balance(exchange: SimulatedExchange, account: string) {
  const { available } = exchange.balance(account);
  return {
    balance: inCents(available),
    balance_dollars: dollars(available),
    portfolio_value: 0,
    updated_ts: seconds(exchange.now()),
  };
}

function cutoff(reads: Reads) {
  const at = isoTime(cutoffMs(reads));
  return { market_settled_ts: at, trades_created_ts: at, orders_updated_ts: at };
}

/** Whole seconds on the wire, both ends included. */
function rowsQuery(reads: Reads, { account, query }: Call, operation?: Operation): RowsQuery {
  const { ticker, min_ts, max_ts } = query;
  const untilMs = max_ts === undefined ? Number.POSITIVE_INFINITY : (Number(max_ts) + 1) * 1000;
  return {
    account,
    ...(ticker !== undefined && { market: ticker }),
    ...(min_ts !== undefined && { sinceMs: Number(min_ts) * 1000 }),
    untilMs: Math.min(untilMs, asOfMs(reads, operation && { operation, account }) + 1),
  };
}

const stampMs = (exchange: SimulatedExchange): number =>
  exchange.now() - exchange.conditions.readLagMs;

/** What is newer is on no page yet. The venue's stamp tells of its own lag, not of a fault's. */
function asOfMs({ exchange, terms }: Reads, read?: Omit<Subject, 'atMs'>): number {
  const shownMs = read ? shownUntilMs(exchange, read) : stampMs(exchange);
  return Math.min(shownMs, exchange.now() - terms.readLagMs);
}

const aboutOrder = (order: SimulatedOrder | undefined) =>
  order && { market: order.market, side: order.side, clientKey: order.clientKey };

const cutoffMs = ({ exchange, terms }: Reads): number =>
  Math.max(0, exchange.now() - terms.archiveAfterMs);

const shelfOf = (reads: Reads, atMs: number): Shelf =>
  atMs < cutoffMs(reads) ? 'historical' : 'live';

const isoTime = (ms: number): string => new Date(ms).toISOString();
const seconds = (ms: number): number => Math.floor(ms / 1000);
