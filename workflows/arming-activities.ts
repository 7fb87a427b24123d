import {
  ActivityCancellationType,
  ActivityFailure,
  proxyActivities,
  proxyLocalActivities,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { LendActivities } from '../activities/lend-activities.js';
import {
  type Arming,
  deskOfQueue,
  type EngineActivities,
  fromOverWire,
  type Heard,
  type OverWire,
  queuesOf,
} from '../domain/index.js';
import { HEARTBEAT_TIMEOUT_MS, RETRY } from './desk-activities.js';

/** Postgres alone, and idempotent by lease: tried for ever, whatever they threw. */
const ledger = fromOverWire<Omit<LendActivities, 'watchLease'>>(
  proxyLocalActivities<OverWire<LendActivities>>({
    startToCloseTimeout: '5s',
    localRetryThreshold: '10s',
    retry: { ...RETRY, maximumAttempts: Number.POSITIVE_INFINITY },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  }),
);

/** Changes nothing, so whoever has heard something else meanwhile does not wait for its end. */
const looks = fromOverWire<Pick<LendActivities, 'watchLease'>>(
  proxyActivities<OverWire<LendActivities>>({
    startToCloseTimeout: '90s', // it answers by itself after a minute
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { ...RETRY, maximumAttempts: Number.POSITIVE_INFINITY },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: 'What becomes of the lease',
  }),
);

export const lend: LendActivities['lend'] = (request) => ledger.lend(request);
export const recall: LendActivities['recall'] = (lease) => ledger.recall(lease);
export const stopLease: LendActivities['stopLease'] = (lease) => ledger.stopLease(lease);
export const closeLease: LendActivities['closeLease'] = (closing) => ledger.closeLease(closing);
export const watchLease: LendActivities['watchLease'] = (watched) => looks.watchLease(watched);

/** The engine of one host; one attempt each, because asking again is decided by the arming. */
export function engineAt(host: string, summary: string) {
  const engine = fromOverWire<EngineActivities>(
    proxyActivities<OverWire<EngineActivities>>({
      taskQueue: queuesOf(deskOfQueue(workflowInfo().taskQueue)).engine(host),
      scheduleToStartTimeout: '5s',
      startToCloseTimeout: '10s', // a journal is read within it
      retry: { maximumAttempts: 1 },
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      allowEagerDispatch: false,
      summary,
    }),
  );
  return {
    arm: (arming: Arming) => heard(engine.arm(arming)),
    disarm: (asked: Parameters<EngineActivities['disarm']>[0]) => heard(engine.disarm(asked)),
    sweep: (asked: Parameters<EngineActivities['sweep']>[0]) => heard(engine.sweep(asked)),
  };
}

/** An engine that does not answer may have done what it was asked, or not. */
async function heard<Answer>(asking: Promise<Answer>): Promise<Heard<Answer>> {
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { kind: 'silent', reason: reasonOf(error) };
  }
}

function reasonOf({ cause, message }: ActivityFailure): string {
  const isUntaken = cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
  return isUntaken ? 'no engine of its host takes the task' : (cause?.message ?? message);
}
