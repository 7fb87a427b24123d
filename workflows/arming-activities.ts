import {
  ActivityCancellationType,
  ActivityFailure,
  patched,
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
  type PagesRead,
  queuesOf,
} from '../domain/index.js';
import { HEARTBEAT_TIMEOUT_MS, RETRY } from './desk-activities.js';

/** Postgres alone, and idempotent by lease: tried for ever, whatever they threw. */
const ledger = fromOverWire<Omit<LendActivities, 'watchLease' | 'pagesOfLease'>>(
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

/** Asked again by the arming itself; all that an account has traded since the grant may be many pages. */
const inquiries = fromOverWire<Pick<LendActivities, 'pagesOfLease'>>(
  proxyActivities<OverWire<LendActivities>>({
    startToCloseTimeout: '60s',
    scheduleToStartTimeout: '20s',
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { ...RETRY, maximumAttempts: 3 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: "What the venues' pages show of the lease",
  }),
);

export const lend: LendActivities['lend'] = (request) => ledger.lend(request);
export const recall: LendActivities['recall'] = (lease) => ledger.recall(lease);
export const stopLease: LendActivities['stopLease'] = (lease) => ledger.stopLease(lease);
export const closeLease: LendActivities['closeLease'] = (closing) => ledger.closeLease(closing);
export const watchLease: LendActivities['watchLease'] = (watched) => looks.watchLease(watched);

/** The name of a change, in histories for ever: before it a lost journal was asked for and no venue. */
const LEASE_PAGES = 'lease-pages';
const NO_WORKER = 'no trading worker takes the task';
const NOT_ASKED = { kind: 'silent', reason: 'this run is older than that question' } as const;

/** One reading, which teaches nothing where it failed. */
export async function pagesOfLease(lease: { leaseId: string }): Promise<Heard<PagesRead>> {
  return patched(LEASE_PAGES) ? heard(inquiries.pagesOfLease(lease), NO_WORKER) : NOT_ASKED;
}

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

const NO_ENGINE = 'no engine of its host takes the task';

/** Whoever does not answer may have done what it was asked, or not; `untaken` is why it was not. */
async function heard<Answer>(asking: Promise<Answer>, untaken = NO_ENGINE): Promise<Heard<Answer>> {
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const { cause, message } = error;
    const isUntaken = cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
    return { kind: 'silent', reason: isUntaken ? untaken : (cause?.message ?? message) };
  }
}
