import type { ChildOrder } from '../child-order.js';
import type { Quantity } from '../money.js';
import { isOverruled } from './by-word.js';
import { expectedOf } from './operator-word.js';
import { netOf, rowsOf, toldOf } from './order-rows.js';
import { approvalOf } from './phases.js';
import { openUnknowns } from './questions.js';
import type { OrderState, OverruledWord, TradeState } from './trade.js';

/** What a venue told that cannot be: counted all the same, and somebody has to look. */
export type Break =
  | {
      readonly kind: 'more_than_legal_maximum';
      readonly clientOrderId: string;
      readonly quantity: Quantity;
      readonly legalMaximum: Quantity;
    }
  | {
      readonly kind: 'filled_after_refusal';
      readonly clientOrderId: string;
      readonly quantity: Quantity;
    }
  | OverruledWord
  | {
      readonly kind: 'row_without_order';
      readonly venueOrderId: string;
      readonly executionId: string;
    };

/** Everything about this trade that contradicts itself, as far as it is known. */
export function breaks(state: TradeState): Break[] {
  const contradictions = state.orders.flatMap((order) => orderBreaks(state, order));
  return [...contradictions, ...overruledWords(state), ...strayRows(state)];
}

/** What operators said of this trade's orders and the venue has contradicted. */
export function overruledWords(state: TradeState): OverruledWord[] {
  return state.orders.flatMap((known) => {
    const { word, status } = known;
    if (!word || !isOverruled(state, known)) return [];
    const { clientOrderId, by } = word;
    const quantity = toldOf(state, known);
    const expected = expectedOf(word);
    return [{ kind: 'operator_overruled', clientOrderId, by, status, expected, quantity }];
  });
}

/** The freeze that a break of this trade causes: one per order (or row) and kind of break. */
export function breakFreezeId(workflowId: string, found: Break): string {
  return `${found.kind}/${breakKey(workflowId, found)}`;
}

export function breakKey(workflowId: string, found: Break): string {
  return `${workflowId}/${'clientOrderId' in found ? found.clientOrderId : found.executionId}`;
}

/**
 * Counted by the errors breaker: an order was unknown at some time, or a venue refused one for
 * another reason than that there was nothing to trade against. Where the venue holds takers back by
 * its own rules, an entry is unknown for as long as that takes.
 */
export function isExecutionError(state: TradeState): boolean {
  if (openUnknowns(state).length > 0) return true;
  return state.orders.some(({ order, wasUnknown, refusal }) => {
    const isFault = refusal?.kind === 'refused' && refusal.refusal !== 'no_match';
    return (wasUnknown === true && !isDelayedEntry(state, order)) || isFault;
  });
}

function isDelayedEntry(state: TradeState, { purpose, instrument }: ChildOrder): boolean {
  const pair = approvalOf(state)?.pair;
  return purpose.kind === 'entry' && pair?.[instrument.venue].isTakerDelayed === true;
}

function orderBreaks(state: TradeState, known: OrderState): Break[] {
  const { clientOrderId, legalMaximum } = known.order;
  const quantity = toldOf(state, known);
  const isRefused = known.status === 'rejected' || known.status === 'denied';
  if (quantity > legalMaximum) {
    return [{ kind: 'more_than_legal_maximum', clientOrderId, quantity, legalMaximum }];
  }
  if (isRefused && netOf(state, known) > 0n) {
    return [{ kind: 'filled_after_refusal', clientOrderId, quantity }];
  }
  return [];
}

/**
 * While a shot or an exit is on its way, its rows may come before its name does. Of an exit of which
 * an operator has said what became of it, no name comes any more.
 */
function strayRows(state: TradeState): Break[] {
  const { exitInDoubt, orders } = state;
  const isExitComing = exitInDoubt !== undefined && exitInDoubt.word === undefined;
  const isShotComing = orders.every(({ status }) => status === 'planned');
  if (isExitComing || isShotComing) return [];
  const known = new Set(state.orders.flatMap((order) => rowsOf(state, order)));
  const stray = state.rows.filter((row) => !known.has(row));
  return stray.map(({ venueOrderId, executionId }) => ({
    kind: 'row_without_order',
    venueOrderId,
    executionId,
  }));
}
