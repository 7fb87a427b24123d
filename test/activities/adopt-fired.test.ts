import { beforeEach, expect, test } from 'vitest';
import { adoptFired } from '../../activities/adopt-fired.js';
import type { AdoptRequest } from '../../activities/trade-activities.js';
import { intentDigest, money, type Pair, quantity, shotText, toWire } from '../../domain/index.js';
import {
  findIntent,
  forbidOrder,
  grantLease,
  openBreaks,
  reservationOf,
  withAccountLocked,
} from '../../store/index.js';
import { ACCOUNT, NO, NOW_MS, openDesk, YES } from '../store/desk.js';
import {
  armedIntent,
  type Calls,
  callsOver,
  intentOfShot,
  orderOfLeg,
  ownPair,
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
  return requested(change.pairId);
}

/** The same, fired from a lease that was granted for this pair under that id. */
async function toldFromLease(pairId: string, pair: Pair): Promise<AdoptRequest> {
  await withCalls(async (calls) => ownPair(calls, start, pairId));
  const leg = { contracts: quantity('1000'), cash: money('800'), exitCash: money('50') };
  await withAccountLocked(books.db, ACCOUNT, (tx) =>
    grantLease(tx, {
      ...{ leaseId: `lease-${pairId}`, account: ACCOUNT, pairId, pair, exposure: money('1000') },
      legs: [YES, NO].map((instrument) => ({ ...leg, instrument })),
      ...{ termMs: 3_600_000, lastsMs: 3_600_000 },
    }),
  );
  return told({ pairId });
}

function requested(pairId = 'rain'): AdoptRequest {
  const intentId = intentOfShot(start.epoch, 1);
  const intent = armedIntent(intentId, { host: start.host, pairId });
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

test.each(gone)('a shot whose pair %s is adopted by the pair that was lent', async (how, pair) => {
  const lent = { ...rain, pairId: pair ? 'changed' : 'removed' };
  const request = await toldFromLease(lent.pairId, lent);
  const adopted = await adoptFired(deskWith(pair), request);
  expect(adopted, how).toMatchObject({ kind: 'approved', pair: lent });
  expect((await reservationOf(books.db, request.workflowId))?.legs).toHaveLength(2);
});

test('a pair that is in the file goes by the file, whatever was lent', async () => {
  const filed = { ...rain, pairId: 'filed', description: 'as it is described today' };
  const request = await toldFromLease('filed', { ...filed, description: 'before' });
  expect(await adoptFired(deskWith(filed), request)).toMatchObject({ pair: filed });
});

test.each(gone)('where no lease knows it, a shot whose pair %s waits for it', async (_, pair) => {
  const request = await told();
  await expect(adoptFired(deskWith(pair), request)).rejects.toMatchObject({
    ...{ type: 'PAIR_MISSING', nonRetryable: false },
  });
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

test('a shot whose pair nobody knows is a break in the end, and holds nobody up', async () => {
  const request = await toldFromLease('gone', pairOf());
  const denial = { code: 'PAIR_UNKNOWN', pairId: 'gone' };
  expect(await adoptFired(deskWith(undefined), request, 0)).toMatchObject({ denial });
  const known = await openBreaks(books.db);
  expect(known.filter(({ pairId }) => pairId === 'gone')).toMatchObject([
    {
      ...{ kind: 'shot_without_trade', key: shotText(request.shot) },
      detail: { why: 'PAIR_MISSING', workflowId: request.workflowId },
    },
  ]);
  // Its pair is in the file again, too late: what an operator was told stays.
  const back = { ...rain, pairId: 'gone' };
  expect(await adoptFired(deskWith(back), request)).toMatchObject({ denial });
  await isUntouched(request);
});
