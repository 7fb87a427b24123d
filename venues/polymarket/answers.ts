import { assert } from '../../domain/assert.js';
import type { ChildOrder } from '../../domain/child-order.js';
import type { Quantity } from '../../domain/money.js';
import type { CancelAnswer, PlaceAnswer, PreparedOrder } from '../../domain/venue.js';
import { documented, type Verdict } from './documented-answers.js';
import type { Reply } from './http.js';
import { canceledShape, errorShape, placedShape } from './wire.js';

/**
 * What a placement's reply proves (DESIGN §9).
 *
 * 1. Only documented words are a refusal; anything else that may have reached the book is unknown.
 * 2. An acceptance must name our order's hash; another id is unknown.
 * 3. `delayed` and `unmatched` say that the order lives on somewhere: unknown, never a fill.
 * 4. The amounts are an expectation. Where they cannot be read, the order is unknown.
 */
export function placeAnswerOf(reply: Reply, prepared: PreparedOrder): PlaceAnswer {
  if (reply.kind === 'not_sent') return refusedBeforeSending(reply.code);
  if (reply.kind === 'silent') return unknown(reply.code, 'no answer');
  const id = prepared.venueOrderId;
  assert(id !== undefined, 'a prepared order of this venue knows its hash');
  if (reply.status !== 200) return answerOfVerdict(verdictOf(reply, id), reply);
  const placed = placedShape.safeParse(parsed(reply.body));
  if (!placed.success) return unknown('unreadable', clipped(reply.body));
  const { success, errorMsg, orderID } = placed.data;
  const isOurs = orderID?.toLowerCase() === id.toLowerCase();
  if (errorMsg)
    return isOurs ? contradiction(errorMsg) : answerOfVerdict(verdictOf(reply, id), reply);
  if (!success || !orderID) return unknown('success_without_id', clipped(reply.body));
  if (!isOurs) return unknown('another_order_id', orderID);
  return acceptance(prepared, id, placed.data);
}

/** What a cancel's reply proves. Anything but the venue's own lists leaves the order as it was. */
export function cancelAnswerOf(reply: Reply, venueOrderId: string): CancelAnswer {
  if (reply.kind !== 'answered') return { kind: 'unknown', code: reply.code };
  if (reply.status !== 200) return { kind: 'unknown', code: verdictOf(reply, venueOrderId).code };
  const answer = canceledShape.safeParse(parsed(reply.body));
  if (!answer.success) return { kind: 'unknown', code: 'unreadable' };
  if (answer.data.canceled.some((id) => isSame(id, venueOrderId))) return { kind: 'canceled' };
  const refusals = Object.entries(answer.data.not_canceled ?? {});
  const reason = refusals.find(([id]) => isSame(id, venueOrderId))?.[1];
  if (reason === undefined) return { kind: 'unknown', code: 'not_mentioned' };
  return { kind: 'not_canceled', code: reason };
}

/** Cancel-all names what it could not cancel; only an empty list is a success. */
export function cancelAllAnswerOf(reply: Reply): CancelAnswer {
  if (reply.kind !== 'answered') return { kind: 'unknown', code: reply.code };
  if (reply.status !== 200) return { kind: 'unknown', code: verdictOf(reply, '').code };
  const answer = canceledShape.safeParse(parsed(reply.body));
  if (!answer.success) return { kind: 'unknown', code: 'unreadable' };
  const left = Object.keys(answer.data.not_canceled ?? {}).length;
  return left === 0 ? { kind: 'canceled' } : { kind: 'not_canceled', code: `${left} orders left` };
}

/** JSON or `undefined`: an unreadable body is an answer of the world, not an exception. */
export function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The row of the table that a reply falls under; `unlisted` where there is none. */
function verdictOf(reply: { status: number; body: string }, id: string): Verdict {
  const shape = errorShape.safeParse(parsed(reply.body));
  const said = shape.success ? shape.data : {};
  const text = said.error ?? said.errorMsg ?? said.error_msg ?? '';
  const isPostOnlyMode = said.post_only_mode !== undefined || said.code === 'post_only_mode';
  return documented(reply.status, isPostOnlyMode ? 'post_only_mode' : text, id);
}

function answerOfVerdict(verdict: Verdict, reply: { body: string }): PlaceAnswer {
  const reason = clipped(reply.body);
  if (verdict.class === 'exists') return { kind: 'exists', code: verdict.code };
  if (verdict.class === 'unknown') return unknown(verdict.code, reason);
  return { kind: 'refused', refusal: verdict.class, code: verdict.code, reason };
}

type Placed = ReturnType<typeof placedShape.parse>;

function acceptance(prepared: PreparedOrder, venueOrderId: string, placed: Placed): PlaceAnswer {
  const { order } = prepared;
  const { status, makingAmount, takingAmount } = placed;
  if (status !== 'matched' && status !== 'live')
    return unknown(status ?? 'no_status', 'see the code');
  const filled = order.side === 'buy' ? takingAmount : makingAmount;
  if (status === 'matched' && (filled == null || makingAmount == null)) {
    return unknown('amounts_missing', 'matched without its amounts');
  }
  const cumulativeQuantity = (filled ?? 0n) as Quantity; // shares, by the side
  if (cumulativeQuantity > order.legalMaximum) {
    return unknown('amounts_unreadable', `${cumulativeQuantity} is more than was ordered`);
  }
  const asked = order.fixed.kind === 'collateral' ? order.fixed.collateral : order.fixed.contracts;
  const state = status === 'live' ? 'working' : stateAfterMatch(order, makingAmount === asked);
  return { kind: 'accepted', venueOrderId, state, cumulativeQuantity };
}

/** What an immediate order did not fill is gone with the answer. */
function stateAfterMatch(order: ChildOrder, isSpent: boolean): 'working' | 'filled' | 'canceled' {
  if (isSpent) return 'filled';
  const isImmediate = order.timeInForce === 'IOC' || order.timeInForce === 'FOK';
  return isImmediate ? 'canceled' : 'working';
}

const refusedBeforeSending = (code: string): PlaceAnswer => ({
  kind: 'refused',
  refusal: 'venue_state',
  code,
  reason: 'no connection: nothing was sent',
});
const unknown = (code: string, reason: string): PlaceAnswer => ({ kind: 'unknown', code, reason });
const contradiction = (text: string) => unknown('accepted_with_error', text);
const isSame = (left: string, right: string) => left.toLowerCase() === right.toLowerCase();
const clipped = (text: string) => text.slice(0, 300);
