import { afterAll, beforeAll, expect, test } from 'vitest';
import { arbitrageWorkflowId, queuesOf } from '../../domain/index.js';
import { liveHold, ordersOf } from '../../store/index.js';
import { stateQuery } from '../../workflows/messages.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, expectEnd, soon, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { type EngineStandIn, startEngineStandIn } from '../support/engine-stand-in.js';
import { ownPairs } from '../support/own-pairs.js';

// A pair is fired by the engine that owns it, and by nobody else. The engine is a stand-in that
// sends nothing, so that whatever reaches a venue was sent by somebody else.
const HOST = 'host-a';
const NOBODY = 'host-without-engine';

let desk: TestDesk;
let engine: EngineStandIn;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: { owned: {}, free: {}, silent: {}, carried: {}, old: {} },
    hasEngine: false,
  });
  await ownPairs(desk, NOBODY, ['silent', 'carried', 'old']);
  await ownPairs(desk, HOST, ['owned']);
  engine = await startEngineStandIn(desk, HOST);
});
afterAll(async () => {
  await engine.close();
  await desk.close();
});

test('the shot of a pair that an engine owns goes to its host, and nowhere else', async () => {
  expectEnd(await traded(desk, intentOf('owned.1', 'owned')), { kind: 'missed' });
  expect(engine.shots).toEqual([arbitrageWorkflowId('owned.1')]);
  expect(await queuesOfShots('owned.1')).toEqual([queuesOf(desk.place.desk).engine(HOST)]);
  expect(atVenues(desk, 'owned.1')).toEqual([]);
});

test('a pair that no engine owns is not traded', async () => {
  expectEnd(await traded(desk, intentOf('free.1', 'free')), {
    ...{ kind: 'denied', denial: { code: 'PAIR_UNOWNED', pairId: 'free' } },
  });
  expect(await queuesOfShots('free.1')).toEqual([]);
  expect(await ordersOf(desk.db, arbitrageWorkflowId('free.1'))).toEqual([]);
  expect(await liveHold(desk.db, { pairId: 'free', nowMs: Date.now() })).toBeUndefined();
});

test('a shot that no engine takes was not sent: the trade is denied, and its pair is free', async () => {
  expectEnd(await traded(desk, intentOf('silent.1', 'silent')), {
    ...{ kind: 'denied', denial: { code: 'NOT_DISPATCHED', reason: 'NOT_DISPATCHED' } },
  });
  expect(atVenues(desk, 'silent.1')).toEqual([]);
  expect(await ordersOf(desk.db, arbitrageWorkflowId('silent.1'))).toEqual([]);
  expect(await liveHold(desk.db, { pairId: 'silent', nowMs: Date.now() })).toBeUndefined();
});

test('a trade that has not fired yet is fired by its engine in its next run, too', async () => {
  const { intent, state } = await cutShort('carried.1', 'carried');
  const late = await startEngineStandIn(desk, NOBODY);
  try {
    const next = await goneOn(intent, state);
    expect(await next.result()).toMatchObject({ kind: 'missed' });
    expect(late.shots).toEqual([arbitrageWorkflowId('carried.1')]);
    expect(atVenues(desk, 'carried.1')).toEqual([]);
  } finally {
    await late.close();
  }
});

test('a trade that was approved before every pair had an engine is fired by nobody', async () => {
  const { intent, state } = await cutShort('old.1', 'old');
  const admission = { ...state.admission, engineHost: undefined }; // which JSON leaves out
  const next = await goneOn(intent, { ...state, admission });
  expect(await next.result()).toMatchObject({
    ...{ kind: 'denied', denial: { code: 'NOT_DISPATCHED' } },
  });
  expect(await queuesOfShots('old.1')).toEqual([queuesOf(desk.place.desk).fire]);
  expect(atVenues(desk, 'old.1')).toEqual([]);
  expect(await liveHold(desk.db, { pairId: 'old', nowMs: Date.now() })).toBeUndefined();
});

/** A trade whose shot waits for an engine when its run ends. */
async function cutShort(intentId: string, pairId: string) {
  const intent = intentOf(intentId, pairId);
  const { handle } = await desk.client.arbitrage(intent);
  const first = desk.temporal.workflow.getHandle(handle.workflowId);
  await soon(async () => expect(await queuesOfShots(intentId)).toHaveLength(1));
  const state = await first.query(stateQuery);
  await first.terminate('as if it had become too long');
  return { intent, state };
}

const goneOn = (intent: ReturnType<typeof intentOf>, state: object) =>
  desk.temporal.workflow.start('arbitrage', {
    workflowId: arbitrageWorkflowId(intent.intentId),
    taskQueue: queuesOf(desk.place.desk).trading,
    args: [intent, { state, timeline: [] }],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  });

/** Where the latest run of a trade has asked for its shots. */
async function queuesOfShots(intentId: string): Promise<(string | null | undefined)[]> {
  const handle = desk.temporal.workflow.getHandle(arbitrageWorkflowId(intentId));
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: asked }) =>
    asked?.activityType?.name === 'fireLegs' ? [asked.taskQueue?.name] : [],
  );
}
