import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKalshiCredentials } from '../../venues/kalshi/index.js';
import type { KalshiRequest } from '../../venues/kalshi/signing.js';
import { createKalshiSigner } from '../../venues/kalshi/signing.js';
import { createTokenBucket } from '../../venues/kalshi/simulator/token-bucket.js';
import { rain } from './fixtures/orders.js';
import type { Stage } from './fixtures/stage.js';
import { openStage } from './fixtures/stage.js';

const ORDERS = '/trade-api/v2/portfolio/events/orders';
const BALANCE = '/trade-api/v2/portfolio/balance';

let at: Stage;
beforeAll(async () => {
  at = await openStage();
});
afterAll(() => at.close());

const origin = () => new URL(at.simulator.url).origin;
const now = (method: KalshiRequest['method'], path: string): KalshiRequest => ({
  method,
  path,
  timestampMs: Date.now(),
});

async function get(path: string, headers: Record<string, string>): Promise<number> {
  const answer = await fetch(`${origin()}${path}`, { headers });
  return answer.status;
}

describe('a request is let in', () => {
  test('signed, with a query that is not', async () => {
    const headers = createKalshiSigner(at.credentials)(now('GET', BALANCE));
    expect(await get(`${BALANCE}?subaccount=0`, { ...headers })).toBe(200);
  });

  test.each<[string, (sign: ReturnType<typeof createKalshiSigner>) => object]>([
    ['unsigned', () => ({})],
    ['signed for another path', (sign) => sign(now('GET', `${BALANCE}s`))],
    ['signed for another method', (sign) => sign(now('POST', BALANCE))],
    [
      'signed a minute ago',
      (sign) => sign({ ...now('GET', BALANCE), timestampMs: Date.now() - 60_000 }),
    ],
    [
      'signed a minute ahead',
      (sign) => sign({ ...now('GET', BALANCE), timestampMs: Date.now() + 60_000 }),
    ],
    [
      'in seconds',
      (sign) => sign({ ...now('GET', BALANCE), timestampMs: Math.floor(Date.now() / 1000) }),
    ],
    [
      'by a key that is not known',
      () => createKalshiSigner(createKalshiCredentials())(now('GET', BALANCE)),
    ],
    [
      'by the wrong key under a known name',
      () => {
        const stranger = createKalshiCredentials();
        return createKalshiSigner({ ...stranger, keyId: at.credentials.keyId })(
          now('GET', BALANCE),
        );
      },
    ],
  ])('not %s', async (_, headersOf) => {
    const headers = headersOf(createKalshiSigner(at.credentials));
    expect(await get(BALANCE, { ...headers })).toBe(401); // names to texts
  });
});

const body = {
  ticker: rain.market,
  client_order_id: 'c1',
  side: 'bid',
  count: '6.00',
  price: '0.5000',
  time_in_force: 'immediate_or_cancel',
  self_trade_prevention_type: 'taker_at_cross',
};

async function post(text: string): Promise<[number, unknown]> {
  const headers = createKalshiSigner(at.credentials)(now('POST', ORDERS));
  const answer = await fetch(`${origin()}${ORDERS}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: text,
  });
  return [answer.status, await answer.json()];
}

describe('an order is refused', () => {
  test.each<[string, Record<string, unknown>, number, string]>([
    ['without a ticker', { ticker: undefined }, 400, 'invalid_parameters'],
    ['without a side', { side: undefined }, 400, 'invalid_parameters'],
    ['with a side of the old endpoint', { side: 'yes' }, 400, 'invalid_parameters'],
    ['without a time in force', { time_in_force: undefined }, 400, 'invalid_parameters'],
    ['with a time in force that is none', { time_in_force: 'GTT' }, 400, 'invalid_parameters'],
    [
      'without self-trade prevention',
      { self_trade_prevention_type: undefined },
      400,
      'invalid_parameters',
    ],
    ['with a count that is a number', { count: 6 }, 400, 'invalid_parameters'],
    ['with a count of three decimals', { count: '6.001' }, 400, 'invalid_parameters'],
    ['with a count of nothing', { count: '0.00' }, 400, 'invalid_order_size'],
    ['with a price of five decimals', { price: '0.50001' }, 400, 'invalid_parameters'],
    ['with a price of one decimal', { price: '0.5' }, 400, 'invalid_parameters'],
    ['with a price off the grid', { price: '0.5050' }, 400, 'invalid_order'],
    ['with a price of one dollar', { price: '1.0000' }, 400, 'invalid_order'],
    ['with an IOC that expires', { expiration_time: 4_000_000_000 }, 400, 'invalid_order'],
    [
      'with an expiration in the past',
      { time_in_force: 'good_till_canceled', expiration_time: 1 },
      400,
      'invalid_order',
    ],
    ['in a market that is not there', { ticker: 'KXNONE' }, 404, 'market_not_found'],
    [
      'that would take while it must not',
      { post_only: true, time_in_force: 'good_till_canceled' },
      400,
      'post_only_cross',
    ],
  ])('%s', async (...[, changes, status, code]) => {
    const answer = await post(JSON.stringify({ ...body, ...changes }));
    expect(answer).toMatchObject([status, { error: { code } }]);
  });

  test('when it is not JSON', async () => {
    expect(await post('{')).toMatchObject([400, { error: { code: 'invalid_parameters' } }]);
  });

  test('and none of them left a trace', () => {
    expect(at.exchange.orders({ account: 'main' })).toEqual([]);
  });
});

test('an id that is there already is refused without a word of the order that has it', async () => {
  const resting = {
    ...body,
    client_order_id: 'c2',
    price: '0.0100',
    time_in_force: 'good_till_canceled',
  };
  expect(await post(JSON.stringify(resting))).toMatchObject([201, { remaining_count: '6.00' }]);
  const error = { code: 'order_already_exists', message: 'order already exists' };
  expect(await post(JSON.stringify(resting))).toEqual([409, { error }]);
});

test('an unknown endpoint is not there', async () => {
  expect(await get('/trade-api/v2/portfolio/nothing', {})).toBe(404);
});

test('a market is listed with the prices that it allows', async () => {
  const answer = await fetch(`${at.simulator.url}/markets/${rain.market}`);
  expect(await answer.json()).toMatchObject({
    market: {
      ticker: rain.market,
      status: 'active',
      price_ranges: [{ start: '0.0100', end: '0.9900', step: '0.0100' }],
    },
  });
});

describe('tokens come back with time', () => {
  test.each<[string, readonly (readonly [atMs: number, tokens: number])[], readonly boolean[]]>([
    [
      'a full bucket holds its seconds',
      [
        [0, 20],
        [0, 1],
      ],
      [true, false],
    ],
    [
      'a tenth of a second brings a tenth',
      [
        [0, 20],
        [100, 1],
        [100, 1],
      ],
      [true, true, false],
    ],
    [
      'no more than it holds',
      [
        [0, 1],
        [60_000, 21],
      ],
      [true, false],
    ],
    [
      'a refusal costs nothing',
      [
        [0, 21],
        [0, 20],
      ],
      [false, true],
    ],
  ])('%s', (...[, requests, expected]) => {
    const bucket = createTokenBucket({ tokensPerSecond: 10, seconds: 2 });
    expect(requests.map(([atMs, tokens]) => bucket.take(tokens, atMs))).toEqual(expected);
  });
});
