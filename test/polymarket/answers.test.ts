import { describe, expect, test } from 'vitest';
import type { PreparedOrder } from '../../domain/venue.js';
import {
  cancelAllAnswerOf,
  cancelAnswerOf,
  placeAnswerOf,
} from '../../venues/polymarket/answers.js';
import { documentedAnswers } from '../../venues/polymarket/documented-answers.js';
import type { Reply } from '../../venues/polymarket/http.js';
import { orderOf } from './desk.js';

const HASH = `0x${'0f'.repeat(32)}`;
const OTHER = `0x${'0e'.repeat(32)}`;
/** 10 contracts at 0.50 or better: 5 dollars. */
const buy = prepared(orderOf({ name: 'buy', limit: '0.50', contracts: '10' }));
const sale = prepared(orderOf({ name: 'sale', side: 'sell', limit: '0.50', contracts: '10' }));

function prepared(order: PreparedOrder['order']): PreparedOrder {
  return { order, venueOrderId: HASH, body: '{}' };
}

const answered = (status: number, body: unknown): Reply => ({
  kind: 'answered',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const refusal = (status: number, error: string) => answered(status, { error });

/** The answer as one line: class, and what the desk needs of it. */
function classOf(reply: Reply, order = buy): string {
  const answer = placeAnswerOf(reply, order);
  switch (answer.kind) {
    case 'accepted':
      return `accepted ${answer.state} ${answer.cumulativeQuantity / 1_000_000_000n}`;
    case 'refused':
      return `refused ${answer.refusal} ${answer.code}`;
    case 'exists':
    case 'unknown':
      return `${answer.kind} ${answer.code}`;
  }
}

const placed = (fields: object) =>
  answered(200, { success: true, errorMsg: '', orderID: HASH, ...fields });
const matched = (makingAmount: string, takingAmount: string) =>
  placed({
    status: 'matched',
    makingAmount,
    takingAmount,
    transactionsHashes: [],
    tradeIDs: ['t'],
  });

describe('an acceptance', () => {
  test.each<[string, Reply, string]>([
    ['all of the collateral was spent', matched('5', '10'), 'accepted filled 10'],
    ['a better price brought more shares', matched('5', '12.5'), 'accepted filled 12'],
    ['part was filled and the rest is gone', matched('2.5', '5'), 'accepted canceled 5'],
    [
      'it rests',
      placed({ status: 'live', makingAmount: '', takingAmount: '' }),
      'accepted working 0',
    ],
    ['it is held back', placed({ status: 'delayed' }), 'unknown delayed'],
    ['it was to be held back', placed({ status: 'unmatched' }), 'unknown unmatched'],
    ['it matched, but no amount is given', matched('', ''), 'unknown amounts_missing'],
    [
      'it matched in a unit that is not ours',
      matched('5000000', '10000000'),
      'unknown amounts_unreadable',
    ],
    ['a status nobody has documented', placed({ status: 'queued' }), 'unknown queued'],
    ['no status at all', placed({}), 'unknown no_status'],
    [
      'success without an id',
      answered(200, { success: true, status: 'matched' }),
      'unknown success_without_id',
    ],
    ['an empty id', placed({ orderID: '', status: 'matched' }), 'unknown success_without_id'],
    [
      'the id of another order',
      placed({ orderID: OTHER, status: 'matched' }),
      'unknown another_order_id',
    ],
    [
      'our id and an error',
      placed({ errorMsg: 'not enough balance / allowance' }),
      'unknown accepted_with_error',
    ],
    [
      'no success, no id, no reason',
      answered(200, { success: false }),
      'unknown success_without_id',
    ],
    ['no JSON', answered(200, '<html>'), 'unknown unreadable'],
    ['an amount that is no number', matched('5', 'ten'), 'unknown unreadable'],
  ])('%s', (_story, reply, expected) => {
    expect(classOf(reply)).toBe(expected);
  });

  test('a sale is measured by the shares that it gave', () => {
    expect(classOf(matched('10', '5.2'), sale)).toBe('accepted filled 10');
    expect(classOf(matched('4', '2'), sale)).toBe('accepted canceled 4');
  });

  test('the id is compared whatever its letter case', () => {
    const upper = placed({ orderID: HASH.toUpperCase().replace('0X', '0x'), status: 'live' });
    expect(classOf(upper)).toBe('accepted working 0');
  });
});

describe('a refusal', () => {
  test.each<[string, Reply, string]>([
    [
      'the same bytes came before',
      refusal(400, `order ${HASH} is invalid. Duplicated.`),
      'exists duplicated',
    ],
    [
      'nothing to match',
      refusal(
        400,
        'no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.',
      ),
      'refused no_match fak_no_match',
    ],
    [
      'FOK killed',
      refusal(400, "order couldn't be fully filled. FOK orders are fully filled or killed."),
      'refused no_match fok_not_filled',
    ],
    [
      'the engine found no match',
      refusal(500, 'there are no matching orders'),
      'refused no_match no_match',
    ],
    [
      'the engine killed a FOK',
      refusal(500, 'FOK orders are filled or killed'),
      'refused no_match fok_not_filled',
    ],
    [
      'no money',
      refusal(400, 'not enough balance / allowance'),
      'refused funds not_enough_balance',
    ],
    [
      'too early',
      refusal(400, 'the market is not yet ready to process new orders'),
      'refused venue_state market_not_ready',
    ],
    ['the engine restarts', answered(425, ''), 'refused venue_state engine_restarting'],
    [
      'trading disabled',
      refusal(503, 'Trading is currently disabled. Check polymarket.com for updates'),
      'refused venue_state trading_disabled',
    ],
    [
      'cancel-only',
      refusal(
        503,
        'Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.',
      ),
      'refused venue_state cancel_only',
    ],
    [
      'post-only mode',
      answered(503, { code: 'post_only_mode', retry_after_seconds: 90 }),
      'refused venue_state post_only_mode',
    ],
    [
      'post-only mode, nested',
      answered(503, { post_only_mode: { code: 'x', retry_after_seconds: 9 } }),
      'refused venue_state post_only_mode',
    ],
    ['too many requests', answered(429, 'slow down'), 'refused rate rate_limited'],
    [
      'the market is gone',
      refusal(404, 'No orderbook exists for the requested token id'),
      'refused market_closed no_orderbook',
    ],
    [
      'off the tick',
      refusal(400, `order ${HASH} is invalid. Price (0.505) breaks minimum tick size rule: 0.01`),
      'refused terminal bad_tick',
    ],
    [
      'too small',
      refusal(400, `order ${HASH} is invalid. Size (1) lower than the minimum: 5`),
      'refused terminal below_minimum',
    ],
    [
      'post-only crosses',
      refusal(400, 'invalid post-only order: order crosses book'),
      'refused terminal post_only_cross',
    ],
    [
      'it crosses',
      refusal(400, `order ${HASH} crosses the book`),
      'refused terminal post_only_cross',
    ],
    ['expired', refusal(400, 'invalid expiration'), 'refused terminal bad_expiration'],
    ['the nonce', refusal(400, 'invalid nonce'), 'refused terminal bad_nonce'],
    [
      'canceled on chain',
      refusal(400, 'order canceled in the CTF exchange contract'),
      'refused terminal canceled_on_chain',
    ],
    ['the form', refusal(400, 'Invalid order payload'), 'refused terminal bad_payload'],
    [
      'the owner',
      refusal(400, 'the order owner has to be the owner of the API KEY'),
      'refused terminal owner_mismatch',
    ],
    [
      'the signer',
      refusal(400, 'the order signer address has to be the address of the API KEY'),
      'refused terminal signer_mismatch',
    ],
    ['banned', refusal(400, "'0xabc' address banned"), 'refused terminal address_banned'],
    [
      'closed-only',
      refusal(400, "'0xabc' address in closed only mode"),
      'refused terminal closed_only',
    ],
    ['another domain', refusal(400, 'order_version_mismatch'), 'refused terminal version_mismatch'],
    [
      'not authorised',
      refusal(401, 'Unauthorized/Invalid api key'),
      'refused terminal unauthorized',
    ],
    [
      'the older form',
      answered(200, { success: false, errorMsg: 'INVALID_ORDER_MIN_SIZE', orderID: '' }),
      'refused terminal below_minimum',
    ],
    [
      'the older form, successful',
      answered(200, { success: true, errorMsg: 'not enough balance / allowance', orderID: '' }),
      'refused funds not_enough_balance',
    ],
    [
      'the connection never came about',
      { kind: 'not_sent', code: 'not_connected' },
      'refused venue_state not_connected',
    ],
  ])('%s', (_story, reply, expected) => {
    expect(classOf(reply)).toBe(expected);
  });
});

describe('no proof', () => {
  test.each<[string, Reply, string]>([
    ['silence', { kind: 'silent', code: 'timeout' }, 'unknown timeout'],
    ['a reset after the write', { kind: 'silent', code: 'ECONNRESET' }, 'unknown ECONNRESET'],
    [
      'delayed by the market',
      refusal(400, 'order match delayed due to market conditions'),
      'unknown delayed',
    ],
    ['the older names of it', refusal(400, 'DELAYING_ORDER_ERROR'), 'unknown delayed'],
    ['could not be inserted', refusal(400, 'INVALID_ORDER_ERROR'), 'unknown insert_error'],
    ['could not be executed', refusal(400, 'EXECUTION_ERROR'), 'unknown execution_error'],
    [
      'rounding in the engine',
      refusal(500, 'the trade contains rounding issues'),
      'unknown rounding',
    ],
    ['a server error', refusal(500, 'Internal server error'), 'unknown server_error'],
    ['a gateway error', answered(502, '<html>bad gateway</html>'), 'unknown unlisted_502'],
    ['a 503 without words', answered(503, ''), 'unknown unlisted_503'],
    ['a 400 with words that nobody documented', refusal(400, 'try again'), 'unknown unlisted_400'],
    [
      'documented words under a status that is not theirs',
      refusal(502, 'not enough balance / allowance'),
      'unknown unlisted_502',
    ],
    [
      'a duplicate of another order',
      refusal(400, `order ${OTHER} is invalid. Duplicated.`),
      'unknown unlisted_400',
    ],
    [
      'documented words with others around them',
      refusal(400, 'maybe not enough balance / allowance'),
      'unknown unlisted_400',
    ],
  ])('%s', (_story, reply, expected) => {
    expect(classOf(reply)).toBe(expected);
  });
});

test('every row of the table is reached by the answer that it documents', () => {
  for (const row of documentedAnswers) {
    const text = (row.text ?? '').replaceAll('{id}', HASH).replaceAll('{}', '1');
    for (const status of row.status) {
      const reply =
        status === 200
          ? answered(200, { success: false, errorMsg: text, orderID: '' })
          : refusal(status, text);
      const answer = placeAnswerOf(reply, buy);
      const said = answer.kind === 'refused' ? answer.refusal : answer.kind;
      expect([row.text, said]).toEqual([row.text, row.class]);
    }
  }
});

describe('a cancel', () => {
  test.each<[string, Reply, object]>([
    ['done', answered(200, { canceled: [HASH], not_canceled: {} }), { kind: 'canceled' }],
    [
      'too late',
      answered(200, { canceled: [], not_canceled: { [HASH]: 'matched' } }),
      { kind: 'not_canceled', code: 'matched' },
    ],
    [
      'another order was canceled',
      answered(200, { canceled: [OTHER] }),
      { kind: 'unknown', code: 'not_mentioned' },
    ],
    [
      'no cancels now',
      refusal(503, 'Trading is currently disabled. See elsewhere'),
      { kind: 'unknown', code: 'trading_disabled' },
    ],
    ['slow down', answered(429, ''), { kind: 'unknown', code: 'rate_limited' }],
    ['no JSON', answered(200, 'ok'), { kind: 'unknown', code: 'unreadable' }],
    ['silence', { kind: 'silent', code: 'timeout' }, { kind: 'unknown', code: 'timeout' }],
    [
      'nothing was sent',
      { kind: 'not_sent', code: 'not_connected' },
      { kind: 'unknown', code: 'not_connected' },
    ],
  ])('%s', (_story, reply, expected) => {
    expect(cancelAnswerOf(reply, HASH)).toEqual(expected);
  });

  test('of all orders is done only when none is left', () => {
    expect(cancelAllAnswerOf(answered(200, { canceled: [HASH], not_canceled: {} }))).toEqual({
      kind: 'canceled',
    });
    const left = answered(200, { canceled: [], not_canceled: { [HASH]: 'delayed' } });
    expect(cancelAllAnswerOf(left)).toEqual({ kind: 'not_canceled', code: '1 orders left' });
  });
});
