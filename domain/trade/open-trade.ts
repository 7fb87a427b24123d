import type { ArbitrageIntent } from '../arbitrage-intent.js';
import { assert } from '../assert.js';
import type { ChildOrder } from '../child-order.js';
import { isTerminal } from '../child-order-lifecycle.js';
import type { Freeze } from '../freeze/freeze.js';
import { without } from '../without.js';
import type { Admission, OrderState, TradeState } from './trade.js';

/** A trade that knows nothing but what is wanted. */
export function openTrade(intent: ArbitrageIntent, workflowId: string): TradeState {
  return {
    intent,
    workflowId,
    orders: [],
    rows: [],
    hadExcess: false,
    isCancelRequested: false,
    freezes: [],
    frozenForUnknown: [],
  };
}

/** The verdict. Approved, both entries are planned: recorded, reserved for, and not yet sent. */
export function admitted(state: TradeState, admission: Admission): TradeState {
  assert(state.admission === undefined, 'a trade is admitted once');
  if (admission.kind !== 'approved') return { ...state, admission };
  const { yesOrder, noOrder } = admission.entries;
  const orders = [yesOrder, noOrder].map((order) => planned(order, admission.atMs));
  return { ...state, admission, orders };
}

/** No new risk from here on; what is on the wire runs on. */
export function cancelRequested(state: TradeState): TradeState {
  return { ...state, isCancelRequested: true };
}

/**
 * An operator, or a rule of ours, stops entries in this trade's scope. Told twice, it counts once.
 * `cancel` and `flatten` also kill every order that may still live: asking begins with a cancel. What
 * was decided to be kept is looked at once more under `flatten`.
 */
export function frozen(state: TradeState, freeze: Freeze): TradeState {
  const others = state.freezes.filter(({ freezeId }) => freezeId !== freeze.freezeId);
  const told = { ...state, freezes: [...others, freeze] };
  if (freeze.action === 'leave') return told;
  return killing(freeze.action === 'flatten' ? without(told, 'gaveUp') : told, freeze.atMs);
}

function killing(state: TradeState, atMs: number): TradeState {
  const orders = state.orders.map((order) =>
    order.status === 'planned' || isTerminal(order.status)
      ? order
      : { ...order, nextAskAtMs: Math.min(order.nextAskAtMs, atMs) },
  );
  const { exitInDoubt } = state;
  if (!exitInDoubt) return { ...state, orders };
  const nextAskAtMs = Math.min(exitInDoubt.nextAskAtMs, atMs);
  return { ...state, orders, exitInDoubt: { ...exitInDoubt, nextAskAtMs } };
}

/** One freeze is lifted, or all that this trade was told of. */
export function unfrozen(state: TradeState, freezeId?: string): TradeState {
  const freezes = state.freezes.filter((freeze) => freezeId && freeze.freezeId !== freezeId);
  return { ...state, freezes };
}

/** The freeze that an order causes by staying unknown: one per order, so its id says which. */
export function unknownFreezeId(clientOrderId: string): string {
  return `unknown/${clientOrderId}`;
}

/** The pair is frozen because of `unknownFreezeId`'s order: said once, never asked for again. */
export function frozenForUnknown(state: TradeState, freezeId: string): TradeState {
  if (state.frozenForUnknown.includes(freezeId)) return state;
  return { ...state, frozenForUnknown: [...state.frozenForUnknown, freezeId] };
}

/** An order that is complete and has not left. */
export function planned(order: ChildOrder, atMs: number): OrderState {
  return { order, status: 'planned', sentAtMs: atMs, asks: 0, nextAskAtMs: atMs };
}
