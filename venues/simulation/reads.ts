import type { Outcome } from '../../domain/index.js';
import { ZERO_QUANTITY } from '../../domain/index.js';
import type { BookSnapshot, RowsQuery, SimulatedExchange, SimulatedPosition } from './exchange.js';
import { availableCash, lockedShares } from './funds.js';
import { paysOf } from './market-endings.js';
import type { SimulatedOrder } from './order.js';
import { fundsOf } from './placement.js';
import { toldBalance, toldPosition } from './stale-balances.js';
import type { SimulatedTrade } from './trade.js';
import type { TradingFloor } from './trading-floor.js';

type Reads = Pick<
  SimulatedExchange,
  | 'order'
  | 'orders'
  | 'trade'
  | 'trades'
  | 'settlements'
  | 'setChanges'
  | 'positions'
  | 'balance'
  | 'market'
  | 'markets'
  | 'book'
>;

/** Everything that can be asked of an exchange; nothing here changes it. */
export function readsOf(floor: TradingFloor): Reads {
  const { state } = floor;
  return {
    order: (venueOrderId) => state.orders.get(venueOrderId),
    orders: (query) => ordersOf(floor, query),
    trade: (tradeId) => state.trades.get(tradeId),
    trades: (query) => tradesOf(floor, query),
    settlements: (query) =>
      state.settlements
        .filter(({ account }) => account === query.account)
        .filter((settled) => isAsked(query, settled.market, settled.atMs)),
    setChanges: (query) =>
      state.setChanges
        .filter(({ account }) => account === query.account)
        .filter((change) => isAsked(query, change.market, change.atMs)),
    positions: (account) =>
      positionsOf(floor, account).map((position) => toldPosition(floor, account, position)),
    balance: (account) => {
      const available = availableCash(fundsOf(floor), account);
      return toldBalance(floor, account, { cash: state.cash(account), available });
    },
    market: (market) => (floor.markets.has(market) ? floor.view(market) : undefined),
    markets: () => [...floor.markets.keys()].map((market) => floor.view(market)),
    book: (market) => snapshotOf(floor, market),
  };
}

function ordersOf({ state }: TradingFloor, query: RowsQuery): readonly SimulatedOrder[] {
  const { account, market } = query;
  const ids = query.state === 'working' ? [...state.openOrders] : state.orderIdsOf(account, market);
  return since(ids, query, (venueOrderId) => {
    const order = state.order(venueOrderId);
    return { row: order, atMs: order.createdAtMs };
  })
    .filter((order) => order.account === account)
    .filter((order) => isAsked(query, order.market, order.createdAtMs))
    .filter(({ venueOrderId }) => (query.venueOrderId ?? venueOrderId) === venueOrderId)
    .filter((order) => (query.state ?? order.state) === order.state);
}

function tradesOf({ state }: TradingFloor, query: RowsQuery): readonly SimulatedTrade[] {
  const ids = state.tradeIdsOf(query.account, query.market);
  return since(ids, query, (tradeId) => {
    const made = state.tradeById(tradeId);
    return { row: made, atMs: made.atMs };
  })
    .filter((made) => isAsked(query, made.market, made.atMs))
    .filter(({ parts }) => parts.some(({ venueOrderId: id }) => (query.venueOrderId ?? id) === id));
}

/** Rows are kept in the order of their times: an account's old ones need not be looked at. */
function since<Row>(
  ids: readonly string[],
  { sinceMs }: RowsQuery,
  load: (id: string) => { readonly row: Row; readonly atMs: number },
): readonly Row[] {
  const rows: Row[] = [];
  for (const id of ids.toReversed()) {
    const { row, atMs } = load(id);
    if (sinceMs !== undefined && atMs < sinceMs) break;
    rows.push(row);
  }
  return rows.reverse();
}

function isAsked(query: RowsQuery, market: string, atMs: number): boolean {
  const isInTime = atMs >= (query.sinceMs ?? atMs) && atMs < (query.untilMs ?? atMs + 1);
  return isInTime && (query.market ?? market) === market;
}

function positionsOf(floor: TradingFloor, account: string): readonly SimulatedPosition[] {
  const funds = fundsOf(floor);
  const outcomes: readonly Outcome[] = ['yes', 'no'];
  return [...floor.state.holdings(account)].flatMap(([market, holding]) =>
    outcomes
      .filter((outcome) => holding[outcome] > 0n)
      .map((outcome) => ({
        market,
        outcome,
        quantity: holding[outcome],
        lockedQuantity: floor.options.rules.nets
          ? ZERO_QUANTITY
          : lockedShares(funds, account, { market, outcome }),
        ...redemptionOf(floor, market, outcome),
      })),
  );
}

function redemptionOf({ state }: TradingFloor, market: string, outcome: Outcome) {
  const payout = state.payouts.get(market);
  return payout && { redeemsAt: paysOf(payout.yesPays, outcome) };
}

function snapshotOf(floor: TradingFloor, market: string): BookSnapshot | undefined {
  const listed = floor.markets.get(market);
  if (!listed) return undefined;
  const { book, sequence } = listed;
  return { market, sequence, bids: book.levels('bid'), asks: book.levels('ask') };
}
