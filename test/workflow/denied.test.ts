import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arbitrageWorkflowId, type DenialCode, money, quantity } from '../../domain/index.js';
import {
  findIntent,
  firstLimits,
  insertFreeze,
  liveHold,
  ordersOf,
  reservationOf,
  resetBreaker,
  setLimits,
} from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import {
  atVenues,
  BOOKS_AGREE,
  checkedBooks,
  mustBeApproved,
  soon,
  traded,
} from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: {
      ...{ plain: {}, small: {}, frozen: {}, flight: {}, refused: {}, lopsided: {}, netted: {} },
      delayed: {
        kalshiMarket: { isTakerDelayed: true },
        polymarketMarket: { isTakerDelayed: true },
      },
      closing: { kalshiMarket: { closesAtMs: Date.now() + 9_000 } },
      unapproved: { approvedBy: '' },
      thin: { kalshi: { bids: '3 @ 0.52', asks: '50 @ 0.54' } },
      dear: { polymarket: { bids: '50 @ 0.38', asks: '50 @ 0.50' } },
    },
    venues: { confirmMs: 120 },
  });
});
afterAll(async () => desk.close());

type Change = NonNullable<Parameters<typeof intentOf>[2]>;

describe('denied by name, and nothing is at a venue', () => {
  const rows: readonly (readonly [DenialCode, string, Change])[] = [
    ['PAIR_UNKNOWN', 'nowhere', {}],
    ['PAIR_NOT_APPROVED', 'unapproved', {}],
    ['TAKER_DELAYED', 'delayed', {}],
    ['MARKET_CLOSING', 'closing', {}],
    ['TOO_LATE', 'plain', { notAfterMs: 1 }],
    ['BOOK_CROSSED', 'plain', { type: 'poly_same_market' }],
    ['EDGE_TOO_SMALL', 'plain', { edgeMin: '0.2' }],
    ['LIQUIDITY_TOO_SMALL', 'thin', {}],
    ['LIQUIDITY_TOO_SMALL', 'small', { contractsMax: '2' }],
    ['LIMITS_MISSING', 'plain', { account: 'somebody' }],
  ];
  test.each(rows)('%s on %s', async (code, pairId, change) => {
    await isDenied(code, pairId, change);
  });

  test('FROZEN: somebody has frozen its pair', async () => {
    await freezePair('frozen');
    await isDenied('FROZEN', 'frozen');
  });

  test('PAIR_IN_FLIGHT: of two at once on one pair, one is fired', async () => {
    const intents = ['flight.1', 'flight.2'].map((intentId) => intentOf(intentId, 'flight'));
    const results = await Promise.all(intents.map((intent) => traded(desk, intent)));

    expect(results.map(({ kind }) => kind).toSorted()).toEqual(['denied', 'matched']);
    const denied = results.find(({ kind }) => kind === 'denied');
    expect(denied).toMatchObject({ denial: { code: 'PAIR_IN_FLIGHT', untilMs: null } });
    expect(['flight.1', 'flight.2'].flatMap((intentId) => atVenues(desk, intentId))).toHaveLength(
      2,
    );
  });

  test('OPPOSITE_POSITION: the other way round would undo an earlier match on Kalshi', async () => {
    await traded(desk, intentOf('netted.1', 'netted'));
    const { kalshi, polymarket } = desk.pairs.pair('netted');
    desk.pairs.show(kalshi, { bids: '50 @ 0.38', asks: '50 @ 0.40' });
    desk.pairs.show(polymarket, { bids: '50 @ 0.52', asks: '50 @ 0.54' });
    await soon(async () => {
      await isDenied('OPPOSITE_POSITION', 'netted', { type: 'kalshi_yes_poly_no' });
    });
  });

  test.each([
    ['POSITION_TOO_LARGE', { positionMax: quantity('5') }],
    ['EXPOSURE_TOO_LARGE', { exposureMax: money('1') }],
    ['RATE_TOO_HIGH', { executionsPerMinuteMax: 0 }],
    ['TOO_MANY_POSITIONS', { positionsMaxCount: 1 }],
  ] as const)('%s: the account’s limits', async (code, change) => {
    const by = { account: 'main', by: 'anna', why: 'a test of limits' };
    await setLimits(desk.db, { ...by, limits: { ...firstLimits, ...change } });
    try {
      await isDenied(code, 'plain');
    } finally {
      await setLimits(desk.db, { ...by, limits: firstLimits });
    }
  });
});

describe('a venue that refuses', () => {
  test('one leg: the other is completed, because a refusal is certain', async () => {
    desk.fault({ intentId: 'lopsided.1', what: 'entry/no', kinds: ['reject'] });
    const result = await traded(desk, intentOf('lopsided.1', 'lopsided'));
    expect(atVenues(desk, 'lopsided.1')).toEqual([
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
      'exit/yes/0 kalshi buys no @ 0.48: 10',
    ]);
    expect(result).toMatchObject({ kind: 'exited', contracts: 10_000_000_000n });
  });

  test('both legs: the trade has missed, and its pair is free at once', async () => {
    desk.fault({ intentId: 'refused.1', what: 'entry/yes', kinds: ['reject'] });
    desk.fault({ intentId: 'refused.1', what: 'entry/no', kinds: ['reject'] });
    expect(await traded(desk, intentOf('refused.1', 'refused'))).toMatchObject({ kind: 'missed' });
    expect(atVenues(desk, 'refused.1')).toEqual([]);
    expect(await heldForMs('refused', 'refused.1')).toBe(0);
    expect(await traded(desk, intentOf('refused.2', 'refused'))).toMatchObject({ kind: 'matched' });
    expect(await heldForMs('refused', 'refused.2')).toBe(desk.terms.holdAfterMs);
  });
});

test('BREAKER_OPEN: two errors in a row stop the pair, and an operator starts it again', async () => {
  const careful = await openTestDesk({
    pairs: { shaky: {} },
    policy: { breakerResetMs: 600_000 },
  });
  try {
    const { db } = careful;
    const limits = { ...firstLimits, errorsInARowMax: 2 };
    await setLimits(db, { account: 'main', limits, by: 'anna', why: 'a test of breakers' });
    for (const intentId of ['shaky.1', 'shaky.2']) {
      careful.fault({ intentId, what: 'entry/yes', kinds: ['reject'] });
      careful.fault({ intentId, what: 'entry/no', kinds: ['reject'] });
      const missed = await traded(careful, intentOf(intentId, 'shaky'));
      expect(missed).toMatchObject({ kind: 'missed' });
    }
    const { verdict } = await careful.client.arbitrage(intentOf('shaky.3', 'shaky'));
    expect(verdict).toMatchObject({ denial: { code: 'BREAKER_OPEN', breaker: 'errors' } });

    const reset = { breaker: 'errors', by: 'anna', why: 'the venue is back' } as const;
    const atMs = Date.now();
    await resetBreaker(db, { ...reset, account: 'main', atMs });
    await resetBreaker(db, { ...reset, account: 'main', pairId: 'shaky', atMs });
    const after = await traded(careful, intentOf('shaky.4', 'shaky'));
    expect(after).toMatchObject({ kind: 'matched' });
  } finally {
    await careful.close();
  }
});

test('a dry run is admitted and rests its pair, and nothing is at a venue', async () => {
  const { verdict, handle } = await desk.client.arbitrage(
    intentOf('dry.1', 'plain', { dryRun: true }),
  );
  mustBeApproved(verdict);
  expect(await handle.result()).toMatchObject({ kind: 'missed' });
  expect(atVenues(desk, 'dry.1')).toEqual([]);
  expect(await ordersOf(desk.db, arbitrageWorkflowId('dry.1'))).toEqual([]);
  expect(await heldForMs('plain', 'dry.1')).toBe(desk.terms.holdAfterMs);
});

test('afterwards our books are the venues’ ledgers', async () => {
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
});

let asked = 0;

async function isDenied(code: DenialCode, pairId: string, change: Change = {}): Promise<void> {
  asked += 1;
  const intentId = `denied.${asked}`;
  const { verdict, handle } = await desk.client.arbitrage(intentOf(intentId, pairId, change));
  expect(verdict).toMatchObject({ kind: 'denied', denial: { code } });
  expect(await handle.result()).toMatchObject({ kind: 'denied', denial: { code } });
  expect(atVenues(desk, intentId)).toEqual([]);
  const workflowId = arbitrageWorkflowId(intentId);
  expect(await ordersOf(desk.db, workflowId)).toEqual([]);
  expect(await reservationOf(desk.db, workflowId)).toBeUndefined();
}

async function freezePair(key: string): Promise<void> {
  const said = { cause: 'manual', why: 'it looks odd', by: 'anna', action: 'leave' } as const;
  const scope = { kind: 'pair', key } as const;
  await insertFreeze(desk.db, { freezeId: `fz-${key}`, scope, ...said, atMs: Date.now() });
}

/** How long after the trade's end its pair stays held. */
async function heldForMs(pairId: string, intentId: string): Promise<number> {
  const hold = await liveHold(desk.db, { pairId, nowMs: 0 });
  const { closedAtMs } = (await findIntent(desk.db, intentId)) ?? {};
  return Number(hold?.untilMs) - Number(closedAtMs);
}
