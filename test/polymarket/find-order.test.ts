import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import {
  createPolymarketCredentials,
  createPolymarketVenue,
} from '../../venues/polymarket/index.js';
import { orderOf, rain } from './desk.js';

const credentials = createPolymarketCredentials('desk');
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

interface Said {
  readonly status?: number;
  readonly body: unknown;
}
interface Story {
  /** The order's own page; the venue says null for one that it does not know. */
  readonly order?: Said;
  /** The pages of trades, one after the other. */
  readonly trades: readonly Said[];
}

const page = (data: readonly object[], next_cursor = 'LTE='): Said => ({
  body: { data, next_cursor },
});

/** What is heard of an order at a venue that says what the story makes of its hash. */
async function lookedFor(storyOf: (hash: string) => Story) {
  const asked: string[] = [];
  let story: Story = { trades: [] };
  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    asked.push(url);
    const trades = asked.filter((one) => one.startsWith('/data/trades')).length;
    const isTrades = url.startsWith('/data/trades');
    const said = isTrades ? story.trades[trades - 1] : (story.order ?? { body: null });
    response.writeHead(said?.status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(said?.body ?? null));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const baseUrl = `http://127.0.0.1:${port}`;
  const venue = createPolymarketVenue({ account: 'desk', credentials, baseUrl, nowMs: Date.now });
  open.push(async () => {
    await venue.close();
    await new Promise((resolve) => server.close(resolve));
  });
  const ticket = { name: 'a', limit: '0.50', contracts: '10' };
  const { order, venueOrderId = '' } = await venue.prepare(orderOf(ticket), rain);
  story = storyOf(venueOrderId);
  const { clientOrderId, instrument, createdAtMs } = order;
  const answer = await venue.findOrder({ clientOrderId, instrument, createdAtMs, venueOrderId });
  return { answer, asked };
}

const trade = (fields: object) => ({
  ...{ id: 'T1', taker_order_id: '0xtaker', market: rain.market, asset_id: '1111', side: 'BUY' },
  ...{ size: '10', price: '0.50', status: 'TRADE_STATUS_MATCHED', match_time: '1700000001' },
  ...fields,
});
const maker = (order_id: string) => ({
  ...{ order_id, matched_amount: '10', price: '0.50', asset_id: '1111' },
});

test.each<[string, Said]>([
  ['null', { body: null }],
  ['404', { status: 404, body: { error: 'order not found' } }],
])('PM-60 an order answered with %s that no trade names is not found', async (_said, order) => {
  const others = page([trade({ maker_orders: [maker('0xmaker')] })]);
  const { answer, asked } = await lookedFor(() => ({ order, trades: [others] }));
  expect(answer).toEqual({ kind: 'not_found' });
  const [, trades = ''] = asked;
  // Its market's trades, from a minute before the order was made.
  expect(trades).toContain(`market=${rain.market}`);
  expect(trades).toContain('after=1699999940');
});

test.each<[string, (hash: string) => readonly Said[]]>([
  ['as taker', (hash) => [page([trade({ taker_order_id: hash })])]],
  ['as maker', (hash) => [page([trade({ maker_orders: [maker('0xmaker'), maker(hash)] })])]],
  [
    'of a settlement that failed',
    (hash) => [page([trade({ taker_order_id: hash, status: 'FAILED' })])],
  ],
  ['on a later page', (hash) => [page([], 'MQ=='), page([trade({ taker_order_id: hash })])]],
])('PM-61 an order that a trade names %s is not missing', async (_story, trades) => {
  const { answer } = await lookedFor((hash) => ({ trades: trades(hash) }));
  expect(answer).toEqual({ kind: 'unavailable', code: 'trade_of_unlisted_order' });
});

test.each<[string, Story]>([
  ['its own page', { order: { status: 500, body: {} }, trades: [page([])] }],
  ['the trades', { trades: [{ status: 500, body: {} }] }],
  ['the last page of trades', { trades: [page([], 'MQ=='), { status: 500, body: {} }] }],
  ['a row of the trades', { trades: [page([{ id: 'T1' }])] }],
])('PM-62 while %s cannot be read nothing is said of the order', async (_story, story) => {
  const { answer } = await lookedFor(() => story);
  expect(answer).toMatchObject({ kind: 'unavailable' });
});
