import { isTerminal } from '../child-order-lifecycle.js';
import type { Quantity } from '../money.js';
import { greatest, ZERO_QUANTITY } from '../money.js';
import { expectedOf } from './operator-word.js';
import { toldOf } from './order-rows.js';
import type { OrderState, TradeState, WaitReason } from './trade.js';

/**
 * The venue has contradicted the word: it told of more, or that the order ended with less, or that one
 * that never arrived is working. What counts is what was traded; an order that did arrive and ended
 * without a trade has left what `never_arrived` says.
 */
export function isOverruled(state: TradeState, order: OrderState): boolean {
  const { word, status } = order;
  if (!word) return false;
  const expected = expectedOf(word);
  const told = toldOf(state, order);
  if (told > expected) return true;
  if (isTerminal(status)) return told < expected;
  return word.evidence.kind === 'never_arrived' && status === 'working';
}

/** The venue has not ended the doubt itself, and nothing that it said contradicts the word. */
export function isByWord(state: TradeState, order: OrderState): boolean {
  return order.word !== undefined && !isTerminal(order.status) && !isOverruled(state, order);
}

/** Contracts that trade rows have to show before the order is resolved. */
export function awaitedOf(state: TradeState, order: OrderState): Quantity {
  const cumulative = order.cumulativeQuantity ?? ZERO_QUANTITY;
  if (!order.word || !isByWord(state, order)) return cumulative;
  return greatest(cumulative, expectedOf(order.word));
}

/**
 * What we still have to know about an exit whose answer is lost. A word that nothing came of it ends
 * the waiting, unless a row names it; any other word is asked about until the venue shows the order.
 */
export function questionOfExit({ exitInDoubt, rows }: TradeState): WaitReason | undefined {
  if (!exitInDoubt) return undefined;
  const { word, clientOrderId } = exitInDoubt;
  if (!word || rows.some((row) => row.clientOrderId === clientOrderId)) return 'evidence';
  return expectedOf(word) === ZERO_QUANTITY ? undefined : 'reports';
}
