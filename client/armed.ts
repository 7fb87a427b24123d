import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import {
  type ArmRequest,
  armedWorkflowId,
  armingDigest,
  type Mode,
  queuesOf,
  type Wire,
} from '../domain/index.js';
import { type Problem, parseArmRequest } from '../schemas/index.js';
import {
  type ArmedVerdict,
  type ArmPair,
  armedVerdictUpdate,
} from '../workflows/arming-messages.js';
import { searchKeys } from '../workflows/search-attributes.js';
import { type ArmedHandle, armedHandle, refusalOfArming } from './armed-handle.js';

/** The request is not well-formed; every problem is listed with its path. Nothing was started. */
export class InvalidArmRequestError extends Error {
  override readonly name = 'InvalidArmRequestError';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(
      `invalid request: ${problems.map(({ path, message }) => `${path}: ${message}`).join('; ')}`,
    );
    this.problems = problems;
  }
}

/** The pair is armed by another request, or is still being disarmed. Nothing was changed. */
export class PairArmedError extends Error {
  override readonly name = 'PairArmedError';
  constructor(pairId: string, why: string) {
    super(`pair "${pairId}" is armed: ${why}`);
  }
}

export interface StartedArming {
  readonly verdict: ArmedVerdict;
  readonly handle: ArmedHandle;
}

/** How pairs are armed, and what is known of those that are. */
export interface ArmedDoor {
  /**
   * Has a pair armed and answers with the verdict. Asked again with the same request while it is armed
   * it answers the same and starts nothing. Throws `InvalidArmRequestError` and `PairArmedError`.
   */
  arm(request: unknown): Promise<StartedArming>;
  /** A pair that was armed before. */
  armedPair(pairId: string): ArmedHandle;
  /** Those that are armed now, or being disarmed, as far as Temporal's index has heard of them. */
  armed(): Promise<readonly ArmedHandle[]>;
}

export interface ArmedDesk {
  readonly mode: Mode;
  /** The desk whose queues are used; by default the mode. */
  readonly desk?: string;
}

export function armedDoor(temporal: Client, desk: ArmedDesk): ArmedDoor {
  const handleOf = (pairId: string): ArmedHandle =>
    armedHandle(pairId, temporal.workflow.getHandle<ArmPair>(armedWorkflowId(pairId)));
  return {
    arm: async (request) => {
      const { verdict, pairId } = await arm(temporal, desk, request);
      return { verdict, handle: handleOf(pairId) };
    },
    armedPair: handleOf,
    armed: async () => (await runningPairs(temporal)).map(handleOf),
  };
}

async function arm(temporal: Client, desk: ArmedDesk, given: unknown) {
  const parsed = parseArmRequest(given);
  if (!parsed.ok) throw new InvalidArmRequestError(parsed.problems);
  const { request, wire } = parsed;
  const { pairId } = request;
  const verdict = await verdictOf(temporal, startOperation(desk, request, wire), pairId);
  if (verdict.digest === armingDigest(wire)) return { verdict, pairId };
  const hint = `disarm it first, or change its terms (${armedWorkflowId(pairId)})`;
  throw new PairArmedError(pairId, `by another request; ${hint}`);
}

async function verdictOf(
  temporal: Client,
  startWorkflowOperation: ReturnType<typeof startOperation>,
  pairId: string,
): Promise<ArmedVerdict> {
  try {
    return await temporal.workflow.executeUpdateWithStart(armedVerdictUpdate, {
      startWorkflowOperation,
    });
  } catch (error) {
    const refusal = refusalOfArming(error);
    throw refusal ? new PairArmedError(pairId, refusal.message) : error;
  }
}

/** A worker that is killed in the middle of a task holds it up for this long, not for 10 s. */
const TASK_TIMEOUT = '1s';

/** One per pair at a time; one that has ended may start anew. */
function startOperation(
  { mode, desk = mode }: ArmedDesk,
  { pairId, account, strategy }: ArmRequest,
  wire: Wire<ArmRequest>,
) {
  const { exposure, contracts } = wire.budget;
  return new WithStartWorkflowOperation<ArmPair>('armPair', {
    workflowId: armedWorkflowId(pairId),
    taskQueue: queuesOf(desk).trading,
    args: [wire],
    workflowTaskTimeout: TASK_TIMEOUT,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `${pairId}, ${exposure} dollars, ${contracts} contracts`,
    typedSearchAttributes: [
      { key: searchKeys.venue, value: ['kalshi', 'polymarket'] },
      { key: searchKeys.pair, value: pairId },
      { key: searchKeys.strategy, value: strategy },
      { key: searchKeys.account, value: account },
      { key: searchKeys.mode, value: mode },
      { key: searchKeys.tradeState, value: 'lending' },
    ],
  });
}

async function runningPairs(temporal: Client): Promise<readonly string[]> {
  const query = "WorkflowType = 'armPair' AND ExecutionStatus = 'Running'";
  const prefix = armedWorkflowId('');
  const pairs: string[] = [];
  for await (const { workflowId } of temporal.workflow.list({ query })) {
    pairs.push(workflowId.slice(prefix.length));
  }
  return pairs.toSorted();
}
