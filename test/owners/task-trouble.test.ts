import { msToTs } from '@temporalio/common/lib/time.js';
import { describe, expect, test } from 'vitest';
import {
  hasTask,
  taskTrouble,
  type Unanswered,
  unansweredOf,
} from '../../workers/trading/task-trouble.js';

const NOW_MS = 1_700_000_000_000;
const agoTs = (ms: number) => msToTs(NOW_MS - ms);
/** As Temporal describes a workflow whose task is out for so long, at that attempt. */
const described = (attempt: number, sinceMs: number) =>
  ({
    raw: { pendingWorkflowTask: { attempt, originalScheduledTime: agoTs(sinceMs) } },
  }) as unknown as Parameters<typeof taskTrouble>[0]; // the part that is looked at

const failed: Unanswered = { last: 'failed', failures: 1, failure: 'TypeError: no' };
const timedOut: Unanswered = { last: 'timed_out', failures: 0 };

describe('a workflow task', () => {
  test.each([
    ['that waits for nothing is well', { raw: {} }, undefined, undefined],
    ['that failed once may have had a killed worker', described(2, 1_200), failed, undefined],
    [
      'that fails at its third attempt is in trouble, and says why',
      described(3, 2_100),
      failed,
      { attempt: 3, what: 'its task is at attempt 3', failure: 'TypeError: no' },
    ],
    [
      'that is another each time that news comes is in trouble at the third',
      described(1, 20),
      { ...failed, failures: 3 },
      {
        attempt: 1,
        what: '3 tasks have failed since one was answered',
        failure: 'TypeError: no',
      },
    ],
    [
      'that runs out of time again and again is a busy machine’s',
      described(7, 9_000),
      timedOut,
      undefined,
    ],
    [
      'that runs out of time for long is nobody’s any more',
      described(12, 15_001),
      timedOut,
      { attempt: 12, what: 'its task was begun 15001 ms ago and not answered' },
    ],
    [
      'whose first attempt is not told is not taken to fail',
      described(4, 4_000),
      undefined,
      undefined,
    ],
    ['that no worker has begun waits for one', described(1, 60_000), undefined, undefined],
  ] as const)('%s', (...[, task, unanswered, expected]) => {
    expect(taskTrouble(task, { unanswered, nowMs: NOW_MS })).toEqual(expected);
  });

  test('is looked up in the history only while there is one', () => {
    expect([hasTask(described(1, 0)), hasTask({ raw: {} })]).toEqual([true, false]);
  });

  test('is told by what came since one was answered: a time-out before a failure is the failure’s', () => {
    const signalled = { workflowTaskCompletedEventAttributes: null };
    const timeOut = { workflowTaskTimedOutEventAttributes: {} };
    const failure = {
      workflowTaskFailedEventAttributes: { failure: { message: 'TypeError: no' } },
    };
    const completed = { workflowTaskCompletedEventAttributes: {} };
    expect(unansweredOf([signalled, failure, timeOut])).toEqual(failed);
    expect(unansweredOf([signalled, timeOut, completed, failure])).toEqual(timedOut);
    expect(unansweredOf([failure, signalled, failure, failure])).toEqual({
      ...failed,
      failures: 3,
    });
    expect(unansweredOf([signalled, completed, failure])).toEqual({ failures: 0 });
  });
});
