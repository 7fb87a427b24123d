import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { CustodyActivities } from '../activities/custody/custody-activities.js';
import type { ExitOutcome } from '../domain/index.js';
import { fromOverWire, type OverWire } from '../domain/index.js';
import { HEARTBEAT_TIMEOUT_MS, outcomeOfFailure, RETRY, wireOptions } from './desk-activities.js';

type Wired = OverWire<CustodyActivities>;
type Looks = Omit<CustodyActivities, 'exitPosition'>;

/** Idempotent, and tried for ever: what custody cannot do now is still nobody else's. */
const looks = fromOverWire<Looks>(
  proxyActivities<OverWire<Looks>>({
    startToCloseTimeout: '30s',
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { ...RETRY, maximumAttempts: Number.POSITIVE_INFINITY },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  }),
);

export const adopt: Looks['adopt'] = (request) => looks.adopt(request);
export const attend: Looks['attend'] = (request) => looks.attend(request);
export const recordAdopted: Looks['recordAdopted'] = (closing) => looks.recordAdopted(closing);

/** At most one order, one attempt: a lost answer is an order in doubt. */
export const exitPosition: CustodyActivities['exitPosition'] = async (
  request,
): Promise<ExitOutcome> => {
  const { terms, ladder } = request.exiting;
  const summary = `Exit ${ladder.leg.toUpperCase()}, rung ${String(ladder.rung)}`;
  const options = wireOptions(terms.answerTimeoutMs, summary);
  try {
    const wire = proxyActivities<Pick<Wired, 'exitPosition'>>(options);
    return await fromOverWire<Pick<CustodyActivities, 'exitPosition'>>(wire).exitPosition(request);
  } catch (error) {
    const outcome = outcomeOfFailure(error);
    const { clientOrderId } = request;
    if (outcome.kind === 'unknown') return { kind: 'unknown', clientOrderId };
    return { kind: 'waited', why: 'NOT_DISPATCHED', untilMs: Date.now() + terms.askEveryMsMax };
  }
};
