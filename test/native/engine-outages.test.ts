import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectFireFirst, type FireFirstClient, isNeverFired } from '../../client/index.js';
import { freezeTimes } from '../../domain/index.js';
import { confirmKilled, insertFreeze, liftFreeze, silentProcesses } from '../../store/index.js';
import { type CutLine, openCutLine } from '../support/cut-line.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, BOOKS_AGREE, checkedBooks, inTime } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { arm, disarm, fire, fireFirst, isMatched } from '../support/host-doors.js';
import {
  engineProgram,
  forgetJournals,
  type NativeEngine,
  startNativeEngine,
} from '../support/native-engine.js';

// An engine that is cut off from a server takes no new risk, by the doors that need no workflow.
const HOST = 'engine-outages';
const ON_REQUEST = { fires: 'on_request' } as const;
/** Whoever has not built it beforehand builds it here. */
const BUILD_MS = 600_000;
/** DESIGN §8.1: how long what was read of freezes may be acted on. */
const CONTROL_LEASE_MS = 1_000;
/** DESIGN §5C: how long a shot may wait for its workflow while others are fired. */
const UNADOPTED_MS_MAX = 250;
/** It has no book of it, and no line to it. */
const WITHOUT_VENUE = ['BOOK_STALE', 'LIQUIDITY_TOO_SMALL', 'NO_WIRE'];

let desk: TestDesk;
let postgres: CutLine;
let temporal: CutLine;
let engine: NativeEngine;
let door: FireFirstClient;
beforeAll(async () => {
  await engineProgram();
  desk = await openTestDesk({
    pairs: { unread: {}, alone: {}, beside: {}, before: {}, away: {} },
    hasEngine: false,
  });
  const books = new URL(desk.config.databaseUrl);
  postgres = await openCutLine(books.host);
  temporal = await openCutLine(desk.config.temporalAddress);
  books.host = postgres.address;
  const servers = { databaseUrl: books.href, temporalAddress: temporal.address };
  engine = await startNativeEngine(desk, { host: HOST, servers });
  door = await connectFireFirst(engine.door, { mode: 'simulated' });
}, BUILD_MS);
afterAll(async () => {
  door.close();
  await engine.close();
  forgetJournals(desk);
  await Promise.all([postgres.close(), temporal.close()]);
  await desk.close();
});

test('without Postgres no byte of an entry leaves once its last word about freezes is a second old', async () => {
  const armed = await arm(desk, 'unread', ON_REQUEST);
  postgres.cut();
  await delay(CONTROL_LEASE_MS);
  for (let count = 0; count < 5; count += 1) {
    const intentId = `unread.while.${count}`;
    expect(await asked(intentId, 'unread')).toMatchObject({
      ...{ kind: 'refused', refusal: { code: 'CONTROL_LOST' } },
    });
    expect(atVenues(desk, intentId)).toEqual([]);
  }
  postgres.mend();
  await isMatched(desk, await firedBy('unread.after', 'unread'));
  await disarm(armed);
});

test('what another door takes while nothing is heard of it is never told as never fired', async () => {
  const standing = async (intentId: string) => {
    const asked = await door.ask(intentId);
    if (asked.kind !== 'told') throw new Error(`${intentId}: ${asked.kind}`);
    return asked.told;
  };
  const isOver = async (intentId: string) => isNeverFired(await standing(intentId), overAtMs);
  postgres.hold(); // no connection ends, and nothing comes
  const denied = intentOf('unread.taken', 'unread', { edgeMin: '0.9' });
  expect(await desk.client.arbitrage(denied)).toMatchObject({ verdict: { kind: 'denied' } });
  const overAtMs = Date.now();
  await delay(CONTROL_LEASE_MS);
  expect(await standing('unread.taken')).toMatchObject({ became: 'unheard' });
  expect([await isOver('unread.taken'), await isOver('unread.nobody')]).toEqual([false, false]);
  postgres.cut();
  postgres.mend();
  await inTime(async () => expect(await isOver('unread.nobody')).toBe(true));
  expect(await standing('unread.taken')).toMatchObject({ became: 'unknown' });
});

test('without Temporal a host stops when nobody has taken over its shot, and exits go on', async () => {
  const armed = [await arm(desk, 'alone', ON_REQUEST), await arm(desk, 'beside', ON_REQUEST)];
  await desk.stopTrading(); // it would take the shot over by itself
  temporal.cut();
  const first = await firedBy('alone.while', 'alone');
  expect(await asked('alone.second', 'alone')).toMatchObject({
    ...{ kind: 'refused', refusal: { code: 'PAIR_IN_FLIGHT' } },
  });
  await delay(UNADOPTED_MS_MAX);
  expect(await asked('beside.while', 'beside')).toMatchObject({
    ...{ kind: 'refused', refusal: { code: 'BACK_PRESSURE' } },
  });
  expect(atVenues(desk, 'beside.while')).toEqual([]);

  // Its trade, and whatever it has to sell, needs no engine and not the engine's line.
  await desk.startTrading();
  await isMatched(desk, first);
  await isMatched(desk, await firedBy('beside.after', 'beside'));
  temporal.mend();
  for (const one of armed) await disarm(one);
});

test('an engine that starts acknowledges a freeze while its shots of before are nobody’s', async () => {
  const armed = await arm(desk, 'before', ON_REQUEST);
  await desk.stopTrading();
  const fired = await firedBy('before.while', 'before');
  await engine.kill();
  await confirmKilled(desk.db, { processId: engine.processId, atMs: Date.now() });
  const freezeId = 'freeze-of-a-start';
  await insertFreeze(desk.db, {
    ...{ freezeId, scope: { kind: 'global' }, cause: 'manual', action: 'leave' },
    ...{ by: 'test', why: 'a drill', atMs: Date.now() },
  });
  const starting = engine.startAgain();
  const registeredAtMs = await inTime(async () => {
    expect(await silentEngines()).toHaveLength(1);
    return performance.now();
  });
  await inTime(async () => expect(await silentEngines()).toEqual([]));
  expect(performance.now() - registeredAtMs).toBeLessThan(freezeTimes.acknowledgedWithinMs);
  await liftFreeze(desk.db, { freezeId, by: 'test', why: 'over', atMs: Date.now() });
  await desk.startTrading();
  await starting;
  await isMatched(desk, fired);
  await disarm(armed);
});

test('an engine whose venue is away when it starts is ready without it, and fires once it is there', async () => {
  const armed = await arm(desk, 'away', ON_REQUEST);
  expect(await engine.drain()).toBe(0);
  await engine.takeAway('kalshi');
  await engine.startAgain();
  let tries = 0;
  await inTime(async () => {
    tries += 1;
    const answer = await asked(`away.while.${tries}`, 'away');
    expect(atVenues(desk, `away.while.${tries}`)).toEqual([]);
    expect(answer).toMatchObject({ kind: 'refused' });
    expect(WITHOUT_VENUE).toContain(answer.kind === 'refused' && answer.refusal.code);
  });
  await engine.bringBack('kalshi');
  await isMatched(desk, await firedBy('away.after', 'away'));
  await disarm(armed);
});

test('afterwards both sides of the books agree', async () => {
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
});

/** Those that "frozen" waits for. */
async function silentEngines() {
  const { processes = [] } = (await silentProcesses(desk.db)) ?? {};
  return processes;
}

/** The first that is not refused for what passes by itself; no id is used twice. */
async function firedBy(ids: string, pairId: string): Promise<string> {
  let tries = 0;
  return inTime(async () => {
    tries += 1;
    const intentId = `${ids}.${tries}`;
    expect(await asked(intentId, pairId)).toMatchObject({ kind: 'receipt' });
    return intentId;
  });
}

const asked = (intentId: string, pairId: string) =>
  fire(door, fireFirst(intentId, pairId, { host: HOST }));
