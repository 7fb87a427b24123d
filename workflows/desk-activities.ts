import {
  ActivityCancellationType,
  ActivityFailure,
  type ActivityOptions,
  log,
  proxyActivities,
  proxyLocalActivities,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  AdmitRequest,
  AdoptRequest,
  AnswersRequest,
  EngineActivities,
  ExitRequest,
  LegOutcome,
  Question,
  Shot,
  TradeActivities,
  UnknownFreeze,
} from '../activities/trade-activities.js';
import type { Admission, Evidence, ExitOutcome, SendOutcome } from '../domain/index.js';
import {
  deskOfQueue,
  fromOverWire,
  type OverWire,
  type Queues,
  queuesOf,
} from '../domain/index.js';

type Wired = OverWire<TradeActivities>;

/** The name of `InvariantError`: trying again what we got wrong does not make it right. */
const BROKEN_PROMISE = 'InvariantError';
export const RETRY = {
  initialInterval: '20ms', // most often it is a dead worker's work, and another is there
  backoffCoefficient: 2,
  maximumInterval: '5s',
} as const;
/** What an activity may take on top of the venue's own deadline: connections, records, gate. */
const OVERHEAD_MS = 2_000;
/**
 * A worker says five times as often that it lives: silence for this long means that it is gone, and
 * not that its event loop was busy. A death is noticed within this time (docs/testing.md).
 */
export const HEARTBEAT_TIMEOUT_MS = 500;

/**
 * Reads and writes Postgres only and is keyed by workflow id, so it may run beside the workflow. It is
 * tried for ever, whatever it threw: a trade without its record stands still with all its state.
 */
const ledger = fromOverWire<
  Pick<TradeActivities, 'admit' | 'record' | 'recordWord' | 'reportBreak'>
>(
  proxyLocalActivities<Wired>({
    startToCloseTimeout: '5s',
    localRetryThreshold: '10s',
    retry: { ...RETRY, maximumAttempts: Number.POSITIVE_INFINITY },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  }),
);

/** Asking is repeated by the trade itself; one round gives up early so that an exit need not wait. */
const inquiries = fromOverWire<Pick<TradeActivities, 'evidenceOf'>>(
  proxyActivities<Wired>({
    startToCloseTimeout: '15s',
    scheduleToStartTimeout: '20s',
    scheduleToCloseTimeout: '20s',
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { ...RETRY, maximumAttempts: 3, nonRetryableErrorTypes: [BROKEN_PROMISE] },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: 'Kill, then ask',
  }),
);

const control = fromOverWire<Pick<TradeActivities, 'freezeForUnknown'>>(
  proxyActivities<Wired>({
    startToCloseTimeout: '5s',
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { ...RETRY, maximumAttempts: Number.POSITIVE_INFINITY },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: 'No new risk on this pair',
  }),
);

/**
 * Keyed by the shot, and tried for ever: what has left has to be somebody's. The trial itself waits
 * for what may come any moment, so that the next one need not hurry.
 */
const adopting = fromOverWire<Pick<TradeActivities, 'adoptFired'>>(
  proxyActivities<Wired>({
    startToCloseTimeout: '5s',
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { ...RETRY, maximumInterval: '1s', maximumAttempts: Number.POSITIVE_INFINITY },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: 'Take over what was fired',
  }),
);

export const admit = (request: AdmitRequest): Promise<Admission> => ledger.admit(request);
export const record: TradeActivities['record'] = (closing) => ledger.record(closing);
export const recordWord: TradeActivities['recordWord'] = (said) => ledger.recordWord(said);
export const reportBreak: TradeActivities['reportBreak'] = (report) => ledger.reportBreak(report);
export const freezeForUnknown = (request: UnknownFreeze): Promise<{ freezeId: string }> =>
  control.freezeForUnknown(request);

/**
 * Both legs, one attempt, by the engine that owns their pair: no other process takes the shot, and
 * one that nobody has taken was not sent. An approval of before every pair had an engine names none:
 * it asks where trading workers fired once, and nobody does now. Never throws for what the world did:
 * a lost answer is an outcome.
 */
export async function fireLegs(shot: Shot, engineHost?: string): Promise<readonly LegOutcome[]> {
  const options = wireOptions(shot.terms.answerTimeoutMs, 'Fire both legs');
  const taskQueue = engineHost === undefined ? queues().fire : queues().engine(engineHost);
  const firing = onTheWire({ ...options, taskQueue });
  try {
    return await firing.fireLegs(shot);
  } catch (error) {
    const outcome = outcomeOfFailure(error);
    return shot.orders.map(({ clientOrderId }) => ({ clientOrderId, outcome }));
  }
}

export const adoptFired = (request: AdoptRequest): Promise<Admission> =>
  adopting.adoptFired(request);

/** Reads only, so it is tried until it is answered; how long it waits itself, the terms say. */
export async function answersOf(request: AnswersRequest): Promise<readonly LegOutcome[]> {
  const hearing = fromOverWire<Pick<TradeActivities, 'answersOf'>>(
    proxyActivities<Wired>({
      startToCloseTimeout: request.terms.answerTimeoutMs + OVERHEAD_MS,
      heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
      retry: { ...RETRY, maximumAttempts: Number.POSITIVE_INFINITY },
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      summary: 'Hear what became of the shot',
    }),
  );
  return hearing.answersOf(request);
}

/** At most one exit order. Never throws for what the world did. */
export async function exitOnce(exit: ExitRequest): Promise<ExitOutcome> {
  const { ladder, terms, excess, clientOrderId } = exit;
  const waitMs = Math.max(0, ladder.notBeforeMs - Date.now());
  const summary = `Exit ${excess.leg.toUpperCase()}, rung ${String(ladder.rung)}`;
  try {
    return await onTheWire(wireOptions(terms.answerTimeoutMs + waitMs, summary)).exitOnce(exit);
  } catch (error) {
    const outcome = outcomeOfFailure(error);
    if (outcome.kind === 'unknown') return { kind: 'unknown', clientOrderId };
    return { kind: 'waited', why: 'NOT_DISPATCHED', untilMs: Date.now() + terms.exit.rungDelayMs };
  }
}

/** A round that failed has taught us nothing; the orders stay what they were. */
export async function evidenceOf(question: Question): Promise<readonly Evidence[]> {
  try {
    return await inquiries.evidenceOf(question);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    log.warn('a round of questions failed', { cause: String(error.cause) });
    return question.clientOrderIds.map((clientOrderId) => ({
      kind: 'open',
      clientOrderId,
      rows: [],
    }));
  }
}

/** Every option said, because here money moves: one attempt, own queue, nothing eager. */
function onTheWire(options: ActivityOptions) {
  type OnTheWire = EngineActivities & Pick<TradeActivities, 'exitOnce'>;
  return fromOverWire<OnTheWire>(proxyActivities<OverWire<OnTheWire>>(options));
}

export function wireOptions(answerTimeoutMs: number, summary: string): ActivityOptions {
  return {
    taskQueue: queues().fire,
    scheduleToStartTimeout: '5s',
    startToCloseTimeout: answerTimeoutMs + OVERHEAD_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { maximumAttempts: 1 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    allowEagerDispatch: false,
    summary,
  };
}

/** Those of the desk that this workflow runs on. */
const queues = (): Queues => queuesOf(deskOfQueue(workflowInfo().taskQueue));

/** Never handed out = a definite no. Anything else that failed may have reached the wire, so we ask. */
export function outcomeOfFailure(error: unknown): SendOutcome {
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START') {
    return { kind: 'notSent', code: 'NOT_DISPATCHED', reason: 'no worker took the order' };
  }
  const reason = cause?.message ?? error.message;
  return { kind: 'unknown', code: 'ANSWER_LOST', reason };
}
