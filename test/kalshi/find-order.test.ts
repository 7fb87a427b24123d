import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createKalshiCredentials, createKalshiVenue } from '../../venues/kalshi/index.js';
import { rain } from './fixtures/orders.js';
import { OPENED_AT_MS, referenceTo, said } from './fixtures/stage.js';

const credentials = createKalshiCredentials();
const ours = said('buy yes 6 @ 0.50');
const isoTime = (ms: number) => new Date(ms).toISOString();
const ROOT = '/trade-api/v2';
const AS_OF_MS = OPENED_AT_MS + 9_000;

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

const order = (fields: object) => ({
  ...{ order_id: 'K1', client_order_id: ours.clientOrderId, ticker: rain.market },
  ...{ book_side: 'bid', status: 'executed', yes_price_dollars: '0.5000' },
  ...{ fill_count_fp: '6.00', initial_count_fp: '6.00', created_time: isoTime(OPENED_AT_MS) },
  ...fields,
});
const fill = (fields: object = {}) => ({
  ...{ trade_id: 'T1', order_id: 'K1', ticker: rain.market, book_side: 'bid' },
  ...{ count_fp: '6.00', yes_price_dollars: '0.5000', fee_cost: '0.1100' },
  ...{ created_time: isoTime(OPENED_AT_MS), ...fields },
});

type Pages = Readonly<Record<string, object | undefined>>;

/** Every page of a venue on which nothing is, save what the story puts there; `undefined` is a 500. */
async function lookedFor(story: Pages) {
  const pages: Pages = {
    '/exchange/user_data_timestamp': { as_of_time: isoTime(AS_OF_MS) },
    '/portfolio/orders': { orders: [] },
    '/historical/orders': { orders: [] },
    '/portfolio/fills': { fills: [] },
    '/historical/fills': { fills: [] },
    ...story,
  };
  const missing = { error: { code: 'not_found', message: 'not found' } };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://venue').pathname.replace(ROOT, '');
    const page = path in pages ? pages[path] : missing;
    const status = page === undefined ? 500 : page === missing ? 404 : 200;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(page ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const baseUrl = `http://127.0.0.1:${port}${ROOT}`;
  const venue = createKalshiVenue({ account: 'main', credentials, baseUrl, nowMs: Date.now });
  open.push(async () => {
    await venue.close();
    await new Promise((resolve) => server.close(resolve));
  });
  return venue.findOrder(referenceTo(ours));
}

test.each<[string, Pages]>([
  ['the live orders', { '/portfolio/orders': { orders: [order({})] } }],
  ['the historical orders', { '/historical/orders': { orders: [order({})] } }],
  [
    'a live fill alone',
    { '/portfolio/fills': { fills: [fill()] }, '/portfolio/orders/K1': { order: order({}) } },
  ],
  [
    'a historical fill alone',
    { '/historical/fills': { fills: [fill()] }, '/portfolio/orders/K1': { order: order({}) } },
  ],
])('K-30 an order that shows in %s is found, with what it was asked for', async (...[, story]) => {
  expect(await lookedFor(story)).toMatchObject({
    kind: 'found',
    order: { venueOrderId: 'K1', state: 'filled', quantity: 6_000_000_000n },
  });
});

test('K-31 an order on none of the pages is not found', async () => {
  expect(await lookedFor({})).toEqual({ kind: 'not_found', readAsOfMs: AS_OF_MS });
});

test.each([
  '/exchange/user_data_timestamp',
  '/portfolio/orders',
  '/historical/orders',
  '/portfolio/fills',
  '/historical/fills',
])('K-32 while %s cannot be read nothing is said of the order', async (path) => {
  expect(await lookedFor({ [path]: undefined })).toMatchObject({ kind: 'unavailable' });
});

test.each(['/portfolio/fills', '/historical/fills'])(
  'K-33 an order that is on %s and nowhere else may be ours',
  async (path) => {
    const answer = await lookedFor({ [path]: { fills: [fill()] } });
    expect(answer).toEqual({ kind: 'unavailable', code: 'FILL_OF_UNLISTED_ORDER' });
  },
);

test('K-34 a fill from long before the order is not of the order', async () => {
  const created_time = isoTime(OPENED_AT_MS - 300_001);
  const answer = await lookedFor({ '/historical/fills': { fills: [fill({ created_time })] } });
  expect(answer).toMatchObject({ kind: 'not_found' });
});
