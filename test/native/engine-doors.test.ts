import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectFireFirst, type FireFirstClient } from '../../client/index.js';
import { arbitrageWorkflowId, type Fires, intentDigest } from '../../domain/index.js';
import {
  clockReadings,
  insertFreeze,
  liftFreeze,
  openBreaks,
  ordersOf,
  resolveBreak,
} from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, BOOKS_AGREE, checkedBooks, inTime } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { lockIntents } from '../support/desk-locks.js';
import { arm, disarm, fire, fireFirst, isMatched } from '../support/host-doors.js';
import {
  engineProgram,
  forgetJournals,
  type NativeEngine,
  startNativeEngine,
} from '../support/native-engine.js';

// The engine's own doors: the socket of strategies, and a tick. What they fire becomes a trade by itself.
const HOST = 'engine-doors';
const STRATEGY = 'doors';
/** Whoever has not built it beforehand builds it here. */
const BUILD_MS = 600_000;

let desk: TestDesk;
let engine: NativeEngine;
let door: FireFirstClient;
beforeAll(async () => {
  await engineProgram();
  desk = await openTestDesk({
    pairs: { first: {}, both: {}, unlent: {}, frozen: {}, ticks: {}, stopped: {} },
    hasEngine: false,
  });
  engine = await startNativeEngine(desk, { host: HOST });
  door = await connectFireFirst(engine.door, { mode: 'simulated' });
}, BUILD_MS);
afterAll(async () => {
  door.close();
  await engine.close();
  forgetJournals(desk);
  await desk.close();
});

test('what is fired first becomes a trade, and by no door is it fired again', async () => {
  const armed = await armedFor('first', 'on_request');
  const intent = await firedFirst('first');
  const { intentId } = intent;
  const digest = intentDigest(intent);
  await isMatched(desk, intentId);
  expect(atVenues(desk, intentId)).toHaveLength(2);

  expect(await fire(door, intent)).toMatchObject({
    kind: 'refused',
    refusal: { code: 'INTENT_EXISTS' },
  });
  expect(await door.ask(intentId)).toMatchObject({ told: { became: 'fired', digest } });
  const { verdict } = await desk.client.arbitrage(intent);
  expect(verdict).toEqual({ kind: 'approved', digest });
  expect(atVenues(desk, intentId)).toHaveLength(2);
  await disarm(armed);
});

test('an intent that a workflow fires, too, is sent once, and its trade goes on with that', async () => {
  const armed = await armedFor('both', 'on_request');
  const { intentId, release } = await admittedAfter('both');
  await release();
  await isMatched(desk, intentId);
  expect(atVenues(desk, intentId)).toHaveLength(2);
  expect(await ordersOf(desk.db, arbitrageWorkflowId(intentId))).toMatchObject([
    { status: 'filled' },
    { status: 'filled' },
  ]);
  // Whoever has lent for it looks at a shot that no trade has adopted.
  const barred = await inTime(async () => {
    const breaks = (await openBreaks(desk.db)).filter(({ kind }) => kind === 'shot_without_trade');
    expect(breaks).toMatchObject([{ pairId: 'both', detail: { why: 'INTENT_EXISTS' } }]);
    return breaks;
  });
  const said = { by: 'test', why: 'its trade has both orders', atMs: Date.now() };
  for (const { breakId } of barred) await resolveBreak(desk.db, { breakId, ...said });
  await disarm(armed);
});

test('what its kernel says of its clock is in Postgres from its start on', async () => {
  const [reading] = await inTime(async () => {
    const readings = await clockReadings(desk.db);
    expect(readings).toMatchObject([{ host: HOST, process: engine.processId }]);
    return readings;
  });
  const { isSynchronised, estimatedErrorUs, maximumErrorUs = Infinity } = reading ?? {};
  if (isSynchronised) expect(estimatedErrorUs).toBeLessThanOrEqual(maximumErrorUs);
  else expect(maximumErrorUs).toBeGreaterThanOrEqual(16_000_000);
});

test('a pair that nothing was lent for is fired by no request', async () => {
  const answer = await fire(door, wanted('unlent.1', 'unlent'));
  expect(answer).toMatchObject({ kind: 'refused', refusal: { code: 'LEASE_MISSING' } });
  expect(atVenues(desk, 'unlent.1')).toEqual([]);
});

test('an id that was used through a workflow is no request any more, whatever became of it', async () => {
  const used = intentOf('unlent.2', 'unlent', { strategy: STRATEGY, edgeMin: '0.9' });
  expect(await desk.client.arbitrage(used)).toMatchObject({ verdict: { kind: 'denied' } });
  await inTime(async () =>
    expect(await door.ask('unlent.2')).toMatchObject({ told: { became: 'unknown' } }),
  );
  expect(await fire(door, wanted('unlent.2', 'unlent'))).toMatchObject({
    ...{ kind: 'refused', refusal: { code: 'INTENT_EXISTS' } },
  });
  expect(await door.ask('unlent.3')).toMatchObject({ told: { became: 'unheard' } });
});

test('a freeze of the strategy that asks stops its requests, and those alone', async () => {
  const armed = await armedFor('frozen', 'on_request');
  const freezeId = 'freeze-of-a-strategy';
  await freezeStrategy(freezeId);
  // The thread that fires hears of the new freezes a moment after the gate does.
  const refused = await passed('frozen.while', 'frozen');
  expect(refused.answer).toMatchObject({ kind: 'refused', refusal: { code: 'FROZEN' } });
  await liftFreeze(desk.db, { freezeId, by: 'test', why: 'over', atMs: Date.now() });
  await inTime(async () => expect(await acknowledgedAll()).toBe(true));
  const { intentId } = await firedFirst('frozen');
  await isMatched(desk, intentId);
  await disarm(armed);
});

test('an armed pair is fired from its books, within its lease, until it is disarmed', async () => {
  const armed = await armedFor('ticks', 'at_ticks');
  const [workflowId] = await inTime(async () => {
    const workflows = await shotsOf('ticks');
    expect(workflows.length).toBeGreaterThan(0);
    return workflows;
  });
  const intentId = (workflowId ?? '').slice(arbitrageWorkflowId('').length);
  await isMatched(desk, intentId);
  await disarm(armed);
});

test('whoever stops the host at its door stops it, whatever is read of freezes later', async () => {
  const armed = await armedFor('stopped', 'on_request');
  const stopped = await door.freezeHere({ who: 'anna', why: 'a drill' });
  expect(stopped).toMatchObject({ kind: 'told' });
  expect(await fire(door, wanted('stopped.1', 'stopped'))).toMatchObject({
    ...{ kind: 'refused', refusal: { code: 'FROZEN' } },
  });
  expect(await door.status()).toMatchObject({ told: { isFrozen: true, host: HOST, unadopted: 0 } });
  expect(atVenues(desk, 'stopped.1')).toEqual([]);
  await disarm(armed);
});

test('what was lent is closed, and both sides of the books agree', async () => {
  const open = desk.db.selectFrom('leases').select('lease_id').where('closed_at', 'is', null);
  expect(await open.execute()).toEqual([]);
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
});

const armedFor = (pairId: string, fires: Fires) =>
  arm(desk, pairId, {
    ...{ strategy: STRATEGY, fires, validMs: 5_000 },
    ...{ budget: { exposure: '50', contracts: '30' }, expiresAtMs: Date.now() + 120_000 },
  });

const wanted = (intentId: string, pairId: string) =>
  fireFirst(intentId, pairId, { host: HOST, strategy: STRATEGY });

/** What passes by itself on a busy machine. */
const PASSING = ['BOOK_STALE', 'NO_WIRE', 'CONTROL_CHANGED', 'CONTROL_LOST', 'TOO_LATE'];
const TRIES_MAX = 100;
const AGAIN_AFTER_MS = 50;

async function firedFirst(pairId: string) {
  const { intent, answer } = await passed(pairId, pairId);
  expect(answer).toMatchObject({
    kind: 'receipt',
    receipt: { written: { yes: 'whole', no: 'whole' } },
  });
  return intent;
}

/** The first request that is not refused for what passes by itself; no id is used twice. */
async function passed(ids: string, pairId: string) {
  for (let count = 1; ; count += 1) {
    const intent = wanted(`${ids}.${count}`, pairId);
    const answer = await fire(door, intent);
    const isPassing = answer.kind === 'refused' && PASSING.includes(answer.refusal.code);
    if (!isPassing || count === TRIES_MAX) return { intent, answer };
    await delay(AGAIN_AFTER_MS);
  }
}

/** Fired at the door while the trade of the same intent stands before its admission. */
async function admittedAfter(pairId: string) {
  for (let count = 1; ; count += 1) {
    const intentId = `${pairId}.${count}`;
    const locked = await lockIntents(desk);
    const verdict = desk.client.arbitrage(intentOf(intentId, pairId, { strategy: STRATEGY }));
    await inTime(() => desk.client.trade(intentId).state());
    const answer = await fire(door, wanted(intentId, pairId));
    const release = async () => {
      await locked.release();
      expect(await verdict).toMatchObject({ verdict: { kind: 'approved' } });
    };
    if (answer.kind === 'receipt' || count === TRIES_MAX) return { intentId, release };
    await locked.release();
    await verdict;
    await delay(AGAIN_AFTER_MS);
  }
}

async function freezeStrategy(freezeId: string): Promise<void> {
  await insertFreeze(desk.db, {
    ...{ freezeId, scope: { kind: 'strategy', key: STRATEGY }, cause: 'manual', action: 'leave' },
    ...{ by: 'test', why: 'a drill', atMs: Date.now() },
  });
  await inTime(async () => expect(await acknowledgedAll()).toBe(true));
}

/** Whether every process that lives has the newest freezes. */
async function acknowledgedAll(): Promise<boolean> {
  const { epoch } = await desk.db.selectFrom('control').select('epoch').executeTakeFirstOrThrow();
  const processes = await desk.db
    .selectFrom('processes')
    .select('epoch_acknowledged')
    .where('ended_at', 'is', null)
    .where('killed_at', 'is', null)
    .execute();
  return processes.every((of) => of.epoch_acknowledged >= epoch);
}

const shotsOf = async (pairId: string): Promise<readonly string[]> =>
  (
    await desk.db
      .selectFrom('engine_shots')
      .select('workflow_id')
      .where('pair_id', '=', pairId)
      .execute()
  ).map(({ workflow_id: workflowId }) => workflowId);
