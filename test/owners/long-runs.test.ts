import { afterAll, beforeAll, expect, test } from 'vitest';
import { arbitrageWorkflowId } from '../../domain/index.js';
import { storyOf } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, expectEnd, mustBeApproved, soon } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { quickTerms } from '../support/desk-terms.js';
import { type HistoryEvent, runsOf } from '../support/run-histories.js';

// A venue says for a long time what cannot be: its order is asked for again and again, and each round
// is eleven events. Whoever takes the trade over replays its run, and has one second for that.

const DOUBT_MS = 12_000;
/** Events after which a run ends, and what one step and its news may still add. */
const EVENTS_MAX = 150 + 40;

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: { long: {} },
    terms: { ...quickTerms, askEveryMs: 5, askEveryMsMax: 10 },
  });
});
afterAll(async () => desk.close());

/** Of questions that were answered. */
const rounds = (runs: readonly (readonly HistoryEvent[])[]): number => {
  const ids = runs.flat().flatMap((event) => {
    const { activityType } = event.activityTaskScheduledEventAttributes ?? {};
    return activityType?.name === 'evidenceOf' ? [String(event.eventId)] : [];
  });
  return ids.length;
};

/**
 * Where a task was cut after its record was written, or the server had a signal that it did not know
 * of, its lines are told once more.
 */
const cutTasks = (runs: readonly (readonly HistoryEvent[])[]): number =>
  runs.flat().filter(isCut).length;
const isCut = (event: HistoryEvent): boolean =>
  Boolean(event.workflowTaskTimedOutEventAttributes ?? event.workflowTaskFailedEventAttributes);

test('a trade that is long in doubt goes on in short runs, so that any worker can take it over', async () => {
  const intentId = 'long.1';
  const workflowId = arbitrageWorkflowId(intentId);
  desk.fault({
    ...{ intentId, what: 'entry/yes', lateFillMs: DOUBT_MS },
    kinds: ['timeout_after_acceptance', 'late_fill'],
  });
  const { handle, verdict } = await desk.client.arbitrage(intentOf(intentId, 'long'));
  mustBeApproved(verdict);
  await soon(async () =>
    expect((await runsOf(desk.temporal, workflowId)).length).toBeGreaterThan(1),
  );
  await desk.stopTrading();
  await desk.startTrading();

  expectEnd(await handle.result(), { kind: 'matched' });
  expect(atVenues(desk, intentId)).toEqual([
    'entry/no kalshi buys no @ 0.48: 10',
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
  ]);
  const runs = await runsOf(desk.temporal, workflowId);
  expect(Math.max(...runs.map((events) => events.length))).toBeLessThanOrEqual(EVENTS_MAX);
  const timeouts = runs.map(
    ([started]) => started?.workflowExecutionStartedEventAttributes?.workflowTaskTimeout?.seconds,
  );
  expect(new Set(timeouts.map(Number))).toEqual(new Set([1]));
  // What each run was told is in the story, also what no activity of its own had taken along.
  const stored = await storyOf(desk.db, workflowId);
  const asked = (lines: readonly { readonly event: string }[]) =>
    lines.filter(({ event }) => event === 'asked').length;
  expect(asked(stored)).toBeGreaterThanOrEqual(rounds(runs));
  expect(asked(stored)).toBeLessThanOrEqual(rounds(runs) + cutTasks(runs));
});
