import { msToTs } from '@temporalio/common/lib/time.js';
import { describe, expect, test } from 'vitest';
import {
  type FirstAttempt,
  firstAttemptOf,
  isTriedAgain,
  taskTrouble,
} from '../../workers/trading/task-trouble.js';

const NOW_MS = 1_700_000_000_000;
const agoTs = (ms: number) => msToTs(NOW_MS - ms);
/** As Temporal describes a workflow whose task is out for so long, at that attempt. */
const described = (attempt: number, sinceMs: number) =>
  ({
    raw: { pendingWorkflowTask: { attempt, originalScheduledTime: agoTs(sinceMs) } },
  }) as unknown as Parameters<typeof taskTrouble>[0]; // the part that is looked at

const failed: FirstAttempt = { kind: 'failed', message: 'TypeError: no' };
const timedOut: FirstAttempt = { kind: 'timed_out' };

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
  ] as const)('%s', (...[, task, first, expected]) => {
    expect(taskTrouble(task, { first, nowMs: NOW_MS })).toEqual(expected);
  });

  test('is looked up in the history only from its third attempt on', () => {
    expect([1, 2, 3].map((attempt) => isTriedAgain(described(attempt, 0)))).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('is told by what came last: a time-out before a failure is the failure’s', () => {
    const scheduled = { workflowTaskCompletedEventAttributes: null };
    const timeOut = { workflowTaskTimedOutEventAttributes: {} };
    const failure = {
      workflowTaskFailedEventAttributes: { failure: { message: 'TypeError: no' } },
    };
    const completed = { workflowTaskCompletedEventAttributes: {} };
    expect(firstAttemptOf([scheduled, failure, timeOut])).toEqual(failed);
    expect(firstAttemptOf([scheduled, timeOut, failure])).toEqual(timedOut);
    expect(firstAttemptOf([scheduled, completed, failure])).toBeUndefined();
  });
});
