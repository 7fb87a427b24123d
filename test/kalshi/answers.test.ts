import { describe, expect, test } from 'vitest';
import type { CancelAnswer, PlaceAnswer } from '../../domain/venue.js';
import {
  cancelAnswer,
  codeClasses,
  placeAnswer,
  statusClasses,
} from '../../venues/kalshi/answers.js';
import type { HttpResult } from '../../venues/kalshi/http.js';
import { orderOf } from './fixtures/orders.js';

const tenYes = orderOf('10');

const answered = (status: number, body: unknown): HttpResult => ({
  kind: 'answered',
  status,
  body,
});
const failed = (code: string, isNeverSent = false): HttpResult => ({
  kind: 'failed',
  code,
  reason: code,
  isNeverSent,
});

const taken = (fill: string, remaining: string, changes: Record<string, unknown> = {}) => ({
  order_id: 'K1',
  client_order_id: 'client-1',
  fill_count: fill,
  remaining_count: remaining,
  ts_ms: 1,
  ...changes,
});

/** "accepted filled", "refused funds", "exists", "unknown". */
function classOf(answer: PlaceAnswer): string {
  if (answer.kind === 'accepted') return `accepted ${answer.state}`;
  return answer.kind === 'refused' ? `refused ${answer.refusal}` : answer.kind;
}

describe('an acceptance', () => {
  test.each([
    ['all of it', taken('10.00', '0.00'), 'accepted filled'],
    ['a part, the rest killed', taken('4.00', '0.00'), 'accepted canceled'],
    ['nothing of an IOC', taken('0.00', '0.00'), 'accepted canceled'],
    ['still in hand', taken('0.00', '10.00'), 'accepted working'],
    ['no id', taken('10.00', '0.00', { order_id: '' }), 'unknown'],
    ['no count', taken('10.00', '0.00', { fill_count: undefined }), 'unknown'],
    ['a count that is no decimal', taken('ten', '0.00'), 'unknown'],
    ['somebody else', taken('10.00', '0.00', { client_order_id: 'client-2' }), 'unknown'],
    ['without our id', taken('10.00', '0.00', { client_order_id: undefined }), 'accepted filled'],
    ['an answer that has grown', taken('10.00', '0.00', { news: 1 }), 'accepted filled'],
    ['not JSON', undefined, 'unknown'],
  ])('%s', (_, body, expected) => {
    expect(classOf(placeAnswer(tenYes, answered(201, body)))).toBe(expected);
  });

  test('tells the id and what the venue says was filled', () => {
    expect(placeAnswer(tenYes, answered(201, taken('4.00', '0.00')))).toEqual({
      kind: 'accepted',
      venueOrderId: 'K1',
      state: 'canceled',
      cumulativeQuantity: 4_000_000_000n,
    });
  });
});

describe('an error with a documented code', () => {
  test.each([
    [409, 'order_already_exists', 'exists'],
    [400, 'available_balance_too_low', 'refused funds'],
    [400, 'INSUFFICIENT_BALANCE', 'refused funds'],
    [429, 'too many requests', 'refused rate'],
    [409, 'trading_is_paused', 'refused venue_state'],
    [409, 'TRADING_PAUSED', 'refused venue_state'],
    [409, 'EXCHANGE_PAUSED', 'refused venue_state'],
    [503, 'exchange_unavailable', 'refused venue_state'],
    [400, 'ORDER_GROUP_CANCEL', 'refused venue_state'],
    [400, 'EXCEEDED_ORDER_GROUP_RISK_LIMIT', 'refused venue_state'],
    [400, 'MARKET_ALREADY_CLOSED', 'refused market_closed'],
    [400, 'MARKET_INACTIVE', 'refused market_closed'],
    [409, 'FOK_INSUFFICIENT_VOLUME', 'refused no_match'],
    [409, 'fill_or_kill_insufficient_resting_volume', 'refused no_match'],
    [400, 'IMMEDIATE_OR_CANCELLED', 'refused no_match'],
    [400, 'INVALID_ORDER', 'refused terminal'],
    [400, 'invalid_order_size', 'refused terminal'],
    [400, 'order_id_and_client_order_id_mismatch', 'refused terminal'],
    [400, 'order_side_mismatch', 'refused terminal'],
    [400, 'order_ticker_mismatch', 'refused terminal'],
    [404, 'ORDER_GROUP_NOT_FOUND', 'refused terminal'],
    [400, 'EXCEEDED_PER_MARKET_RISK_LIMIT', 'refused terminal'],
    [400, 'EXCEEDED_SELL_POSITION_FLOOR', 'refused terminal'],
    [400, 'deprecated_v1_order_endpoint', 'refused terminal'],
    [400, 'POST_ONLY_CROSS', 'refused terminal'],
    [400, 'SELF_CROSS_ATTEMPT', 'refused terminal'],
    [400, 'TAKER_CANCEL_FOR_SELF_TRADE_PREVENTION', 'refused terminal'],
    [400, 'MAKER_CANCEL_FOR_SELF_TRADE_PREVENTION', 'refused terminal'],
  ])('%i %s', (status, code, expected) => {
    for (const body of [
      { code, message: 'm' },
      { error: { code, message: 'm' } },
      { error: code },
    ]) {
      expect(classOf(placeAnswer(tenYes, answered(status, body)))).toBe(expected);
    }
    rowsSeen.add(code.toLowerCase().replaceAll(' ', '_'));
  });

  const rowsSeen = new Set<string>();
  test('and there is no row that the table above leaves out', () => {
    expect([...rowsSeen].sort()).toEqual(Object.keys(codeClasses).sort());
  });
});

describe('an error without a row of its own', () => {
  const own = { error: { code: 'something_new', message: 'm' } };
  test.each([
    [400, own, 'refused terminal'],
    [401, own, 'refused terminal'],
    [403, own, 'refused terminal'],
    [404, own, 'refused terminal'],
    [429, own, 'refused rate'],
    [429, undefined, 'refused rate'],
    [400, undefined, 'unknown'],
    [403, '<html>', 'unknown'],
    [409, own, 'unknown'],
    [408, own, 'unknown'],
    [500, own, 'unknown'],
    [502, undefined, 'unknown'],
    [503, own, 'unknown'],
    [504, undefined, 'unknown'],
    [302, undefined, 'unknown'],
    [204, undefined, 'unknown'],
  ])('%i %j', (status, body, expected) => {
    expect(classOf(placeAnswer(tenYes, answered(status, body)))).toBe(expected);
  });

  test('every status of the table is in the list above', () => {
    expect(Object.keys(statusClasses)).toEqual(['400', '401', '403', '404', '429']);
  });
});

describe('silence', () => {
  test.each([
    ['TIMEOUT', false, 'unknown'],
    ['ECONNRESET', false, 'unknown'],
    ['UND_ERR_SOCKET', false, 'unknown'],
    ['ECONNREFUSED', true, 'refused venue_state'],
  ])('%s', (code, isNeverSent, expected) => {
    expect(classOf(placeAnswer(tenYes, failed(code, isNeverSent)))).toBe(expected);
  });
});

describe('an answer to a cancel', () => {
  const error = (code: string) => ({ error: { code, message: code } });
  test.each([
    [answered(200, { order_id: 'K1', reduced_by: '6.00' }), { kind: 'canceled' }],
    [answered(200, {}), { kind: 'unknown', code: 'UNREADABLE_SUCCESS' }],
    [answered(404, error('not_found')), { kind: 'not_canceled', code: 'not_found' }],
    [answered(400, error('invalid_order')), { kind: 'not_canceled', code: 'invalid_order' }],
    [answered(429, error('too many requests')), { kind: 'unknown', code: 'too_many_requests' }],
    [answered(409, error('exchange_paused')), { kind: 'unknown', code: 'exchange_paused' }],
    [answered(404, undefined), { kind: 'unknown', code: 'HTTP_404' }],
    [answered(500, undefined), { kind: 'unknown', code: 'HTTP_500' }],
    [failed('TIMEOUT'), { kind: 'unknown', code: 'TIMEOUT' }],
  ] satisfies readonly (readonly [HttpResult, CancelAnswer])[])('%j', (result, expected) => {
    expect(cancelAnswer(result)).toEqual(expected);
  });
});
