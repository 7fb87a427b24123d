import type { ChildOrder } from '../../domain/child-order.js';
import type { CancelAnswer, PlaceAnswer, Refusal } from '../../domain/venue.js';
import type { HttpResult } from './http.js';
import { canceledOrder, createdOrder, errorBody } from './wire.js';

/**
 * The venue's answer → class, one row for each documented code. Codes are in lower snake case here:
 * REST writes them so, FIX in capitals. A code's row beats the status it came with.
 * Source: reference/venues.md 1.4, 1.5; DESIGN §9.
 */
export const codeClasses = {
  // The venue has it: find it, compare it, adopt it.
  order_already_exists: 'exists',

  available_balance_too_low: 'funds',
  insufficient_balance: 'funds',

  too_many_requests: 'rate',

  // The same order may pass later; nothing of it was taken.
  trading_is_paused: 'venue_state',
  trading_paused: 'venue_state',
  exchange_paused: 'venue_state',
  exchange_unavailable: 'venue_state',
  order_group_cancel: 'venue_state',
  exceeded_order_group_risk_limit: 'venue_state',

  market_already_closed: 'market_closed',
  market_inactive: 'market_closed',

  fok_insufficient_volume: 'no_match',
  fill_or_kill_insufficient_resting_volume: 'no_match',
  immediate_or_cancelled: 'no_match',

  invalid_order: 'terminal',
  invalid_order_size: 'terminal',
  order_id_and_client_order_id_mismatch: 'terminal',
  order_side_mismatch: 'terminal',
  order_ticker_mismatch: 'terminal',
  order_group_not_found: 'terminal',
  exceeded_per_market_risk_limit: 'terminal',
  exceeded_sell_position_floor: 'terminal',
  deprecated_v1_order_endpoint: 'terminal',
  post_only_cross: 'terminal',
  self_cross_attempt: 'terminal',
  taker_cancel_for_self_trade_prevention: 'terminal',
  maker_cancel_for_self_trade_prevention: 'terminal',
} as const satisfies Record<string, Refusal | 'exists'>;

/**
 * What a status says where the code has no row. The body must still be the venue's own: a page of
 * some proxy on the way says nothing about the order. A status without a row is `unknown`.
 */
export const statusClasses = {
  400: 'terminal',
  401: 'terminal',
  403: 'terminal',
  404: 'terminal',
  429: 'rate',
} as const satisfies Record<number, Refusal>;

/** The class of an answer to `POST /portfolio/events/orders`. */
export function placeAnswer(order: ChildOrder, result: HttpResult): PlaceAnswer {
  if (result.kind === 'failed') return failedPlacement(result);
  if (result.status === 200 || result.status === 201) return acceptance(order, result.body);
  return errorAnswer(result.status, result.body);
}

/** A connection that never stood carried no byte: the one failure that is a definite no. */
function failedPlacement(failed: HttpResult & { readonly kind: 'failed' }): PlaceAnswer {
  const { code, reason } = failed;
  return failed.isNeverSent
    ? { kind: 'refused', refusal: 'venue_state', code, reason }
    : { kind: 'unknown', code, reason };
}

function acceptance(order: ChildOrder, body: unknown): PlaceAnswer {
  const answer = createdOrder.safeParse(body);
  if (!answer.success) {
    return { kind: 'unknown', code: 'UNREADABLE_SUCCESS', reason: answer.error.message };
  }
  const { order_id, client_order_id, fill_count, remaining_count } = answer.data;
  if (client_order_id !== undefined && client_order_id !== order.clientOrderId) {
    return { kind: 'unknown', code: 'OTHER_ORDER', reason: `the answer is of ${client_order_id}` };
  }
  const state = acceptedState(order, fill_count, remaining_count);
  return { kind: 'accepted', venueOrderId: order_id, state, cumulativeQuantity: fill_count };
}

/**
 * Whatever the time in force, a remainder means that the venue still has the order in hand: whoever
 * holds it asks. Nothing left and less than all filled is the end of an IOC.
 */
function acceptedState(
  order: ChildOrder,
  filled: bigint,
  remaining: bigint,
): 'working' | 'filled' | 'canceled' {
  if (filled >= order.legalMaximum) return 'filled';
  return remaining > 0n ? 'working' : 'canceled';
}

function errorAnswer(status: number, body: unknown): PlaceAnswer {
  const error = readError(body);
  const row = error && codeClass(error.code);
  const reason = error?.message ?? `HTTP ${status}`;
  if (row === 'exists') return { kind: 'exists', code: 'order_already_exists' };
  if (row) return { kind: 'refused', refusal: row, code: error.code, reason };
  const byStatus = statusClass(status);
  const isVenues = error !== undefined || status === 429; // a rate limit is refused at the door
  if (byStatus && isVenues) {
    return { kind: 'refused', refusal: byStatus, code: error?.code ?? `HTTP_${status}`, reason };
  }
  return { kind: 'unknown', code: error?.code ?? `HTTP_${status}`, reason };
}

/** The class of an answer to `DELETE /portfolio/events/orders/{order_id}`. */
export function cancelAnswer(result: HttpResult): CancelAnswer {
  if (result.kind === 'failed') return { kind: 'unknown', code: result.code };
  if (result.status === 200) {
    const isRead = canceledOrder.safeParse(result.body).success;
    return isRead ? { kind: 'canceled' } : { kind: 'unknown', code: 'UNREADABLE_SUCCESS' };
  }
  const code = readError(result.body)?.code;
  // Refused before it reached the order: the order may go on working.
  const isAnswered = code !== undefined && (result.status === 400 || result.status === 404);
  return isAnswered
    ? { kind: 'not_canceled', code }
    : { kind: 'unknown', code: code ?? `HTTP_${result.status}` };
}

/** Reads any of the venue's error envelopes; `undefined` where the body is none of them. */
export function readError(
  body: unknown,
): { readonly code: string; readonly message?: string | null | undefined } | undefined {
  const read = errorBody.safeParse(body);
  if (!read.success) return undefined;
  return { code: snakeCase(read.data.code), message: read.data.message };
}

const snakeCase = (code: string): string =>
  code
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');

function codeClass(code: string): Refusal | 'exists' | undefined {
  const rows: Readonly<Record<string, Refusal | 'exists'>> = codeClasses;
  return Object.hasOwn(rows, code) ? rows[code] : undefined;
}

function statusClass(status: number): Refusal | undefined {
  const rows: Readonly<Record<number, Refusal>> = statusClasses;
  return Object.hasOwn(rows, status) ? rows[status] : undefined;
}
