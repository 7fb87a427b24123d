import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { exitCodes } from '../../cli/exit-codes.js';
import type { FireFirstClient } from '../../client/index.js';
import type { Fires } from '../../domain/index.js';
import { widenLimits } from '../support/crash-desk.js';
import { endsAs, heldAtVenues, type Ids } from '../support/crash-ends.js';
import { crashTerms } from '../support/crash-terms.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, BOOKS_AGREE, checkedBooks, expectEnd, inTime } from '../support/desk-ends.js';
import { DEAR } from '../support/desk-pairs.js';
import {
  type ArmedLease,
  arm,
  armedAnew,
  closings,
  diesAndReturns,
  firedFirst,
  firedFrom,
  mustHaveLeft,
  openDoor,
  standingOf,
  toArm,
  tradeOf,
} from '../support/door-deaths.js';
import { bury, frozenWithin, journalsOf, standsStill, thawed } from '../support/engine-deaths.js';
import { tellFigures } from '../support/figures.js';
import { fire, fireFirst } from '../support/host-doors.js';
import {
  engineProgram,
  forgetJournals,
  type NativeEngine,
  startNativeEngine,
} from '../support/native-engine.js';
import {
  type DoorCrash,
  type DoorPoint,
  doorCrashes,
  LENDING_POINT,
  tickCrashes,
} from './door-crashes.js';

// An engine dies of what it has fired by itself: nobody has asked for a trade, and there is one.
const HOST = 'door-deaths';
/** Whoever has not built it beforehand builds it here. */
const BUILD_MS = 600_000;
const STORY_MS = 180_000;
/** Longer than an engine that runs takes to hear of a freeze. */
const STILL_MS = 1_000;
const SOON_MS = 15_000;
const REFUSED_AFTER = 20;
const TICK_EVERY_MS = 25;

const cases = (of: object) => Object.entries(of) as (readonly [DoorPoint, DoorCrash])[]; // their own keys
const pairOf = (fires: Fires, point: DoorPoint): string =>
  `${fires === 'at_ticks' ? 'tick' : 'first'}${Object.keys(doorCrashes).indexOf(point)}`;

let desk: TestDesk;
let engine: NativeEngine | undefined;
let door: FireFirstClient | undefined;
beforeAll(async () => {
  await engineProgram();
  const first = cases(doorCrashes).map(([point]) => [pairOf('on_request', point), {}] as const);
  const ticks = cases(tickCrashes).map(([point]) => [pairOf('at_ticks', point), DEAR] as const);
  const pairs = {
    ...{ ...Object.fromEntries(first), ...Object.fromEntries(ticks) },
    ...{ lent: {}, still: {}, stillTick: DEAR },
  };
  desk = await openTestDesk({ pairs, terms: crashTerms, hasEngine: false });
  await widenLimits(desk);
}, BUILD_MS);
afterEach(async () => {
  door?.close();
  await engine?.close();
  if (engine) await bury(desk, engine);
  [door, engine] = [undefined, undefined];
});
afterAll(async () => {
  forgetJournals(desk);
  await desk.close();
});

test.for(cases(doorCrashes))(
  'its engine dies of what was fired first: %s',
  {
    timeout: STORY_MS,
  },
  async ([point, crash], context) => {
    const pairId = pairOf('on_request', point);
    const [dead, strategy] = await open(point);
    const armed = await arm(desk, toArm(pairId, { fires: 'on_request' }));
    const asked = await firedFirst(strategy, { ...crash, pairId, round: 'first', host: HOST });
    const swept = await diesAndReturns(desk, dead, { ...crash, pairId });

    const { intent, intentId, answer, failed } = asked;
    const became = await standingOf(strategy, intentId);
    expect(became).toBe(crash.became);
    const again = await fire(strategy, intent);
    expect(again).toMatchObject({ kind: 'refused', refusal: { code: 'INTENT_EXISTS' } });
    const end = await endsAs(desk, await tradeOf(desk, asked), [crash.endsAs]);

    await becomesArmed(armed, dead);
    const before = atVenues(desk, intentId);
    desk.pairs.showPair(pairId);
    const next = await firedFirst(strategy, { pairId, round: 'next', host: HOST });
    mustHaveLeft(next);
    await isSpent(armed, next);
    expect(atVenues(desk, intentId)).toEqual(before);
    await leavesNothing(dead);
    tellFigures(context, 'crashes of the engine, by its doors', {
      ...{ point, fires: 'on_request', end, swept },
      ...{ answer: answer.kind, became },
      'refused before': failed.join(', ') || '-',
    });
  },
);

test.for(cases(tickCrashes))(
  'its engine dies of what a tick has fired: %s',
  {
    timeout: STORY_MS,
  },
  async ([point, crash], context) => {
    const pairId = pairOf('at_ticks', point);
    const [dead] = await open(point);
    const armed = await arm(desk, toArm(pairId, crash.validMs ? { validMs: crash.validMs } : {}));
    desk.pairs.showPair(pairId);
    const swept = await diesAndReturns(desk, dead, { ...crash, pairId });

    const shot = await firedFrom(desk, pairId, 1);
    const end = await endsAs(desk, await tradeOf(desk, shot), [crash.endsAs]);
    await becomesArmed(armed, dead);
    const before = atVenues(desk, shot.intentId);
    desk.pairs.showPair(pairId);
    await isSpent(armed, await firedFrom(desk, pairId, 2));
    expect(atVenues(desk, shot.intentId)).toEqual(before);
    await leavesNothing(dead);
    tellFigures(context, 'crashes of the engine, by its doors', {
      ...{ point, fires: 'at_ticks', end, swept },
      ...{ answer: '-', became: '-', 'refused before': '-' },
    });
  },
);

test(`its engine dies of a lease: ${LENDING_POINT}`, { timeout: STORY_MS }, async (context) => {
  const [dead, strategy] = await open(LENDING_POINT);
  const { verdict, handle } = await desk.client.arm(toArm('lent', { fires: 'on_request' }));
  expect(verdict).toMatchObject({ kind: 'denied', denial: { code: 'NOT_ARMED' } });
  const swept = await diesAndReturns(desk, dead, { pairId: 'lent' });

  expect(await handle.result()).toMatchObject({ kind: 'denied', shots: 0 });
  expect(await closings(desk, 'lent')).toEqual(['journal_read']);
  const armed = await arm(desk, toArm('lent', { fires: 'on_request' }));
  const asked = await firedFirst(strategy, { pairId: 'lent', round: 'next', host: HOST });
  mustHaveLeft(asked);
  const end = await endsAs(desk, await tradeOf(desk, asked), ['matched']);
  await armed.handle.disarm({ by: 'test', why: 'it is over' });
  expect(await armed.handle.result()).toMatchObject({ kind: 'disarmed', shots: 1 });
  await leavesNothing(dead);
  tellFigures(context, 'crashes of the engine, by its doors', {
    ...{ point: LENDING_POINT, fires: 'on_request', end, swept },
    ...{ answer: '-', became: '-', 'refused before': asked.failed.join(', ') || '-' },
  });
});

test('a shot from a lease that stands still past the gate holds up FROZEN, and is the last', {
  timeout: STORY_MS,
}, async () => {
  const pairId = 'still';
  const slow = await startNativeEngine(desk, { host: HOST, standAt: 'written down, nothing sent' });
  engine = slow;
  const strategy = await openDoor(slow);
  door = strategy;
  const armed = await arm(desk, toArm(pairId, { fires: 'on_request' }));
  const asking = firedFirst(strategy, { pairId, round: 'first', host: HOST });
  await standsStill(slow);
  expect(await frozenWithin(desk, pairId, STILL_MS)).toMatchObject({
    exitCode: exitCodes.notFrozen,
    data: { isFrozen: false, missing: [{ processId: slow.processId }] },
  });

  process.kill(slow.pid, 'SIGCONT');
  expect(await frozenWithin(desk, pairId, SOON_MS)).toMatchObject({ exitCode: exitCodes.done });
  const asked = await asking;
  mustHaveLeft(asked);
  const sent = atVenues(desk, asked.intentId).length;
  expect(sent).toBe(2);
  for (let number = 1; number <= REFUSED_AFTER; number += 1) {
    const notAfterMs = Date.now() + 1_000;
    const intent = fireFirst(`${pairId}.frozen.${number}`, pairId, { host: HOST, notAfterMs });
    expect(await fire(strategy, intent)).toMatchObject({ kind: 'refused' });
    expect(atVenues(desk, intent.intentId)).toEqual([]);
  }
  await thawed(desk);
  await endsAs(desk, await tradeOf(desk, asked), ['matched']);
  await armed.handle.disarm({ by: 'test', why: 'it is over' });
  expect(await armed.handle.result()).toMatchObject({ kind: 'disarmed', shots: 1 });
  expect(await slow.drain()).toBe(0);
});

test('a shot of a tick that stands still past the gate holds up FROZEN, and is the last', {
  timeout: STORY_MS,
}, async () => {
  const pairId = 'stillTick';
  const slow = await startNativeEngine(desk, { host: HOST, standAt: 'written down, nothing sent' });
  engine = slow;
  const armed = await arm(desk, toArm(pairId));
  desk.pairs.showPair(pairId);
  await standsStill(slow);
  expect(await frozenWithin(desk, pairId, STILL_MS)).toMatchObject({
    exitCode: exitCodes.notFrozen,
    data: { isFrozen: false, missing: [{ processId: slow.processId }] },
  });
  expect(heldAtVenues(desk, pairId)).toEqual([]);

  process.kill(slow.pid, 'SIGCONT');
  expect(await frozenWithin(desk, pairId, SOON_MS)).toMatchObject({ exitCode: exitCodes.done });
  const shot = await firedFrom(desk, pairId, 1);
  await inTime(() =>
    expect(heldAtVenues(desk, pairId)).toEqual(['kalshi no 10', 'polymarket yes 10']),
  );
  for (let tick = 1; tick <= REFUSED_AFTER; tick += 1) {
    desk.pairs.showPair(pairId, ...(tick % 2 === 1 ? [DEAR] : []));
    await delay(TICK_EVERY_MS);
  }
  expect(await firedFrom(desk, pairId, 1)).toEqual(shot);
  // Before it is thawed: the next shot would stand still, too.
  await armed.handle.disarm({ by: 'test', why: 'it is over' });
  expect(await armed.handle.result()).toMatchObject({ kind: 'disarmed', shots: 1 });
  await thawed(desk);
  await endsAs(desk, await tradeOf(desk, shot), ['matched']);
  expect(await slow.drain()).toBe(0);
});

test('what was lent is closed, and both sides of the books agree', async () => {
  const open = desk.db.selectFrom('leases').select('lease_id').where('closed_at', 'is', null);
  expect(await open.execute()).toEqual([]);
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
});

/** By its next start, from a lease of its own: for the second of two shots. */
async function becomesArmed({ handle, leaseId }: ArmedLease, next: NativeEngine): Promise<void> {
  const { lease, contractsLeft } = await armedAnew(handle, next);
  expect(lease.leaseId).not.toBe(leaseId);
  expect(contractsLeft).toBe('10');
  expect(await closings(desk, lease.pair?.pairId ?? '')).toEqual(['journal_read', null]);
}

/** The pair's last shot is a trade like any other, and nothing is left to lend. */
async function isSpent({ handle }: ArmedLease, last: Ids): Promise<void> {
  expectEnd((await tradeOf(desk, last)).result, { kind: 'matched' });
  expect(await handle.result()).toMatchObject({ kind: 'exhausted', shots: 2 });
}

/** After an orderly end the next start lets go of what the dead one has left: all of it is over. */
async function leavesNothing(living: NativeEngine): Promise<void> {
  expect(await living.drain()).toBe(0);
  await living.startAgain();
  expect(journalsOf(desk)).toHaveLength(1);
  expect(await living.drain()).toBe(0);
}

/** An engine that will die there, and a strategy before it. */
async function open(dieAt: string): Promise<readonly [NativeEngine, FireFirstClient]> {
  const opened = await startNativeEngine(desk, { host: HOST, dieAt });
  engine = opened;
  const strategy = await openDoor(opened);
  door = strategy;
  return [opened, strategy];
}
