import type { Quantity } from '../../domain/index.js';
import type { Refused } from './acceptance.js';
import { checked } from './acceptance.js';
import { trade } from './execution.js';
import { leavesOf } from './funds.js';
import type { AcceptedOrder } from './ledger-row.js';
import type { PlaceRequest, PlaceResult, SimulatedOrder } from './order.js';
import { bookSideOf, isCrossing, matchedQuantity, matches, mirrored } from './order-book.js';
import {
  deliveryOf,
  disturbedMatches,
  isImmediate,
  lateExecution,
  offerBetter,
  pullQuotes,
  struck,
  writeLateFault,
} from './order-faults.js';
import { keepStale, refusedByStale } from './stale-balances.js';
import { takerOf } from './taker.js';
import type { SimulatedTrade } from './trade.js';
import type { TradingFloor } from './trading-floor.js';

/**
 * Takes in one order: checks it, lets its faults happen, matches it. The book is looked at before
 * anything is written, because some refusals depend on it.
 */
export function placeOrder(floor: TradingFloor, request: PlaceRequest): PlaceResult {
  const listed = floor.markets.has(request.market) ? floor.view(request.market) : undefined;
  const check = checked(fundsOf(floor), listed, request);
  if (check.kind === 'refused') return withExisting(floor, request, check);
  const { quantity } = check;
  const stale = refusedByStale(floor, request, quantity);
  if (stale) return stale;
  if (struck(floor, 'reject', request)) {
    return { kind: 'refused', code: 'rejected', reason: 'the venue refuses orders for now' };
  }
  offerBetter(floor, request, quantity);
  pullQuotes(floor, request, quantity);
  const refusal = refusedByBook(floor, request, quantity);
  return refusal ?? accept(floor, request, quantity);
}

/** The funds view that the checks work on. */
export function fundsOf(floor: TradingFloor) {
  const { state, options } = floor;
  return { state, rules: options.rules, marketOf: (market: string) => floor.marketOf(market) };
}

/** Matches an order with what it may still have, then rests or ends it. */
export function executeOrder(
  floor: TradingFloor,
  order: SimulatedOrder,
): readonly SimulatedTrade[] {
  const { rules } = floor.options;
  const { book } = floor.listed(order.market);
  const found = order.late?.isEmpty ? [] : disturbedMatches(floor, order, leavesOf(order));
  const trades = trade(floor, order, found);
  const after = floor.state.order(order.venueOrderId);
  if (after.state !== 'working') return trades;
  // What still crosses after matching crosses the account's own order.
  const left = takerOf(rules, after, leavesOf(after));
  if (isImmediate(order) || isCrossing(book, left)) endOrder(floor, after, 'canceled');
  else rest(floor, after);
  return trades;
}

/** Puts a working order's open quantity in the book. */
export function rest(floor: TradingFloor, order: SimulatedOrder): void {
  const { account, venueOrderId, clientKey, outcome, side } = order;
  if (order.executesAtMs !== undefined) endOrder(floor, order, 'working');
  floor.listed(order.market).book.add({
    ...{ account, venueOrderId, clientKey, outcome, side },
    bookSide: bookSideOf(outcome, side),
    yesPrice: mirrored(outcome, order.limitPrice),
    quantity: leavesOf(order),
  });
}

/** Writes an order's state; a state other than `working` takes it off the book. */
export function endOrder(
  floor: TradingFloor,
  { account, venueOrderId, market }: SimulatedOrder,
  state: SimulatedOrder['state'],
): void {
  if (state !== 'working') floor.listed(market).book.remove(venueOrderId);
  floor.write({ kind: 'order_status', atMs: floor.options.now(), account, venueOrderId, state });
}

function accept(floor: TradingFloor, request: PlaceRequest, quantity: Quantity): PlaceResult {
  const { state } = floor;
  const atMs = floor.options.now();
  const later = lateExecution(floor, request, quantity);
  const order: AcceptedOrder = {
    ...request,
    quantity,
    createdAtMs: atMs,
    sequence: state.orders.size + 1,
    ...later,
  };
  keepStale(floor, request, fundsOf(floor));
  floor.write({ kind: 'order', atMs, order });
  const accepted = state.order(request.venueOrderId);
  const trades = later === undefined ? executeOrder(floor, accepted) : [];
  if (later) writeLateFault(floor, request, later.late);
  const delivery = deliveryOf(floor, request);
  return { kind: 'accepted', order: state.order(request.venueOrderId), trades, delivery };
}

function refusedByBook(
  floor: TradingFloor,
  request: PlaceRequest,
  quantity: Quantity,
): Refused | undefined {
  const { book } = floor.listed(request.market);
  const { rules } = floor.options;
  const found = matches(book, takerOf(rules, request, quantity));
  if (request.isPostOnly && found.length > 0) return refused('post_only_cross', 'it would trade');
  const matched = matchedQuantity(found);
  if (request.timeInForce === 'FOK' && matched < quantity) {
    return refused('no_match', 'it cannot be filled completely');
  }
  const isRefused = rules.refusesUnmatched && isImmediate(request);
  if (isRefused && matched === 0n) return refused('no_match', 'nothing to trade against');
  return undefined;
}

function withExisting(floor: TradingFloor, request: PlaceRequest, refusal: Refused): PlaceResult {
  const { orders, byClientKey } = floor.state;
  const existing =
    orders.get(request.venueOrderId) ?? orders.get(byClientKey.get(request.clientKey) ?? '');
  return refusal.code === 'duplicate' && existing ? { ...refusal, existing } : refusal;
}

const refused = (code: Refused['code'], reason: string): Refused => ({
  kind: 'refused',
  code,
  reason,
});
