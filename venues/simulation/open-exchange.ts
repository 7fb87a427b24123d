import { doDueWork, refreshQuotes } from './due-work.js';
import type { SimulatedExchange } from './exchange.js';
import { rememberUndead } from './late-orders.js';
import type { CancelResult, SimulatedOrder } from './order.js';
import { orderGroupsOf, triggerWhatExceeds } from './order-groups.js';
import { endOrder, placeOrder, rest } from './placement.js';
import { readsOf } from './reads.js';
import { VenueConditions } from './script/conditions.js';
import type { ExchangeOptions } from './trading-floor.js';
import { TradingFloor } from './trading-floor.js';
import type { WorldCommands } from './world-commands.js';
import { worldCommandsOf } from './world-commands.js';

/** An exchange in the hand of whoever runs its process: the front ends see `SimulatedExchange`. */
export interface OpenExchange extends SimulatedExchange, WorldCommands {
  /** What the ledger adds up to, for whoever checks it. */
  readonly floor: TradingFloor;
  close(): void;
}

/** Opens an exchange on its ledger: a new one, or the same again as it was when it was killed. */
export function openExchange(given: ExchangeOptions): OpenExchange {
  const conditions = new VenueConditions(given.now);
  const skewed = { ...given, now: () => given.now() + conditions.skewMs };
  const options = { ...given, now: neverBackwards(skewed) };
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
    triggerWhatExceeds(floor);
    floor.commit();
  };
  const operate = <Result>(work: () => Result): Result => {
    advance();
    const result = work();
    triggerWhatExceeds(floor);
    floor.commit();
    return result;
  };
  if (!floor.state.isOpened) writeOpening(floor);
  listNew();
  restAgain(floor);
  advance();
  return {
    venue: options.venue,
    faults: options.faults,
    conditions,
    floor,
    now: options.now,
    advance,
    place: (request) => operate(() => placeOrder(floor, request)),
    cancel: (account, venueOrderId) => operate(() => cancelOrder(floor, account, venueOrderId)),
    cancelAll: (account, market) => operate(() => cancelAll(floor, account, market)),
    ...orderGroupsOf(floor, operate),
    ...worldCommandsOf(floor, operate),
    ...readsOf(floor),
    onEvent: (listener) => floor.listen(listener),
    close: () => options.ledger.close(),
  };
}

/** A machine's clock may be set back; rows are kept in the order of their times all the same. */
function neverBackwards({ now, ledger }: ExchangeOptions): () => number {
  let latestMs = ledger.lines.at(-1)?.row.atMs ?? Number.NEGATIVE_INFINITY;
  return () => {
    latestMs = Math.max(latestMs, now());
    return latestMs;
  };
}

function cancelOrder(floor: TradingFloor, account: string, venueOrderId: string): CancelResult {
  const order = floor.state.orders.get(venueOrderId);
  if (order?.account !== account) return { kind: 'not_canceled', code: 'unknown' };
  if (order.state !== 'working') return { kind: 'not_canceled', code: 'terminal' };
  const isInHand = order.executesAtMs !== undefined && order.late?.afterCancelMs === undefined;
  if (isInHand) return { kind: 'not_canceled', code: 'in_flight' };
  endOrder(floor, order, 'canceled');
  rememberUndead(floor, floor.state.order(venueOrderId));
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

function writeOpening(floor: TradingFloor): void {
  const { venue, seed, accounts, now } = floor.options;
  floor.write({ kind: 'opened', atMs: now(), venue, seed, accounts });
}

/** After a restart the accounts' resting orders stand in the book before the crowd's quotes do. */
function restAgain(floor: TradingFloor): void {
  const { state } = floor;
  for (const market of state.closedEarly) {
    if (floor.markets.has(market)) floor.setMarketState(market, 'closed');
  }
  for (const market of state.payouts.keys()) {
    if (floor.markets.has(market)) floor.setMarketState(market, 'settled');
  }
  for (const venueOrderId of state.openOrders) {
    const order = state.order(venueOrderId);
    if (order.executesAtMs === undefined) rest(floor, order);
    // One that came due meanwhile meets what the crowd shows, as it would have: not an empty book.
    else if (floor.live.has(order.market)) refreshQuotes(floor, order.market);
  }
  for (const order of state.orders.values()) rememberUndead(floor, order);
}
