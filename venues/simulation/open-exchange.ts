import type { Outcome } from '../../domain/instrument.js';
import { ZERO_QUANTITY } from '../../domain/money.js';
import { doDueWork } from './due-work.js';
import type { BookSnapshot, RowsQuery, SimulatedExchange, SimulatedPosition } from './exchange.js';
import { availableCash, lockedShares } from './funds.js';
import type { CancelResult, SimulatedOrder } from './order.js';
import { endOrder, fundsOf, placeOrder, rest } from './placement.js';
import type { ExchangeOptions } from './trading-floor.js';
import { TradingFloor } from './trading-floor.js';

/** An exchange in the hand of whoever runs its process: the front ends see `SimulatedExchange`. */
export interface OpenExchange extends SimulatedExchange {
  /** The sum of all fees that were charged and not reversed. */
  readonly floor: TradingFloor;
  close(): void;
}

/** Opens an exchange on its ledger: a new one, or the same again as it was when it was killed. */
export function openExchange(options: ExchangeOptions): OpenExchange {
  const floor = new TradingFloor(options);
  let listedUntilMs = Number.NEGATIVE_INFINITY;
  const listNew = () => {
    const nowMs = options.now();
    for (const scripted of options.script.listedBetween(listedUntilMs, nowMs)) floor.list(scripted);
    listedUntilMs = nowMs;
  };
  const advance = () => {
    listNew();
    doDueWork(floor);
    floor.commit();
  };
  if (!floor.state.isOpened) writeOpening(floor);
  listNew();
  restAgain(floor);
  advance();
  return {
    venue: options.venue,
    floor,
    now: options.now,
    advance,
    place: (request) => {
      advance();
      const result = placeOrder(floor, request);
      floor.commit();
      return result;
    },
    cancel: (account, venueOrderId) => {
      advance();
      const result = cancelOrder(floor, account, venueOrderId);
      floor.commit();
      return result;
    },
    cancelAll: (account, market) => {
      advance();
      const canceled = cancelAll(floor, account, market);
      floor.commit();
      return canceled;
    },
    ...readsOf(floor),
    onEvent: (listener) => floor.listen(listener),
    close: () => options.ledger.close(),
  };
}

function readsOf(floor: TradingFloor) {
  const { state } = floor;
  return {
    order: (venueOrderId: string) => state.orders.get(venueOrderId),
    orders: (query: RowsQuery) =>
      state
        .ordersOf(query.account)
        .filter((order) => isAsked(query, order.market, order.createdAtMs))
        .filter(({ venueOrderId: id }) => (query.venueOrderId ?? id) === id)
        .filter((order) => (query.state ?? order.state) === order.state),
    trade: (tradeId: string) => state.trades.get(tradeId),
    trades: (query: RowsQuery) =>
      state
        .tradesOf(query.account)
        .filter((made) => isAsked(query, made.market, made.atMs))
        .filter(({ parts }) =>
          parts.some(({ venueOrderId: id }) => (query.venueOrderId ?? id) === id),
        ),
    settlements: (query: RowsQuery) =>
      state.settlements
        .filter(({ account }) => account === query.account)
        .filter((settled) => isAsked(query, settled.market, settled.atMs)),
    positions: (account: string) => positionsOf(floor, account),
    balance: (account: string) => ({
      cash: state.cash(account),
      available: availableCash(fundsOf(floor), account),
    }),
    market: (market: string) => (floor.markets.has(market) ? floor.view(market) : undefined),
    markets: () => [...floor.markets.keys()].map((market) => floor.view(market)),
    book: (market: string) => snapshotOf(floor, market),
  };
}

function cancelOrder(floor: TradingFloor, account: string, venueOrderId: string): CancelResult {
  const order = floor.state.orders.get(venueOrderId);
  if (order?.account !== account) return { kind: 'not_canceled', code: 'unknown' };
  if (order.state !== 'working') return { kind: 'not_canceled', code: 'terminal' };
  if (order.executesAtMs !== undefined) return { kind: 'not_canceled', code: 'in_flight' };
  endOrder(floor, order, 'canceled');
  return { kind: 'canceled', order: floor.state.order(venueOrderId) };
}

function cancelAll(floor: TradingFloor, account: string, market?: string) {
  const { state } = floor;
  return [...state.openOrders]
    .map((venueOrderId) => state.order(venueOrderId))
    .filter((order) => (market ?? order.market) === order.market)
    .map((order) => cancelOrder(floor, account, order.venueOrderId))
    .flatMap((result): readonly SimulatedOrder[] =>
      result.kind === 'canceled' ? [result.order] : [],
    );
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
      })),
  );
}

function snapshotOf(floor: TradingFloor, market: string): BookSnapshot | undefined {
  const listed = floor.markets.get(market);
  if (!listed) return undefined;
  const { book, sequence } = listed;
  return { market, sequence, bids: book.levels('bid'), asks: book.levels('ask') };
}

function isAsked(query: RowsQuery, market: string, atMs: number): boolean {
  const isInTime = atMs >= (query.sinceMs ?? atMs) && atMs < (query.untilMs ?? atMs + 1);
  return isInTime && (query.market ?? market) === market;
}

function writeOpening(floor: TradingFloor): void {
  const { venue, seed, accounts, now } = floor.options;
  floor.write({ kind: 'opened', atMs: now(), venue, seed, accounts });
}

/** After a restart the accounts' resting orders stand in the book before the crowd's quotes do. */
function restAgain(floor: TradingFloor): void {
  const { state } = floor;
  for (const market of state.winners.keys()) {
    if (floor.markets.has(market)) floor.setMarketState(market, 'settled');
  }
  for (const venueOrderId of state.openOrders) {
    const order = state.order(venueOrderId);
    if (order.executesAtMs === undefined) rest(floor, order);
  }
}
