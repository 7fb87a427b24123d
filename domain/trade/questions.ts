import { isTerminal } from '../child-order-lifecycle.js';
import { awaitedOf, isByWord, questionOfExit } from './by-word.js';
import { grossOf, standingFills } from './order-rows.js';
import type { TradeTerms } from './terms.js';
import type { ExitInDoubt, OrderState, TradeState, WaitReason } from './trade.js';

/**
 * What we still have to know about an order; `undefined` = it is resolved: terminal, its rows sum to
 * the venue's cumulative quantity, and every fill is final or reversed. An operator's word stands for
 * the end that the venue has not told, until the venue contradicts it. A planned order has not left.
 */
export function questionOf(state: TradeState, order: OrderState): WaitReason | undefined {
  if (order.status === 'planned') return undefined;
  if (!isTerminal(order.status) && !isByWord(state, order)) return 'evidence';
  if (grossOf(state, order) < awaitedOf(state, order)) return 'reports';
  const isFinal = standingFills(state, order).every((fill) => fill.finality === 'final');
  return isFinal ? undefined : 'settlement';
}

/** The ids of orders that we asked for, know nothing of, and wait for. */
export function openUnknowns(state: TradeState): string[] {
  const { orders, exitInDoubt } = state;
  const unknown = orders.filter((order) => order.status === 'unknown' && !isByWord(state, order));
  const ids = unknown.map(({ order }) => order.clientOrderId);
  return exitInDoubt && questionOfExit(state) === 'evidence'
    ? [...ids, exitInDoubt.clientOrderId]
    : ids;
}

/** When a question that has just come up is asked first. Silence is asked about at once. */
export function firstAskAtMs(
  question: WaitReason,
  { word }: OrderState | ExitInDoubt,
  { terms, atMs, isSilent }: FirstAsking,
): number {
  if (question === 'reports' && word) return atMs + terms.askEveryMsMax;
  if (isSilent) return atMs;
  // The private stream tells of confirmations; a question is for the one that it has missed.
  if (question === 'settlement') return atMs + terms.askEveryMsMax;
  return atMs + terms.reportWaitMs;
}

interface FirstAsking {
  readonly terms: TradeTerms;
  readonly atMs: number;
  /** Nothing at all is known of the order. */
  readonly isSilent: boolean;
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
  // A chain takes its time, and its news come by themselves; an operator has said what will come.
  const isSlow = question === 'settlement' || (question === 'reports' && asked.word !== undefined);
  const firstMs = isSlow ? askEveryMsMax : askEveryMs;
  const delayMs = doubled(firstMs, asked.asks, askEveryMsMax);
  return { ...asked, asks: asked.asks + 1, nextAskAtMs: atMs + delayMs };
}

const DOUBLINGS_MAX = 30;

/** `firstMs`, doubled `times` times, up to `mostMs`. */
export function doubled(firstMs: number, times: number, mostMs: number): number {
  return Math.min(firstMs * 2 ** Math.min(Math.max(times, 0), DOUBLINGS_MAX), mostMs);
}
