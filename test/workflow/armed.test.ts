import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { money, quantity, queuesOf } from '../../domain/index.js';
import { without } from '../../domain/without.js';
import { auditLines, firstLimits, setLimits } from '../../store/index.js';
import { armedStateQuery } from '../../workflows/arming-messages.js';
import type { Start } from '../store/engine-desk.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { ArmedShots, armRequestOf, leasesOfPair, mustBeArmed } from '../support/desk-armed.js';
import { soon } from '../support/desk-ends.js';
import { ACCOUNT } from '../support/desk-venues.js';
import { type EngineStandIn, startEngineStandIn } from '../support/engine-stand-in.js';
import { ownPairs } from '../support/own-pairs.js';

// The engine is a stand-in: it answers as one would, and what it has "fired" is told by the test.
const HOST = 'host-a';
const PAIRS = [
  ...['expires', 'operated', 'held', 'terms', 'twice', 'stubborn', 'spent', 'cancelled'],
  'unheard',
];

let desk: TestDesk;
let start: Start;
let engine: EngineStandIn;
let shots: ArmedShots;
const unacknowledged: { readonly thread: number; readonly sequence: number }[] = [];
beforeAll(async () => {
  const named = [...PAIRS, 'unowned'];
  const pairs = Object.fromEntries(named.map((name) => [name, {}]));
  desk = await openTestDesk({ pairs, hasEngine: false });
  start = await ownPairs(desk, HOST, PAIRS);
  shots = new ArmedShots(desk, start);
  engine = await startEngineStandIn(desk, HOST, {
    start,
    arm: ({ pair }) =>
      pair.pairId === 'stubborn'
        ? { kind: 'refused', code: 'MARKET_UNKNOWN', why: 'no book of it' }
        : { kind: 'armed' },
    unacknowledged: () => unacknowledged,
  });
});
afterAll(async () => {
  await engine.close();
  await desk.close();
});

const armed = async (...asked: Parameters<typeof armRequestOf>) =>
  mustBeArmed(await desk.client.arm(armRequestOf(...asked)));

const armingsOf = (pairId: string) => engine.armings.filter(({ pair }) => pair.pairId === pairId);

const leasesOf = async (pairId: string) => leasesOfPair(desk, pairId);

test('a pair is armed at its engine until it expires, and its lease is closed', async () => {
  const handle = await armed('expires', { expiresAtMs: Date.now() + 3_000 });
  const [arming] = armingsOf('expires');
  expect(arming).toMatchObject({
    ...{ account: ACCOUNT, strategy: 'desk', fires: 'at_ticks', validMs: 250 },
    ...{ types: ['poly_yes_kalshi_no'], contractsMax: '10', edgeMin: '0.01' },
    pair: { pairId: 'expires' },
    orderGroupId: expect.any(String) as string,
  });
  expect(arming?.armingId).toBe(arming?.leaseId);
  expect(await handle.result()).toMatchObject({
    ...{ kind: 'expired', shots: 0 },
    left: { exposure: money('200'), contracts: quantity('200') },
  });
  expect(await leasesOf('expires')).toMatchObject([{ exposure: '200', closed_how: 'disarmed' }]);
});

test('what is more than the limits is denied by the rule’s name, and nothing is lent', async () => {
  const { verdict } = await desk.client.arm(
    armRequestOf('twice', { budget: { exposure: '60000', contracts: '200' } }),
  );
  expect(verdict).toMatchObject({ kind: 'denied', denial: { code: 'EXPOSURE_TOO_LARGE' } });
  expect(await leasesOf('twice')).toEqual([]);
  expect(armingsOf('twice')).toEqual([]);
});

describe('denied by name', () => {
  test.each([
    ['PAIR_UNOWNED', 'unowned', {}],
    ['PAIR_UNKNOWN', 'nowhere', {}],
    ['TOO_LATE', 'twice', { expiresAtMs: 1 }],
    ['BUDGET_TOO_SMALL', 'twice', { budget: { exposure: '9', contracts: '9' } }],
    ['MARKET_CLOSING', 'twice', { expiresAtMs: 4_000_000_000_000 }],
    ['DIRECTIONS_NET', 'twice', { types: ['poly_yes_kalshi_no', 'kalshi_yes_poly_no'] }],
  ] as const)('%s', async (code, pairId, change) => {
    const { verdict } = await desk.client.arm(armRequestOf(pairId, change));
    expect(verdict).toMatchObject({ kind: 'denied', denial: { code } });
  });
});

test('an operator disarms: nothing is armed any more, and the audit has who and why', async () => {
  const handle = await armed('operated');
  const taken = await handle.disarm({ by: 'anna@desk7', why: 'lunch' });
  expect(taken.isDisarmed).toBe(true);
  expect(await handle.result()).toMatchObject({ kind: 'disarmed', by: 'anna@desk7', why: 'lunch' });
  const [arming] = armingsOf('operated');
  expect(engine.disarmed).toContain(arming?.armingId);
  const lines = (await auditLines(desk.db, 20)).filter(
    ({ subject }) => subject === arming?.leaseId,
  );
  expect(lines).toMatchObject([{ action: 'close_lease', by: 'anna@desk7', why: 'lunch' }]);
});

test('a grant that nobody has heard of, because its worker died with the answer, is closed all the same', async () => {
  const { workflowId } = await armed('unheard');
  const { workflow } = desk.temporal;
  const first = workflow.getHandle(workflowId);
  const { runId: firstRunId } = await first.describe();
  const state = without(await first.query(armedStateQuery), 'lease');
  await first.terminate('as if its worker had died before the grant was heard of');
  expect(await leasesOf('unheard')).toMatchObject([{ closed_at: null }]);

  const ending = { kind: 'disarmed', by: 'anna', why: 'lunch' } as const;
  const unheard = { ...state, stage: 'lending', grants: 0, ending } as const;
  const again = await workflow.start('armPair', {
    ...{ workflowId, taskQueue: queuesOf(desk.place.desk).trading },
    args: [state.request, { state: unheard, firstRunId, timeline: [] }],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  });
  expect(await again.result()).toMatchObject({ kind: 'disarmed', shots: 0 });
  expect(await leasesOf('unheard')).toMatchObject([{ closed_how: 'disarmed' }]);
});

test('a shot that is no trade yet holds the closing up, and then does not', async () => {
  const handle = await armed('held');
  await shots.told('held', 1);
  unacknowledged.push(shots.slot(1));
  await handle.disarm({ by: 'anna', why: 'a drill' });
  await soon(async () => {
    const { stage, pause } = await handle.state();
    expect([stage, pause?.why]).toEqual(['closing', 'SHOTS_UNADOPTED']);
  });
  await shots.adopted('held', 1);
  expect(await handle.result()).toMatchObject({
    ...{ kind: 'disarmed', shots: 1 },
    left: { exposure: money('102.96'), contracts: quantity('100') },
  });
  unacknowledged.length = 0;
});

test('new terms go to the engine under the same name, and only within the grant', async () => {
  const handle = await armed('terms');
  await expect(
    handle.changeTerms({ contractsMax: '11', edgeMin: '0.02', validMs: 100 }),
  ).rejects.toThrow('more contracts than were asked for are a new arming');
  await expect(handle.changeTerms({ contractsMax: '5', edgeMin: '0.001' })).rejects.toThrow(
    'edgeMin: is at least 0.01',
  );
  const wish = { contractsMax: '5', edgeMin: '0.02', validMs: 100 };
  expect(await handle.changeTerms(wish)).toEqual({ isTold: true, terms: wish });
  const [first, second] = armingsOf('terms');
  expect(second).toEqual({ ...first, ...wish });
  await handle.disarm({ by: 'anna', why: 'seen' });
  await handle.result();
  expect(await leasesOf('terms')).toHaveLength(1);
});

test('a pair is armed once: the same request is the same arming, another is refused by name', async () => {
  const request = armRequestOf('twice');
  const handle = mustBeArmed(await desk.client.arm(request));
  mustBeArmed(await desk.client.arm(request));
  expect(await leasesOf('twice')).toHaveLength(1);
  await expect(desk.client.arm({ ...request, contractsMax: '9' })).rejects.toThrow(
    'pair "twice" is armed: by another request',
  );
  await soon(async () => {
    expect((await desk.client.armed()).map(({ pairId }) => pairId)).toContain('twice');
  });
  await handle.disarm({ by: 'anna', why: 'done' });
  await handle.result();
  const again = mustBeArmed(await desk.client.arm(request));
  const [first, second] = await leasesOf('twice');
  expect(first?.lease_id).not.toBe(second?.lease_id);
  await again.disarm({ by: 'anna', why: 'done' });
  await again.result();
});

test('an engine that refuses is the verdict, and what was lent is closed', async () => {
  const { verdict, handle } = await desk.client.arm(armRequestOf('stubborn'));
  expect(verdict).toMatchObject({
    denial: { code: 'NOT_ARMED', host: HOST, reason: 'MARKET_UNKNOWN: no book of it' },
  });
  expect(await handle.result()).toMatchObject({ kind: 'denied' });
  expect(await leasesOf('stubborn')).toMatchObject([{ closed_how: 'disarmed' }]);
});

test('a budget that does not hold another shot is spent: the pair is disarmed by itself', async () => {
  const handle = await armed('spent', { budget: { exposure: '200', contracts: '109' } });
  await shots.told('spent', 2);
  await shots.adopted('spent', 2);
  expect(await handle.result()).toMatchObject({
    ...{ kind: 'exhausted', shots: 1 },
    left: { exposure: money('0'), contracts: quantity('9') },
  });
});

test('cancelling is disarming', async () => {
  const handle = await armed('cancelled');
  await desk.temporal.workflow.getHandle(handle.workflowId).cancel();
  await expect(handle.result()).rejects.toThrow(/cancel/i);
  expect(await leasesOf('cancelled')).toMatchObject([{ closed_how: 'disarmed' }]);
});

test('limits that shrink do not take back what is lent, and keep it from being lent anew', async () => {
  const handle = await armed('operated');
  const change = { account: ACCOUNT, by: 'anna', why: 'less' };
  await setLimits(desk.db, { ...change, limits: { ...firstLimits, exposureMax: money('1') } });
  expect((await handle.state()).stage).toBe('armed');
  await handle.disarm({ by: 'anna', why: 'less' });
  await handle.result();
  const { verdict } = await desk.client.arm(armRequestOf('operated'));
  expect(verdict).toMatchObject({ denial: { code: 'EXPOSURE_TOO_LARGE' } });
  await setLimits(desk.db, { ...change, limits: firstLimits });
});
