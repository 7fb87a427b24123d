import { afterAll, beforeAll, expect, test } from 'vitest';
import { findIntent, heldPairs } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import {
  atVenues,
  BOOKS_AGREE,
  becameAtMs,
  checkedBooks,
  sentOrder,
  traded,
} from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: { confirmed: {}, failed: {}, gone: {} },
    venues: { confirmMs: 150 },
  });
});
afterAll(async () => desk.close());

test('a trade is matched only when its Polymarket fill is CONFIRMED', async () => {
  const result = await traded(desk, intentOf('confirmed.1', 'confirmed'));

  const { closedAtMs } = (await findIntent(desk.db, 'confirmed.1')) ?? {};
  const confirmedAtMs = becameAtMs(desk, sentOrder(desk, 'confirmed.1', 'entry/yes'), 'CONFIRMED');
  expect(closedAtMs).toBeGreaterThanOrEqual(confirmedAtMs);
  expect(atVenues(desk, 'confirmed.1')).toEqual([
    'entry/no kalshi buys no @ 0.48: 10',
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
  ]);
  expect(await heldPairs(desk.db, 'main')).toMatchObject([
    { pairId: 'confirmed', contracts: 10_000_000_000n },
  ]);
  expect(result).toMatchObject({ kind: 'matched', contracts: 10_000_000_000n, isCanceled: false });
});

test('a match that fails on chain reopens the trade after Kalshi was long final', async () => {
  desk.fault({ intentId: 'failed.1', what: 'entry/yes', kinds: ['failed_settlement'] });
  const result = await traded(desk, intentOf('failed.1', 'failed'));

  const failedAtMs = becameAtMs(desk, sentOrder(desk, 'failed.1', 'entry/yes'), 'FAILED');
  expect(sentOrder(desk, 'failed.1', 'entry/no').updatedAtMs).toBeLessThan(failedAtMs);
  expect(sentOrder(desk, 'failed.1', 'exit/no/0').createdAtMs).toBeGreaterThanOrEqual(failedAtMs);
  expect(atVenues(desk, 'failed.1')).toEqual([
    'entry/no kalshi buys no @ 0.48: 10',
    'entry/yes polymarket buys yes @ 0.4: 10 FAILED',
    'exit/no/0 polymarket buys yes @ 0.4: 10 CONFIRMED',
  ]);
  expect(result).toMatchObject({ kind: 'exited', contracts: 10_000_000_000n });
});

test('where nobody offers the failed leg again, the other one is sold', async () => {
  desk.fault({ intentId: 'gone.1', what: 'entry/yes', kinds: ['failed_settlement'] });
  desk.pairs.show(desk.pairs.pair('gone').polymarket, { bids: '', asks: '10 @ 0.40' });
  const result = await traded(desk, intentOf('gone.1', 'gone'));

  expect(atVenues(desk, 'gone.1')).toEqual([
    'entry/no kalshi buys no @ 0.48: 10',
    'entry/yes polymarket buys yes @ 0.4: 10 FAILED',
    'exit/no/0 kalshi reduces, sells no @ 0.46: 10',
  ]);
  expect(result).toMatchObject({ kind: 'exited', contracts: 0n });
});

test('afterwards our books are the venues’ ledgers', async () => {
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
});
