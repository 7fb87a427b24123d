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
  expectEnd(await traded(desk, intentOf('matched.1', 'matched')), { kind: 'matched' });
  expect(await queuesOfShots('matched.1')).toEqual([engine.info.queue]);
  expect(atVenues(desk, 'matched.1')).toHaveLength(2);
  const workflowId = arbitrageWorkflowId('matched.1');
  const orders = await ordersOf(desk.db, workflowId);
  expect(orders.map(({ status }) => status)).toEqual(['filled', 'filled']);
  expect((await storyOf(desk.db, workflowId)).length).toBeGreaterThan(2);
});

/** Where a trade has asked for its shots. */
async function queuesOfShots(intentId: string): Promise<(string | null | undefined)[]> {
  const handle = desk.temporal.workflow.getHandle(arbitrageWorkflowId(intentId));
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: asked }) =>
    asked?.activityType?.name === 'fireLegs' ? [asked.taskQueue?.name] : [],
  );
}
