import { isTerminal } from '../child-order-lifecycle.js';
import { ZERO_QUANTITY } from '../money.js';
import { grossOf, standingFills } from './order-rows.js';
import type { TradeTerms } from './terms.js';
import type { ExitInDoubt, OrderState, TradeState, WaitReason } from './trade.js';

/**
 * What we still have to know about an order; `undefined` = it is resolved: terminal, its rows sum to
 * the venue's cumulative quantity, and every fill is final or reversed. A planned order has not left.
 */
export function questionOf(state: TradeState, order: OrderState): WaitReason | undefined {
  if (order.status === 'planned') return undefined;
  if (!isTerminal(order.status)) return 'evidence';
  if (grossOf(state, order) < (order.cumulativeQuantity ?? ZERO_QUANTITY)) return 'reports';
  const isFinal = standingFills(state, order).every((fill) => fill.finality === 'final');
  return isFinal ? undefined : 'settlement';
}

/** The ids of orders that we asked for and know nothing of. */
export function openUnknowns({ orders, exitInDoubt }: TradeState): string[] {
  const unknown = orders.filter((order) => order.status === 'unknown');
  const ids = unknown.map(({ order }) => order.clientOrderId);
  return exitInDoubt ? [...ids, exitInDoubt.clientOrderId] : ids;
}

/** When a question that has just come up is asked first. Silence is asked about at once. */
export function firstAskAtMs(
  question: WaitReason,
  { status }: OrderState,
  { terms, atMs }: { readonly terms: TradeTerms; readonly atMs: number },
): number {
  if (status === 'unknown') return atMs;
  // The private stream tells of confirmations; a question is for the one that it has missed.
  if (question === 'settlement') return atMs + terms.askEveryMsMax;
  return atMs + terms.reportWaitMs;
}

export interface Asking {
  readonly question: WaitReason;
  readonly terms: TradeTerms;
  readonly atMs: number;
}

/** Asked, and still not known: again later, and later every time. */
export function askedAgain<T extends OrderState | ExitInDoubt>(asked: T, asking: Asking): T {
  const { question, terms, atMs } = asking;
  if (asked.nextAskAtMs > atMs) return asked;
  const { askEveryMs, askEveryMsMax } = terms;
  // A chain takes its time, and its news come by themselves.
  const firstMs = question === 'settlement' ? askEveryMsMax : askEveryMs;
  const delayMs = doubled(firstMs, asked.asks, askEveryMsMax);
  return { ...asked, asks: asked.asks + 1, nextAskAtMs: atMs + delayMs };
}

const DOUBLINGS_MAX = 30;

/** `firstMs`, doubled `times` times, up to `mostMs`. */
export function doubled(firstMs: number, times: number, mostMs: number): number {
  return Math.min(firstMs * 2 ** Math.min(Math.max(times, 0), DOUBLINGS_MAX), mostMs);
}
