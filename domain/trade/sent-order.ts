import { unreachable } from '../assert.js';
import type { ChildOrderEvent, ChildOrderStatus } from '../child-order-lifecycle.js';
import { nextStatus } from '../child-order-lifecycle.js';
import type { OrderState, SendOutcome } from './trade.js';

/** What the answer to a placement makes of a planned order. A lost answer is silence. */
export function sentOrder(planned: OrderState, outcome: SendOutcome, atMs: number): OrderState {
  const order = { ...planned, sentAtMs: atMs };
  switch (outcome.kind) {
    case 'notSent':
      return { ...order, status: after(order.status, ['notSent']), refusal: outcome };
    case 'refused':
      return { ...order, status: after(order.status, ['sent', 'rejected']), refusal: outcome };
    case 'unknown':
      // Rows may end the doubt in this very turn; that the answer was lost counts all the same.
      return { ...order, status: after(order.status, ['sent', 'silence']), wasUnknown: true };
    case 'accepted': {
      const { venueOrderId, cumulativeQuantity, state } = outcome;
      const status = after(order.status, ['sent', 'accepted', ...endOf(state)]);
      return { ...order, status, venueOrderId, cumulativeQuantity };
    }
    default:
      return unreachable(outcome);
  }
}

/**
 * The status after these events. What the table does not know changes nothing here: the venue's
 * figures are kept, and `breaks` compares them.
 */
export function after(
  status: ChildOrderStatus,
  events: readonly ChildOrderEvent[],
): ChildOrderStatus {
  return events.reduce((from, event) => nextStatus(from, event) ?? from, status);
}

function endOf(state: 'working' | 'filled' | 'canceled'): ChildOrderEvent[] {
  if (state === 'working') return [];
  return state === 'filled' ? ['fill'] : ['canceled'];
}
