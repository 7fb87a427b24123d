import { beforeEach, expect, test } from 'vitest';
import { adoptFired } from '../../activities/adopt-fired.js';
import type { AdoptRequest } from '../../activities/trade-activities.js';
import { intentDigest, type Pair, toWire } from '../../domain/index.js';
import { findIntent, forbidOrder, openBreaks, reservationOf } from '../../store/index.js';
import { NO, NOW_MS, openDesk, YES } from '../store/desk.js';
import {
  armedIntent,
  type Calls,
  callsOver,
  intentOfShot,
  orderOfLeg,
  plainPool,
  project,
  recordOf,
  type ShotToTell,
  type Start,
  shotOf,
  startEngine,
} from '../store/engine-desk.js';
import { quickPolicy, quickTerms } from '../support/desk-terms.js';
import { pairOf } from '../support/markets.js';

// What an adoption answers where a shot is not yet, or will never be, this trade's.
const books = openDesk();

/** The pair that these shots were fired for. */
const rain: Pair = (() => {
  const pair = pairOf();
  const kalshi = { ...pair.kalshi, market: NO.market };
  return {
    ...pair,
    pairId: 'rain',
    kalshi,
    polymarket: { ...pair.polymarket, market: YES.market },
  };
})();

const warned: string[] = [];
const deskWith = (pair: Pair | undefined, nowMs = () => NOW_MS) => ({
  ...{ db: books.db, mode: 'simulated' as const, nowMs, pairOf: () => pair },
  ...{ terms: quickTerms, policy: quickPolicy },
  warn: (_: object, message: string) => {
    warned.push(message);
  },
});

let start: Start;
beforeEach(async () => {
  await withCalls(async (calls) => {
    start = await startEngine(calls);
  });
});

async function withCalls(work: (calls: Calls) => Promise<void>): Promise<void> {
  const pool = plainPool(books.databaseUrl, 1);
  try {
    await work(callsOver(() => pool));
  } finally {
    await pool.end();
  }
}

/** A shot that Postgres was told of, as its workflow asks for it. */
async function told(change: Partial<ShotToTell> = {}): Promise<AdoptRequest> {
  const record = recordOf(start, { sequence: 1, leaseEpoch: 1, ...change });
  await withCalls(async (calls) => project(calls, start, [record]));
  return requested();
}

function requested(): AdoptRequest {
  const intentId = intentOfShot(start.epoch, 1);
  const intent = armedIntent(intentId, { host: start.host, pairId: 'rain' });
  const digest = intentDigest(toWire(intent));
  return { workflowId: `arbitrage/${intentId}`, intent, digest, shot: shotOf(start, 1) };
}

/** Nothing of it is anybody's yet, and nobody was told otherwise. */
async function isUntouched({ intent, workflowId }: AdoptRequest): Promise<void> {
  expect(await findIntent(books.db, intent.intentId)).toBeUndefined();
  expect(await reservationOf(books.db, workflowId)).toBeUndefined();
}

test('an adopted shot is approved as it was fired, and the same is said again', async () => {
  const request = await told();
  const first = await adoptFired(deskWith(rain), request);
  const { intentId } = request.intent;
  expect(first).toEqual({
    ...{ kind: 'approved', pair: rain, terms: quickTerms, engineHost: start.host, atMs: NOW_MS },
    entries: { yesOrder: orderOfLeg(intentId, 'yes'), noOrder: orderOfLeg(intentId, 'no') },
  });
  expect(await adoptFired(deskWith(undefined), request)).toEqual(first);
  expect((await reservationOf(books.db, request.workflowId))?.legs).toHaveLength(2);
});

test('a shot that Postgres does not have yet is tried again', async () => {
  let nowMs = NOW_MS;
  const clock = () => {
    nowMs += 600;
    return nowMs;
  };
  const request = requested();
  await expect(adoptFired(deskWith(rain, clock), request)).rejects.toMatchObject({
    ...{ type: 'SHOT_NOT_TOLD', nonRetryable: false },
  });
  await isUntouched(request);
});

const gone: readonly (readonly [string, Pair | undefined])[] = [
  ['is off the pair file', undefined],
  ['stands for other markets by now', pairOf()],
];

test.each(gone)('a shot whose pair %s waits for it, with a warning', async (_, pair) => {
  warned.length = 0;
  const request = await told();
  await expect(adoptFired(deskWith(pair), request)).rejects.toMatchObject({
    ...{ type: 'PAIR_MISSING', nonRetryable: false },
  });
  expect(warned).toEqual(['a fired shot waits: put its pair back into the pair file']);
  await isUntouched(request);
  expect(await adoptFired(deskWith(rain), request)).toMatchObject({ kind: 'approved' });
});

test('a shot of which nothing has left is a denied trade, by the engine’s name for it', async () => {
  const request = await told({ refused: 'FROZEN' });
  const denial = { code: 'NOT_DISPATCHED', reason: 'FROZEN' };
  const first = await adoptFired(deskWith(rain), request);
  expect(first).toEqual({ kind: 'denied', denial, atMs: NOW_MS });
  expect(
    await adoptFired(
      deskWith(rain, () => NOW_MS + 1),
      request,
    ),
  ).toEqual(first);
  expect((await findIntent(books.db, request.intent.intentId))?.admission).toMatchObject({
    denial,
  });
  expect(await openBreaks(books.db)).toEqual([]);
});

test('a shot that was fired for something else is not this trade’s, and stays whose it is', async () => {
  const request = await told();
  const intent = { ...request.intent, strategy: 'another' };
  const other = { ...request, intent, digest: intentDigest(toWire(intent)) };
  expect(await adoptFired(deskWith(rain), other)).toMatchObject({
    denial: { code: 'INTENT_MISMATCH', door: 'armed' },
  });
  await isUntouched(request);
  expect(await adoptFired(deskWith(rain), request)).toMatchObject({ kind: 'approved' });
});

test('a shot whose order was said never to have left is a break, and denied for ever', async () => {
  const { workflowId, intent } = requested();
  const { clientOrderId } = orderOfLeg(intent.intentId, 'yes');
  const of = { clientOrderId, workflowId, mode: 'simulated', atMs: NOW_MS } as const;
  await forbidOrder(books.db, of);
  const record = recordOf(start, { sequence: 1, leaseEpoch: 1 });
  await withCalls(async (calls) => {
    await calls.ask('engine_project', start.process, start.epoch, [record]);
  });
  for (let times = 0; times < 2; times += 1) {
    expect(await adoptFired(deskWith(rain), requested())).toMatchObject({
      denial: { code: 'INTENT_EXISTS' },
    });
  }
  const kinds = (await openBreaks(books.db)).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'shot_without_trade')).toHaveLength(1);
});
