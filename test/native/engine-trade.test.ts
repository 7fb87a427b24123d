import { afterAll, beforeAll, expect, test } from 'vitest';
import { arbitrageWorkflowId, queuesOf } from '../../domain/index.js';
import { ordersOf, storyOf } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, expectEnd, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { forgetJournals, type NativeEngine, startNativeEngine } from '../support/native-engine.js';

// The whole way: a workflow asks the process for its shot, which fires by TLS at the simulated venues.
const HOST = 'engine-trade';

let desk: TestDesk;
let engine: NativeEngine;
beforeAll(async () => {
  desk = await openTestDesk({ pairs: { matched: {}, again: {} } });
  engine = await startNativeEngine(desk, { host: HOST });
}, 600_000);
afterAll(async () => {
  await engine.close();
  forgetJournals(desk);
  await desk.close();
});

test('a trade is fired by the engine, and ends as any other', async () => {
  expect(engine.info.queue).toBe(queuesOf(desk.place.desk).engine(HOST));
  const intentId = await matched();
  expect(await queuesOfShots(intentId)).toEqual([engine.info.queue]);
  expect(atVenues(desk, intentId)).toHaveLength(2);
  const workflowId = arbitrageWorkflowId(intentId);
  const orders = await ordersOf(desk.db, workflowId);
  expect(orders.map(({ status }) => status)).toEqual(['filled', 'filled']);
  expect((await storyOf(desk.db, workflowId)).length).toBeGreaterThan(2);
});

const TRIES_MAX = 5;

/** The first trade that is matched. One that a busy machine was too late for sends nothing. */
async function matched(): Promise<string> {
  for (let count = 1; count < TRIES_MAX; count += 1) {
    const intentId = `matched.${count}`;
    const result = await traded(desk, intentOf(intentId, 'matched'));
    if (result.kind !== 'denied' && result.kind !== 'missed') {
      expectEnd(result, { kind: 'matched' });
      return intentId;
    }
    expect(atVenues(desk, intentId)).toEqual([]);
  }
  const intentId = `matched.${TRIES_MAX}`;
  expectEnd(await traded(desk, intentOf(intentId, 'matched')), { kind: 'matched' });
  return intentId;
}

/** Where a trade has asked for its shots. */
async function queuesOfShots(intentId: string): Promise<(string | null | undefined)[]> {
  const handle = desk.temporal.workflow.getHandle(arbitrageWorkflowId(intentId));
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: asked }) =>
    asked?.activityType?.name === 'fireLegs' ? [asked.taskQueue?.name] : [],
  );
}
