import { crowdQuote } from './crowd.js';
import { trade } from './execution.js';
import { leavesOf } from './funds.js';
import type { SimulatedOrder } from './order.js';
import { bookSideOf, matchedQuantity, mirrored, opposite } from './order-book.js';
import { executeOrder, rest } from './placement.js';
import type { TradingFloor } from './trading-floor.js';

/**
 * Orders that are to be traded together wait for each other; then they rest for a moment, and the
 * crowd takes them all with one order of its own.
 */
export function executeJointly(floor: TradingFloor, order: SimulatedOrder): void {
  const together = waiting(floor, order);
  if (together.length < 2) return;
  for (const one of together) rest(floor, one);
  const { market, outcome, side, limitPrice } = order;
  const bookSide = bookSideOf(outcome, side);
  const ids = new Set(together.map(({ venueOrderId }) => venueOrderId));
  const resting = floor.listed(market).book.resting(bookSide);
  const found = resting
    .filter(({ venueOrderId }) => ids.has(venueOrderId))
    .map((maker) => ({ maker, quantity: maker.quantity }));
  const yesPrice = mirrored(outcome, limitPrice);
  const taker = crowdQuote(opposite(bookSide), yesPrice, matchedQuantity(found));
  trade(floor, { ...taker, market }, found);
}

/** The working orders that are due together with this one, itself among them. */
function waiting({ state, options }: TradingFloor, order: SimulatedOrder): SimulatedOrder[] {
  const nowMs = options.now();
  return [...state.openOrders]
    .map((venueOrderId) => state.order(venueOrderId))
    .filter(({ market, late }) => market === order.market && late?.jointly === order.late?.jointly)
    .filter(({ executesAtMs }) => executesAtMs !== undefined && executesAtMs <= nowMs);
}

/** A canceled order that the venue fills all the same: when. Known again after a restart. */
export function rememberUndead(floor: TradingFloor, order: SimulatedOrder): void {
  const { state, late, venueOrderId, updatedAtMs } = order;
  const isDead =
    late?.afterCancelMs === undefined || state !== 'canceled' || leavesOf(order) === 0n;
  if (isDead) return;
  floor.undead.set(venueOrderId, updatedAtMs + late.afterCancelMs);
}

export function executeUndead(floor: TradingFloor): void {
  for (const [venueOrderId, atMs] of floor.undead) {
    if (atMs > floor.options.now()) continue;
    floor.undead.delete(venueOrderId);
    executeOrder(floor, floor.state.order(venueOrderId));
  }
}
