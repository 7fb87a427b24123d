import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Market } from '../../domain/instrument.js';
import { price } from '../../domain/money.js';
import { polygonContracts } from '../../venues/polymarket/contracts.js';
import type { PolymarketCredentials } from '../../venues/polymarket/credentials.js';
import { l2Headers } from '../../venues/polymarket/l2-headers.js';
import { preparedOrder } from '../../venues/polymarket/prepare-order.js';
import {
  type OrderFields,
  orderHash,
  signOrderHash,
  ZERO_BYTES32,
} from '../../venues/polymarket/signing.js';
import { orderOf, rain } from './desk.js';
import { credentials, rivalCredentials, START_MS, type Stage, stage } from './stage.js';

let open: Stage;
beforeEach(async () => {
  open = await stage({ asks: ['100 @ 0.50'], bids: ['50 @ 0.45'] });
});
afterEach(() => open.close());

interface Sent {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  /** What is signed where it is not what is sent. */
  readonly signedBody?: string;
  readonly signedPath?: string;
  readonly as?: PolymarketCredentials;
  readonly nowMs?: number;
  readonly headers?: Record<string, string>;
}

/** "400 words of the error", or "200 {…}". */
async function send(request: Sent): Promise<string> {
  const { method = 'POST', path, body, as = credentials, nowMs = START_MS } = request;
  const signedBody = request.signedBody ?? body;
  const [signedPath = ''] = (request.signedPath ?? path).split('?');
  const signed = {
    method,
    path: signedPath,
    ...(signedBody === undefined ? {} : { body: signedBody }),
  };
  const headers = {
    'content-type': 'application/json',
    ...l2Headers(as, signed, nowMs),
    ...request.headers,
  };
  const init = { method, headers, ...(body === undefined ? {} : { body }) };
  const response = await fetch(`${open.simulator.url}${path}`, init);
  const text = await response.text();
  const said = JSON.parse(text) as { error?: string } | null; // the simulator speaks JSON
  return `${response.status} ${said?.error ?? text}`;
}

interface Draft extends Partial<OrderFields> {
  readonly orderType?: string;
  readonly owner?: string;
  readonly postOnly?: boolean;
  readonly expiration?: string;
  readonly signature?: string;
  readonly market?: Market;
  readonly privateKey?: `0x${string}`;
}

/** A market buy of 5 dollars at 0.50, or what the draft says instead; signed as it then is. */
async function bodyOf(draft: Draft = {}): Promise<string> {
  const { market = rain } = draft;
  const fields: OrderFields = {
    salt: draft.salt ?? 1n,
    maker: draft.maker ?? credentials.address,
    signer: draft.signer ?? credentials.address,
    tokenId: draft.tokenId ?? '1111',
    makerAmount: draft.makerAmount ?? 5_000_000n,
    takerAmount: draft.takerAmount ?? 10_000_000n,
    side: draft.side ?? 'BUY',
    signatureType: 0,
    timestampMs: draft.timestampMs ?? START_MS,
  };
  const tokens = market.tokens ?? { domainVersion: '2', isNegRisk: false };
  const hash = orderHash(fields, { contracts: polygonContracts, tokens });
  const signature =
    draft.signature ?? (await signOrderHash(hash, draft.privateKey ?? credentials.privateKey));
  const { salt, makerAmount, takerAmount, timestampMs, ...same } = fields;
  return JSON.stringify({
    order: {
      ...same,
      salt: Number(salt),
      makerAmount: makerAmount.toString(),
      takerAmount: takerAmount.toString(),
      timestamp: timestampMs.toString(),
      expiration: draft.expiration ?? '0',
      metadata: ZERO_BYTES32,
      builder: ZERO_BYTES32,
      signature,
    },
    owner: draft.owner ?? credentials.apiKey,
    orderType: draft.orderType ?? 'FAK',
    deferExec: false,
    postOnly: draft.postOnly ?? false,
  });
}

const place = async (draft: Draft = {}) => send({ path: '/order', body: await bodyOf(draft) });

describe('a request', () => {
  test.each<[string, Partial<Sent>]>([
    ['with other bytes than were signed', { signedBody: '{}' }],
    ['with a space too many', { signedBody: ' ' }],
    ['signed for another path', { signedPath: '/orders' }],
    ['with a signature that is none', { headers: { POLY_SIGNATURE: 'AAAA' } }],
    ['from an unknown key', { headers: { POLY_API_KEY: 'nobody' } }],
    ['with another passphrase', { headers: { POLY_PASSPHRASE: 'guessed' } }],
    ['from another wallet', { headers: { POLY_ADDRESS: rivalCredentials.address } }],
    ['of an hour ago', { nowMs: START_MS - 3_600_000 }],
    ['of the future', { nowMs: START_MS + 3_600_000 }],
    ['stamped in milliseconds', { nowMs: START_MS * 1000 }],
  ])('%s is not authorised', async (_story, request) => {
    const body = await bodyOf();
    expect(await send({ path: '/order', body, ...request })).toBe(
      '401 Unauthorized/Invalid api key',
    );
    expect(open.exchange.orders({ account: 'desk' })).toEqual([]);
  });

  test('within a minute of the venue’s clock is', async () => {
    const path = '/data/orders?next_cursor=MA%3D%3D';
    for (const nowMs of [START_MS - 59_000, START_MS + 59_000]) {
      expect(await send({ method: 'GET', path, nowMs })).toMatch(/^200 /);
    }
    expect(await send({ method: 'GET', path, nowMs: START_MS - 61_000 })).toMatch(/^401 /);
  });
});

describe('an order', () => {
  test('that is right is taken', async () => {
    expect(await place()).toMatch(
      /^200 .*"status":"matched","makingAmount":"5","takingAmount":"10"/,
    );
  });

  test.each<[string, Draft, string]>([
    [
      'of another owner',
      { owner: rivalCredentials.apiKey },
      '400 the order owner has to be the owner of the API KEY',
    ],
    [
      'of another maker',
      { maker: rivalCredentials.address },
      '400 the order owner has to be the owner of the API KEY',
    ],
    [
      'of another signer',
      { signer: rivalCredentials.address },
      '400 the order signer address has to be the address of the API KEY',
    ],
    [
      'signed by somebody else',
      { privateKey: rivalCredentials.privateKey },
      '400 invalid signature',
    ],
    ['with half a signature', { signature: '0x12' }, '400 invalid signature'],
    [
      'signed for the next domain version',
      {
        market: {
          ...rain,
          tokens: { yesToken: '1111', noToken: '2222', isNegRisk: false, domainVersion: '3' },
        },
      },
      '400 order_version_mismatch',
    ],
    [
      'signed for the neg-risk exchange',
      {
        market: {
          ...rain,
          tokens: { yesToken: '1111', noToken: '2222', isNegRisk: true, domainVersion: '2' },
        },
      },
      '400 invalid signature',
    ],
    [
      'for a token that nobody lists',
      { tokenId: '3333' },
      '404 No orderbook exists for the requested token id',
    ],
    ['of an unknown type', { orderType: 'IOC' }, '400 Invalid order payload'],
    ['immediate and post-only', { postOnly: true }, '400 INVALID_POST_ONLY_ORDER_TYPE'],
    ['immediate with an expiration', { expiration: '1800000000' }, '400 invalid expiration'],
    [
      'until too soon',
      { orderType: 'GTD', expiration: (START_MS / 1000 + 179).toString() },
      '400 invalid expiration',
    ],
    [
      'that gives fractions of a cent',
      { makerAmount: 5_005_000n },
      '400 invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, taker amount a max of 4 decimals',
    ],
    [
      'that takes too fine a share',
      { takerAmount: 10_000_010n },
      '400 invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, taker amount a max of 4 decimals',
    ],
    ['for nothing', { takerAmount: 0n }, '400 Invalid order payload'],
    [
      'at a dollar',
      { makerAmount: 10_000_000n },
      expect.stringContaining('breaks minimum tick size rule: 0.01'),
    ],
    [
      'between two ticks',
      { makerAmount: 5_050_000n },
      expect.stringContaining('breaks minimum tick size rule: 0.01'),
    ],
    [
      'of fewer than five shares',
      { makerAmount: 2_490_000n, takerAmount: 4_980_000n },
      expect.stringContaining('Size (4.98) lower than the minimum: 5'),
    ],
    [
      'of more than is there',
      { makerAmount: 2_000_000_000n, takerAmount: 4_000_000_000n },
      '400 not enough balance / allowance',
    ],
    [
      'that sells what is not held',
      { side: 'SELL', makerAmount: 10_000_000n, takerAmount: 4_500_000n },
      '400 not enough balance / allowance',
    ],
    [
      'that would rest and crosses',
      { orderType: 'GTC', postOnly: true },
      '400 invalid post-only order: order crosses book',
    ],
    [
      'that cannot be filled whole',
      { orderType: 'FOK', makerAmount: 55_000_000n, takerAmount: 110_000_000n },
      "400 order couldn't be fully filled. FOK orders are fully filled or killed.",
    ],
  ])('%s is refused', async (_story, draft, expected) => {
    expect(await place(draft)).toEqual(expected);
    expect(open.exchange.orders({ account: 'desk' })).toEqual([]);
  });

  test('that is no order at all is refused', async () => {
    expect(await send({ path: '/order', body: '{"order":1}' })).toBe('400 Invalid order payload');
    expect(await send({ path: '/order', body: 'order' })).toBe('400 Invalid order payload');
  });

  test('a hair too tight meets nothing at its limit', async () => {
    // 5 dollars for 10.0001 shares is 0.499995 a share: the level at 0.50 is out of reach.
    expect(await place({ takerAmount: 10_000_100n })).toMatch(/^400 no orders found to match/);
    // For 9.9999 shares it is 0.500005: the level at 0.50 is within.
    expect(await place({ takerAmount: 9_999_900n })).toMatch(/^200 /);
  });

  test('with the same salt and other bytes is a duplicate too', async () => {
    expect(await place({ salt: 7n })).toMatch(/^200 /);
    expect(await place({ salt: 7n, timestampMs: START_MS + 1 })).toMatch(
      /^400 order 0x\w+ is invalid. Duplicated.$/,
    );
  });

  test('of another account cannot be read or canceled', async () => {
    const order = await preparedOrder(
      orderOf({ name: 'a', limit: '0.50', contracts: '10' }),
      rain,
      { credentials, contracts: polygonContracts },
    );
    await open.venue.place(order, 2_000);
    const id = order.venueOrderId ?? '';
    expect(await send({ method: 'GET', path: `/data/order/${id}` })).toContain(id);
    expect(await send({ method: 'GET', path: `/data/order/${id}`, as: rivalCredentials })).toBe(
      '200 null',
    );
    const body = JSON.stringify({ orderID: id });
    const answer = await send({ method: 'DELETE', path: '/order', body, as: rivalCredentials });
    expect(answer).toContain("can't be found");
  });

  test('in a market of finer ticks is measured by them', async () => {
    await open.close();
    const fine = { start: price('0.001'), end: price('0.999'), step: price('0.001') };
    const market = { ...rain, priceBands: [fine] };
    open = await stage({ market, asks: ['100 @ 0.505'] });
    expect(await place({ makerAmount: 5_050_000n, market })).toMatch(/^200 /);
  });
});

test('orders are canceled by list and by market', async () => {
  await place();
  open.later(3_000);
  const rest = (salt: bigint) =>
    ({
      salt,
      side: 'SELL',
      makerAmount: 5_000_000n,
      takerAmount: 3_500_000n,
      orderType: 'GTC',
    }) as const;
  for (const salt of [2n, 3n]) expect(await place(rest(salt))).toMatch(/"status":"live"/);
  const ids = open.exchange
    .orders({ account: 'desk', state: 'working' })
    .map((order) => order.venueOrderId);
  const [first = '', second = ''] = ids;
  const listed = await send({
    method: 'DELETE',
    path: '/orders',
    body: JSON.stringify([first, first, '0xnever']),
  });
  expect(listed).toContain(`"canceled":["${first}"]`);
  expect(listed).toContain('0xnever');
  const byMarket = { method: 'DELETE', path: '/cancel-market-orders' } as const;
  expect(await send({ ...byMarket, body: JSON.stringify({ market: 'another' }) })).toBe(
    '200 {"canceled":[],"not_canceled":{}}',
  );
  expect(await send({ ...byMarket, body: JSON.stringify({ asset_id: '1111' }) })).toContain(second);
  expect(await send({ ...byMarket, body: '{}' })).toBe('400 Invalid order payload');
});

test.each([
  ['/ok', '200 "OK"'],
  ['/time', `200 ${START_MS / 1000}`],
  ['/version', '200 {"version":2}'],
  ['/tick-size?token_id=1111', '200 {"minimum_tick_size":0.01}'],
  ['/neg-risk?token_id=1111', '200 {"neg_risk":false}'],
  ['/book?token_id=3333', '404 No orderbook exists for the requested token id'],
  ['/book', '400 Invalid token id'],
  ['/clob-markets/0xnever', '404 market not found'],
  ['/markets-by-token/3333', '404 market not found'],
  [
    '/markets-by-token/2222',
    `200 {"condition_id":"${rain.market}","primary_token_id":"1111","secondary_token_id":"2222"}`,
  ],
  ['/v2/activity?user=0x1&type=TRADE', '400 only type=REDEEM,MERGE,SPLIT is simulated'],
  ['/v2/positions?user=0x1', '200 {"data":[],"pagination":{"has_more":false,"next_cursor":null}}'],
])('anybody may ask %s', async (path, expected) => {
  expect(await send({ method: 'GET', path })).toBe(expected);
});
