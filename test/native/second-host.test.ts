import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FireFirstClient } from '../../client/index.js';
import { widenLimits } from '../support/crash-desk.js';
import { crashTerms } from '../support/crash-terms.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, BOOKS_AGREE, checkedBooks, expectEnd, inTime } from '../support/desk-ends.js';
import { arm, firedFirst, mustHaveLeft, openDoor, toArm, tradeOf } from '../support/door-deaths.js';
import { bury } from '../support/engine-deaths.js';
import { fire, fireFirst } from '../support/host-doors.js';
import {
  type EngineOptions,
  engineProgram,
  forgetJournals,
  type NativeEngine,
  startNativeEngine,
} from '../support/native-engine.js';

// A pair goes from a host that has died to another one, which has none of its journals. A strategy that
// has lost an answer asks the new owner with the same id.
const [FIRST, SECOND] = ['first-host', 'second-host'] as const;
/** Whoever has not built it beforehand builds it here. */
const BUILD_MS = 600_000;
const STORY_MS = 180_000;

let desk: TestDesk;
const engines: NativeEngine[] = [];
const doors: FireFirstClient[] = [];
beforeAll(async () => {
  await engineProgram();
  const pairs = { told: {}, untold: {} };
  desk = await openTestDesk({ pairs, terms: crashTerms, hasEngine: false });
  await widenLimits(desk);
}, BUILD_MS);
afterEach(async () => {
  for (const door of doors.splice(0)) door.close();
  for (const engine of engines.splice(0)) {
    await engine.close();
    await bury(desk, engine);
  }
});
afterAll(async () => {
  forgetJournals(desk);
  await desk.close();
});

test('what a trade has is not fired again by the next owner of its pair', {
  timeout: STORY_MS,
}, async () => {
  const pairId = 'told';
  const [first, door] = await opened({ host: FIRST });
  const armed = await arm(desk, toArm(pairId, { fires: 'on_request' }));
  const asked = await firedFirst(door, { pairId, round: 'first', host: FIRST });
  mustHaveLeft(asked);
  expectEnd((await tradeOf(desk, asked)).result, { kind: 'matched' });
  const sent = atVenues(desk, asked.intentId);
  expect(sent).toHaveLength(2);

  // It lives, as far as anybody knows: its pair is left to it.
  process.kill(first.pid, 'SIGSTOP');
  const [second, next] = await opened({ host: SECOND, folder: ofItsOwn(SECOND) });
  expect(await holderOf(pairId)).toBe(first.processId);
  await first.kill();
  await bury(desk, first);
  await inTime(async () => expect(await holderOf(pairId)).toBe(second.processId));

  const again = fireFirst(asked.intentId, pairId, { host: SECOND });
  expect(await fire(next, again)).toMatchObject({
    ...{ kind: 'refused', refusal: { code: 'INTENT_EXISTS' } },
  });
  expect(await next.ask(asked.intentId)).toMatchObject({ told: { became: 'unknown' } });
  expect(atVenues(desk, asked.intentId)).toEqual(sent);
  await second.kill();
  await bury(desk, second);
  await first.startAgain();
  await armed.handle.disarm({ by: 'test', why: 'it is over' });
  expect(await armed.handle.result()).toMatchObject({ kind: 'disarmed', shots: 1 });
});

test('what only the journal of a dead host knows is fired by no other, and is its trade once it is back', {
  timeout: STORY_MS,
}, async () => {
  const pairId = 'untold';
  const [first, door] = await opened({ host: FIRST, dieAt: 'both legs sent, no answer' });
  const armed = await arm(desk, toArm(pairId, { fires: 'on_request' }));
  const asked = await firedFirst(door, { pairId, round: 'first', host: FIRST });
  expect(asked.answer).toMatchObject({ kind: 'unknown' });
  expect(await first.ended()).toBe('SIGKILL');
  await bury(desk, first);

  const [second, next] = await opened({ host: SECOND, folder: ofItsOwn(SECOND) });
  await inTime(async () => expect(await holderOf(pairId)).toBe(second.processId));
  const again = fireFirst(asked.intentId, pairId, { host: SECOND });
  // What the dead one was lent is nobody else's before its journal was read.
  expect(await fire(next, again)).toMatchObject({
    ...{ kind: 'refused', refusal: { code: 'LEASE_MISSING' } },
  });
  expect(atVenues(desk, asked.intentId)).toHaveLength(2);
  await second.kill();
  await bury(desk, second);

  await first.startAgain();
  expect(first.info.swept).toBe('1');
  expectEnd((await tradeOf(desk, asked)).result, { kind: 'matched' });
  expect(atVenues(desk, asked.intentId)).toHaveLength(2);
  await armed.handle.disarm({ by: 'test', why: 'it is over' });
  expect(await armed.handle.result()).toMatchObject({ kind: 'disarmed', shots: 1 });
});

test('both sides of the books agree', async () => {
  await inTime(async () => expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE));
});

async function opened(options: EngineOptions): Promise<readonly [NativeEngine, FireFirstClient]> {
  const engine = await startNativeEngine(desk, options);
  engines.push(engine);
  const door = await openDoor(engine);
  doors.push(door);
  return [engine, door];
}

function ofItsOwn(host: string): string {
  const folder = join(desk.config.folders.data, host);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

async function holderOf(pairId: string): Promise<string> {
  const owners = desk.db.selectFrom('owners').select('holder').where('kind', '=', 'pair');
  return (await owners.where('key', '=', pairId).executeTakeFirstOrThrow()).holder;
}
