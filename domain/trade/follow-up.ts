import type { ChildOrderEvent } from '../child-order-lifecycle.js';
import { opposite } from '../instrument.js';
import { without } from '../without.js';
import { certainExcess, isLegTerminal } from './certain-excess.js';
import { excessToExit } from './flatten.js';
import { ladderAfter } from './ladder.js';
import { grossOf } from './order-rows.js';
import { approvalOf, termsOf } from './phases.js';
import { firstAskAtMs, questionOf } from './questions.js';
import { after } from './sent-order.js';
import type { OrderState, TradeState } from './trade.js';

/**
 * Every transition ends here, so that no consequence is forgotten:
 *
 * 1. Rows move their order along its lifecycle.
 * 2. A doubt knows since when it lasts, and a new question when it is asked first.
 * 3. The ladder steps where an exit has ended, and is put away where nothing is left to sell.
 * 4. A decision to keep is open again as soon as the excess is another one.
 */
export function followUp(before: TradeState, now: TradeState, atMs: number): TradeState {
  if (!approvalOf(now)) return now;
  const followed = { ...now, orders: now.orders.map((order) => followRows(now, order)) };
  const orders = followed.orders.map((order) => doubted(before, { state: followed, order, atMs }));
  return followExcess(before, ladderAfter(before, { ...followed, orders }, atMs), atMs);
}

function followRows(state: TradeState, order: OrderState): OrderState {
  // Private streams overtake the answer of the shot: rows wait until it is known what was sent.
  if (order.status === 'planned') return order;
  return { ...order, status: after(order.status, fillEvent(state, order)) };
}

function fillEvent(state: TradeState, order: OrderState): ChildOrderEvent[] {
  const gross = grossOf(state, order);
  if (gross === 0n) return [];
  const { fixed } = order.order;
  // How many contracts a sum of money buys is for the venue to say.
  return fixed.kind === 'contracts' && gross >= fixed.contracts ? ['fill'] : ['partialFill'];
}

interface Doubt {
  readonly state: TradeState;
  readonly order: OrderState;
  readonly atMs: number;
}

function doubted(before: TradeState, { state, order, atMs }: Doubt): OrderState {
  const { unknownSinceMs, ...known } = order;
  const since: OrderState =
    order.status === 'unknown'
      ? { ...known, unknownSinceMs: unknownSinceMs ?? atMs, wasUnknown: true }
      : known;
  const question = questionOf(state, since);
  const { clientOrderId } = order.order;
  const earlier = before.orders.find((one) => one.order.clientOrderId === clientOrderId);
  const isNew = question !== (earlier && questionOf(before, earlier));
  if (question === undefined || !isNew) return since;
  const isSilent = order.status === 'unknown';
  const nextAskAtMs = firstAskAtMs(question, since, { terms: termsOf(state), atMs, isSilent });
  return { ...since, asks: 0, nextAskAtMs };
}

function followExcess(before: TradeState, now: TradeState, atMs: number): TradeState {
  const was = excessToExit(before);
  const is = excessToExit(now);
  const hadExcess = now.hadExcess || certainExcess(now) !== undefined;
  const isSame = was?.leg === is?.leg && was?.quantity === is?.quantity;
  const other = is && opposite(is.leg);
  const canComplete = other && isLegTerminal(now, other) && !isLegTerminal(before, other);
  const { gaveUp, ...open } = now;
  const kept = gaveUp !== undefined && isSame && !canComplete ? { gaveUp } : {};
  const moreToSell = (is?.sellable ?? 0n) > (was?.sellable ?? 0n);
  return withoutSettlementWait({ ...open, ...kept, hadExcess }, moreToSell ? atMs : undefined);
}

/** Shares were confirmed: the sale that waited for them is due. */
function withoutSettlementWait(state: TradeState, atMs: number | undefined): TradeState {
  const { ladder } = state;
  if (atMs === undefined || ladder?.waitingFor !== 'settlement') return state;
  return { ...state, ladder: { ...without(ladder, 'waitingFor'), notBeforeMs: atMs } };
}
