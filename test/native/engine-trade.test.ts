import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LegOutcome } from '../../activities/trade-activities.js';
import { arbitrageWorkflowId, queuesOf, type Wire } from '../../domain/index.js';
import { ordersOf, storyOf } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, type Ended, expectEnd, inTime, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import {
  engineProgram,
  forgetJournals,
  type NativeEngine,
  startNativeEngine,
} from '../support/native-engine.js';

// The whole way: a workflow asks the process for its shot, which fires by TLS at the simulated venues.
const HOST = 'engine-trade';
/** Whoever has not built it beforehand builds it here. */
const BUILD_MS = 600_000;

let desk: TestDesk;
let engine: NativeEngine;
/** The engine's own file: the pair `later` is not in it from the beginning. */
let pairFile: string;
beforeAll(async () => {
  await engineProgram();
  desk = await openTestDesk({
    pairs: {
      ...{ matched: {}, silent: {}, later: {}, left: {} },
      delayed: { polymarketMarket: { isTakerDelayed: true } },
    },
    hasEngine: false,
  });
  pairFile = join(desk.config.folders.data, 'engine-pairs.json');
  approve(['matched', 'silent', 'delayed', 'left']);
  engine = await startNativeEngine(desk, { host: HOST, pairFile });
}, BUILD_MS);
afterAll(async () => {
  await engine.close();
  forgetJournals(desk);
  await desk.close();
});

test('a trade is fired by the engine, and ends as any other', async () => {
  expect(engine.info).toMatchObject({ queue: queuesOf(desk.place.desk).engine(HOST), pairs: '4' });
  const intentId = await played('matched', 'matched');
  expect(await shotsOf(intentId)).toMatchObject([{ queue: engine.info.queue }]);
  expect(atVenues(desk, intentId)).toHaveLength(2);
  const workflowId = arbitrageWorkflowId(intentId);
  const orders = await ordersOf(desk.db, workflowId);
  expect(orders.map(({ status }) => status)).toEqual(['filled', 'filled']);
  expect((await storyOf(desk.db, workflowId)).length).toBeGreaterThan(2);
});

test('who waits no longer is told of the leg that was answered, and that the other is unknown', async () => {
  const intentId = await played('silent', 'matched', (id) =>
    desk.fault({ intentId: id, what: 'entry/yes', kinds: ['timeout_after_acceptance'] }),
  );
  const [shot] = await shotsOf(intentId);
  expect(shot?.outcomes).toMatchObject([
    { outcome: { kind: 'unknown', code: 'NO_ANSWER' } },
    { outcome: { kind: 'accepted', state: 'filled' } },
  ]);
});

test('where Polymarket holds takers back its leg goes alone, and the trade hedges what it fills', async () => {
  const intentId = await played('delayed', 'matched');
  const [shot] = await shotsOf(intentId);
  expect(shot).toMatchObject({ queue: engine.info.queue });
  expect(shot?.outcomes).toMatchObject([
    { outcome: { kind: 'unknown', code: 'delayed' } },
    { outcome: { kind: 'notSent', code: 'HELD_BACK' } },
  ]);
  expect(atVenues(desk, intentId)).toEqual([
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
    'exit/yes/0 kalshi buys no @ 0.48: 10',
  ]);
});

test('a pair that comes into the file is fired by the engine from its first trade on', async () => {
  approve(['matched', 'silent', 'delayed', 'left', 'later']);
  await inTime(async () => expect(await ownersOf('later')).toEqual([engine.processId]));
  const intentId = await played('later', 'matched');
  expect(await shotsOf(intentId)).toMatchObject([{ queue: engine.info.queue }]);
});

test('an engine that drains gives its pairs up, and leaves nothing to be swept', async () => {
  expect(await engine.drain()).toBe(0);
  expect(await ownersOf('left')).toEqual(['nobody']);
  const { verdict } = await desk.client.arbitrage(intentOf('left.1', 'left'));
  expect(verdict).toMatchObject({ denial: { code: 'PAIR_UNOWNED', pairId: 'left' } });
  await engine.startAgain();
  expect(engine.info).toMatchObject({ swept: '0', pairs: '5' });
});

/** What the engine is told from now on, as a whole file at once. */
function approve(pairIds: readonly string[]): void {
  const file = JSON.parse(readFileSync(desk.config.pairFile, 'utf8')) as {
    readonly pairs: readonly { readonly pairId: string }[]; // by the test's desk
  };
  const pairs = file.pairs.filter(({ pairId }) => pairIds.includes(pairId));
  writeFileSync(`${pairFile}.new`, JSON.stringify({ pairs }));
  renameSync(`${pairFile}.new`, pairFile);
}

const ownersOf = async (pairId: string): Promise<readonly string[]> =>
  (
    await desk.db
      .selectFrom('owners')
      .select('holder')
      .where('kind', '=', 'pair')
      .where('key', '=', pairId)
      .execute()
  ).map(({ holder }) => holder);

const TRIES_MAX = 5;

/** The first trade of a pair that is not refused: one that a busy machine was too late for sends nothing. */
async function played(
  pairId: string,
  kind: Ended['kind'],
  before: (intentId: string) => void = () => undefined,
): Promise<string> {
  for (let count = 1; ; count += 1) {
    const intentId = `${pairId}.${count}`;
    before(intentId);
    const result = await traded(desk, intentOf(intentId, pairId));
    if (result.kind !== 'denied' || count === TRIES_MAX) {
      expectEnd(result, { kind });
      return intentId;
    }
    expect(atVenues(desk, intentId)).toEqual([]);
  }
}

interface ShotSeen {
  readonly queue: string | null | undefined;
  readonly outcomes: Wire<readonly LegOutcome[]>;
}

/** Where a trade has asked for its shots, and what it was told. */
async function shotsOf(intentId: string): Promise<readonly ShotSeen[]> {
  const handle = desk.temporal.workflow.getHandle(arbitrageWorkflowId(intentId));
  const { events } = await handle.fetchHistory();
  const of = (events ?? []).filter(
    ({ activityTaskScheduledEventAttributes: asked }) => asked?.activityType?.name === 'fireLegs',
  );
  return of.map(({ eventId, activityTaskScheduledEventAttributes: asked }) => {
    const told = (events ?? []).find(({ activityTaskCompletedEventAttributes: done }) =>
      done?.scheduledEventId?.equals(eventId ?? -1),
    );
    const [payload] = told?.activityTaskCompletedEventAttributes?.result?.payloads ?? [];
    const outcomes = payload
      ? defaultPayloadConverter.fromPayload<ShotSeen['outcomes']>(payload)
      : [];
    return { queue: asked?.taskQueue?.name, outcomes };
  });
}
