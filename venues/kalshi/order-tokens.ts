import type { ChildOrder } from '../../domain/child-order.js';
import type { RateBudget } from '../../domain/rate-budget.js';
import type { PlaceAnswer } from '../../domain/venue.js';
import { tokenCost } from './rate.js';
import { waitForTokens } from './wait-for-tokens.js';

/** Who has paid for its place at the venue. */
export interface OrderTokens {
  /** Waits for the tokens of an exit, no longer than it may leave. */
  takeFor(order: ChildOrder): Promise<void>;
  /** Asked once, in the turn of the write. */
  areTakenFor(order: ChildOrder): boolean;
}

/** The same order may pass later: whoever sends it waits at the same price. Nothing has left. */
export const withoutTokens: PlaceAnswer = {
  kind: 'refused',
  refusal: 'rate',
  code: 'RATE_LATE',
  reason: 'no tokens of the account’s rate in time; nothing was sent',
};

/**
 * The tokens of an entry were taken in the transaction that admitted it, so that it waits for nothing
 * inside its shot. An exit takes its own before its last look at the clock.
 */
export function createOrderTokens(
  budget: RateBudget | undefined,
  nowMs: () => number,
): OrderTokens {
  const paid = new Set<string>();
  const cost = tokenCost({ method: 'POST', path: '/portfolio/events/orders' });
  return {
    takeFor: async ({ purpose, clientOrderId, notAfterMs: untilMs }) => {
      if (!budget || purpose.kind === 'entry') return;
      const request = { ...cost, isUrgent: true };
      const taken = await waitForTokens(budget, request, { untilMs, nowMs });
      if (taken === 'taken') paid.add(clientOrderId);
    },
    areTakenFor: ({ purpose, clientOrderId }) =>
      !budget || purpose.kind === 'entry' || paid.delete(clientOrderId),
  };
}
