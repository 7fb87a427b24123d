import { z } from 'zod';
import type { ChildOrder } from '../../domain/child-order.js';
import type { CancelAnswer, PlaceAnswer, Refusal } from '../../domain/venue.js';
import { answerTable, codeShape, refusalOrExistsShape, refusalShape } from '../answer-table.js';
import table from './answer-table.json' with { type: 'json' };
import type { HttpResult } from './http.js';
import { canceledOrder, createdOrder, errorBody } from './wire.js';

const tableShape = z.strictObject({
  codes: z.record(codeShape, refusalOrExistsShape),
  statuses: z.record(z.string().regex(/^[1-5][0-9]{2}$/, 'no HTTP status'), refusalShape),
});

/** What `answer-table.json` may say; throws, by row, where it says anything else. */
export function readAnswerTable(json: unknown) {
  return answerTable('venues/kalshi/answer-table.json', tableShape, json);
}

const read = readAnswerTable(table);

/**
 * The venue's answer → class, one row for each documented code. Codes are in lower snake case here:
 * REST writes them so, FIX in capitals. A code's row beats the status it came with.
 * Source: reference/venues.md 1.4, 1.5; DESIGN §9. By class:
 *
 * - `exists`: the venue has it: find it, compare it, adopt it.
 * - `venue_state`: the same order may pass later; nothing of it was taken.
 * - The others are what `Refusal` says of them.
 */
export const codeClasses: Readonly<Record<string, Refusal | 'exists'>> = read.codes;

/**
 * What a status says where the code has no row. The body must still be the venue's own: a page of
 * some proxy on the way says nothing about the order. A status without a row is `unknown`.
 */
export const statusClasses: Readonly<Record<string, Refusal>> = read.statuses;

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
  if (row) {
    const { code } = error;
    if (row === 'exists') return { kind: 'exists', code };
    return { kind: 'refused', refusal: row, code, reason };
  }
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
  return Object.hasOwn(codeClasses, code) ? codeClasses[code] : undefined;
}

function statusClass(status: number): Refusal | undefined {
  return Object.hasOwn(statusClasses, status) ? statusClasses[status] : undefined;
}
