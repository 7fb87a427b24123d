import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arbitrageWorkflowId, fromWire, queuesOf, type TradeState } from '../../domain/index.js';
import { findIntent, insertIntent, openBreaks, storyOf } from '../../store/index.js';
import { ownerlessPositions } from '../../store/unresolved.js';
import { stateQuery } from '../../workflows/messages.js';
import { ArmedEngine, type ArmedShot, type Fates } from '../support/armed-engine.js';
import { openForgetful, openTestDesk, type TestDesk } from '../support/desk.js';
import {
  atVenues,
  BOOKS_AGREE,
  checkedBooks,
  endOf,
  expectEnd,
  frozenPairs,
  inTime,
  resultInBooks,
  searchedBy,
  soon,
} from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';

// An engine has fired first: the orders are at the venues before there is a trade. The engine is a
// stand-in that sends them by the adapters and tells its journal in SQL.
const PAIRS = [
  ...['matched', 'refused', 'silent', 'unsent', 'late', 'twice', 'taken', 'cancelled'],
  ...['carried', 'missed', 'ended', 'used'],
];

let desk: TestDesk;
let engine: ArmedEngine;
beforeAll(async () => {
  const pairs = Object.fromEntries(PAIRS.map((pairId) => [pairId, {}]));
  desk = await openTestDesk({ pairs, hasEngine: false });
  engine = await ArmedEngine.open(desk, PAIRS);
});
afterAll(async () => {
  await engine.close();
  await desk.close();
});

const BOTH = [
  'entry/no kalshi buys no @ 0.48: 10',
  'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
];

/** Fired, told, and its trade started: all that an engine does. */
async function fired(pairId: string, fates: Fates = {}): Promise<ArmedShot> {
  const shot = await engine.fire(`${pairId}.1`, pairId, fates);
  await Promise.all([shot.tell(), shot.start()]);
  return shot;
}

const handleOf = ({ workflowId }: ArmedShot) => desk.temporal.workflow.getHandle(workflowId);
const ended = async ({ intent }: ArmedShot) => endOf(desk.client.trade(intent.intentId));

/** What a trade has asked of the world, each once. */
async function asked(shot: ArmedShot): Promise<readonly string[]> {
  const { events } = await handleOf(shot).fetchHistory();
  const names = (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: of }) => of?.activityType?.name ?? [],
  );
  return [...new Set(names)];
}

/** The adoption has been tried and has to be tried again. */
async function isTriedAgain(shot: ArmedShot): Promise<void> {
  await soon(async () => {
    const { raw } = await handleOf(shot).describe();
    expect(raw.pendingActivities?.[0]?.attempt).toBeGreaterThan(1);
  });
}

describe('a shot that has left before it was a trade', () => {
  test('is adopted, and matched: nothing is sent again, and no other door starts it', async () => {
    const shot = await engine.fire('matched.1', 'matched');
    const verdict = async () => (await desk.client.arbitrage(shot.intent)).verdict;
    expect(await verdict()).toMatchObject({ denial: { code: 'INTENT_MISMATCH' } });
    await Promise.all([shot.tell(), shot.start()]);
    expect(await verdict()).toMatchObject({ kind: 'approved' });
    expectEnd(await ended(shot), { kind: 'matched', contracts: 10_000_000_000n });
    expect(atVenues(desk, 'matched.1')).toEqual(BOTH);
    expect(await verdict()).toMatchObject({ kind: 'approved' });
    expect(await asked(shot)).toEqual(expect.arrayContaining(['adoptFired', 'answersOf']));
    expect(await asked(shot)).not.toContain('fireLegs');
    const story = await storyOf(desk.db, shot.workflowId);
    expect(story.map(({ event }) => event)).toEqual(expect.arrayContaining(['adopted', 'fired']));
    expect((await findIntent(desk.db, 'matched.1'))?.admission).toMatchObject({
      ...{ kind: 'approved', engineHost: shot.shot.host },
    });
  });

  test('with one leg refused is got out of like any other', async () => {
    const shot = await fired('refused', { no: 'refused' });
    expectEnd(await ended(shot), { kind: 'exited' });
    expect(atVenues(desk, 'refused.1')[0]).toMatch(/^entry\/yes polymarket/);
    expect(await asked(shot)).not.toContain('fireLegs');
  });

  test('with one leg silent is asked about, and found', async () => {
    const shot = await fired('silent', { no: 'silent' });
    expectEnd(await ended(shot), { kind: 'matched' });
    expect(atVenues(desk, 'silent.1')).toEqual(BOTH);
    const state = fromWire<TradeState>(await handleOf(shot).query(stateQuery));
    expect(state.orders.map(({ wasUnknown = false }) => wasUnknown)).toEqual([false, true]);
  });

  test('of which the wire took nothing ends as not sent', async () => {
    const shot = await fired('unsent', { yes: 'unwritten', no: 'unwritten' });
    expectEnd(await ended(shot), {
      ...{ kind: 'denied', denial: { code: 'NOT_DISPATCHED', reason: 'NO_WIRE' } },
    });
    expect(atVenues(desk, 'unsent.1')).toEqual([]);
  });

  test('is waited for where Postgres hears of it late, and its fills are nobody else’s', async () => {
    const shot = await engine.fire('late.1', 'late');
    await shot.start();
    await isTriedAgain(shot);
    expect(await searchedBy(desk, shot.workflowId)).toMatchObject({ TradeState: 'adopting' });
    await shot.tell();
    expect(await ownerlessPositions(desk.db)).toEqual([]);
    expectEnd(await ended(shot), { kind: 'matched' });
    expect(atVenues(desk, 'late.1')).toEqual(BOTH);
  });

  test('is adopted once, however often it is started', async () => {
    const shot = await fired('twice');
    expect(await shot.start()).toBe('runs');
    const result = await ended(shot);
    expectEnd(result, { kind: 'matched' });
    expect(await shot.start()).toBe('ended');

    const forgetful = await openForgetful(desk);
    try {
      const again = await forgetful.temporal.workflow.start('arbitrage', {
        ...{ workflowId: shot.workflowId, taskQueue: queuesOf(forgetful.place.desk).trading },
        args: [shot.intent, null, { shot: shot.shot }],
      });
      expect(fromWire(await again.result())).toEqual(result);
    } finally {
      await forgetful.close();
    }
    expect(atVenues(desk, 'twice.1')).toEqual(BOTH);
  });

  test('goes on where somebody cancels it before it is adopted: it was sent', async () => {
    const shot = await engine.fire('cancelled.1', 'cancelled');
    await shot.start();
    await isTriedAgain(shot);
    await handleOf(shot).cancel();
    await shot.tell();
    expect(await ended(shot)).toEqual({ kind: 'cancelled' });
    expect(await resultInBooks(desk, 'cancelled.1')).toMatchObject({ kind: 'matched' });
    expect(atVenues(desk, 'cancelled.1')).toEqual(BOTH);
    expect(await asked(shot)).not.toContain('fireLegs');
  });

  test('is not fired by its next run either, which hears what became of it', async () => {
    const shot = await fired('carried', { no: 'silent' });
    await soon(async () => expect(await asked(shot)).toContain('answersOf'));
    const state = await handleOf(shot).query(stateQuery);
    expect(state.orders.map(({ status }) => status)).toEqual(['planned', 'planned']);
    await handleOf(shot).terminate('as if it had become too long');
    const next = await desk.temporal.workflow.start('arbitrage', {
      ...{ workflowId: shot.workflowId, taskQueue: queuesOf(desk.place.desk).trading },
      args: [shot.intent, { state, timeline: [] }, { shot: shot.shot }],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
    expect(await next.result()).toMatchObject({ kind: 'matched' });
    expect(await asked(shot)).not.toContain('fireLegs');
    expect(atVenues(desk, 'carried.1')).toEqual(BOTH);
  });
});

test('what an engine could not start is started by whoever looks for it', async () => {
  const shot = await engine.fire('missed.1', 'missed');
  await shot.tell();
  await inTime(async () => expect(await handleOf(shot).describe()).toBeDefined());
  expectEnd(await ended(shot), { kind: 'matched' });
  expect(atVenues(desk, 'missed.1')).toEqual(BOTH);
});

test('afterwards our books are the venues’ ledgers, and nothing is without an owner', async () => {
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
  expect(await ownerlessPositions(desk.db)).toEqual([]);
  expect(await openBreaks(desk.db)).toEqual([]);
});

describe('a shot that can be no trade', () => {
  const breakOf = async (pairId: string) =>
    (await openBreaks(desk.db)).find(
      (found) => found.pairId === pairId && found.kind === 'shot_without_trade',
    );

  test('because its id was used for another intent: a break, and its pair is frozen', async () => {
    const shot = await engine.fire('taken.1', 'taken');
    const digest = '0'.repeat(64);
    await insertIntent(desk.db, {
      ...{ intent: intentOf('taken.1', 'taken'), digest, mode: desk.config.mode },
      ...{ workflowId: arbitrageWorkflowId('taken.1'), atMs: Date.now() },
    });
    await Promise.all([shot.tell(), shot.start()]);
    expectEnd(await ended(shot), { kind: 'denied', denial: { code: 'INTENT_EXISTS' } });
    await soon(async () => {
      expect(await breakOf('taken')).toMatchObject({
        ...{ account: 'main', detail: { why: 'INTENT_EXISTS' } },
      });
    });
    expect(await frozenPairs(desk)).toContain('taken');
  });

  test('because its id was used through the workflow’s door: whoever looks for it says so', async () => {
    const used = intentOf('used.1', 'used', { edgeMin: '0.5' });
    const { handle } = await desk.client.arbitrage(used);
    await handle.result();
    const shot = await engine.fire('used.1', 'used');
    await shot.tell();
    expect(await shot.start()).toBe('ended');
    await inTime(async () => {
      expect(await breakOf('used')).toMatchObject({ detail: { why: 'INTENT_EXISTS' } });
    });
    expect(await frozenPairs(desk)).toContain('used');
  });

  test('because its workflow ended without it: whoever looks for it says so', async () => {
    const shot = await engine.fire('ended.1', 'ended');
    await shot.start();
    await handleOf(shot).terminate('as an operator may');
    await shot.tell();
    await inTime(async () => {
      expect(await breakOf('ended')).toMatchObject({ detail: { why: 'WORKFLOW_ENDED' } });
    });
    expect(await frozenPairs(desk)).toContain('ended');
    const { kalshi, polymarket } = desk.pairs.pair('ended');
    const names = [
      `main/kalshi/${kalshi.market}/no 10`,
      `main/polymarket/${polymarket.market}/yes 10`,
    ];
    await soon(async () => {
      expect(await ownerlessPositions(desk.db)).toEqual(expect.arrayContaining(names));
    });
  });
});
