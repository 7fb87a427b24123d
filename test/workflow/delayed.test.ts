import { afterAll, beforeAll, expect, test } from 'vitest';
import { ordersOf } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import {
  atVenues,
  BOOKS_AGREE,
  checkedBooks,
  sentOrder,
  soon,
  traded,
} from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { DEAR } from '../support/desk-pairs.js';

// Polymarket holds takers back: its leg goes first, and Kalshi's is bought for what that has filled.
const delayed = { polymarketMarket: { isTakerDelayed: true } };

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: { hedged: delayed, part: delayed, nothing: delayed, mirror: delayed, gone: delayed },
  });
});
afterAll(async () => desk.close());

test('the leg that is held back goes first, and the other hedges what it has filled', async () => {
  const result = await traded(desk, intentOf('hedged.1', 'hedged'));
  expect(atVenues(desk, 'hedged.1')).toEqual([
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
    'exit/yes/0 kalshi buys no @ 0.48: 10',
  ]);
  const [entry, hedge] = ['entry/yes', 'exit/yes/0'].map((what) =>
    sentOrder(desk, 'hedged.1', what),
  );
  expect((hedge?.createdAtMs ?? 0) - (entry?.createdAtMs ?? 0)).toBeGreaterThanOrEqual(250);
  // A hedge is no way out, and waiting for a venue that holds takers back is no fault of it.
  expect(result).toMatchObject({ kind: 'matched', contracts: 10_000_000_000n });
  const stored = await ordersOf(desk.db, 'arbitrage/hedged.1');
  expect(stored.map(({ order, status }) => [order.purpose.kind, status]).sort()).toEqual([
    ['entry', 'denied'],
    ['entry', 'filled'],
    ['exit', 'filled'],
  ]);
});

test('no more is hedged than was filled', async () => {
  desk.fault({ intentId: 'part.1', what: 'entry/yes', kinds: ['partial_fill'] });
  const result = await traded(desk, intentOf('part.1', 'part'));
  expect(atVenues(desk, 'part.1')).toEqual([
    'entry/yes polymarket buys yes @ 0.4: 3 CONFIRMED',
    'exit/yes/0 kalshi buys no @ 0.48: 3',
  ]);
  expect(result).toMatchObject({ kind: 'matched', contracts: 3_000_000_000n });
});

test('where nothing was filled nothing is bought', async () => {
  desk.fault({ intentId: 'nothing.1', what: 'entry/yes', kinds: ['pulled_liquidity'] });
  const result = await traded(desk, intentOf('nothing.1', 'nothing'));
  expect(atVenues(desk, 'nothing.1').filter((order) => order.includes('kalshi'))).toEqual([]);
  expect(result).toMatchObject({ kind: 'missed', contracts: 0n });
});

test('in the other direction the legs change places', async () => {
  const { kalshi, polymarket } = desk.pairs.pair('mirror');
  desk.pairs.show(kalshi, { bids: '50 @ 0.38', asks: '50 @ 0.40' });
  desk.pairs.show(polymarket, { bids: '50 @ 0.52', asks: '50 @ 0.54' });
  const intent = intentOf('mirror.1', 'mirror', { type: 'kalshi_yes_poly_no' });
  expect(await traded(desk, intent)).toMatchObject({ kind: 'matched' });
  expect(atVenues(desk, 'mirror.1')).toEqual([
    'entry/no polymarket buys no @ 0.48: 10 CONFIRMED',
    'exit/no/0 kalshi buys yes @ 0.4: 10',
  ]);
});

test('a hedge that has run away is no hedge: what was filled is sold', async () => {
  const { handle } = await desk.client.arbitrage(intentOf('gone.1', 'gone'));
  await soon(() => sentOrder(desk, 'gone.1', 'entry/yes'));
  desk.pairs.show(desk.pairs.pair('gone').kalshi, DEAR.kalshi);
  expect(await handle.result()).toMatchObject({ kind: 'exited', contracts: 0n });
  expect(atVenues(desk, 'gone.1')).toEqual([
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
    'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
  ]);
});

test('afterwards our books are the venues’ ledgers', async () => {
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
});
