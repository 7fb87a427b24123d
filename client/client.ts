import {
  Client,
  Connection,
  WithStartWorkflowOperation,
  type WorkflowHandle,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import {
  type ArbitrageIntent,
  arbitrageWorkflowId,
  intentDigest,
  type Mode,
  namespaceOf,
  queuesOf,
  type Wire,
} from '../domain/index.js';
import { type IntentProblem, parseIntent } from '../schemas/index.js';
import type { arbitrage } from '../workflows/index.js';
import { type Verdict, verdictUpdate } from '../workflows/messages.js';
import { searchKeys } from '../workflows/search-attributes.js';
import { type ArbitrageHandle, arbitrageHandle } from './arbitrage-handle.js';
import { type CustodyDoor, custodyDoor } from './custody.js';
import { historiesOf } from './histories.js';

export interface ClientOptions {
  /** Host and port of Temporal's frontend. */
  readonly address: string;
  readonly mode: Mode;
  /** The namespace; by default that of the mode. */
  readonly namespace?: string;
  /** The desk whose queues are used; by default the mode. */
  readonly desk?: string;
}

/** The intent is not well-formed; every problem is listed with its path. Nothing was started. */
export class InvalidIntentError extends Error {
  override readonly name = 'InvalidIntentError';
  readonly problems: readonly IntentProblem[];
  constructor(problems: readonly IntentProblem[]) {
    super(
      `invalid intent: ${problems.map(({ path, message }) => `${path}: ${message}`).join('; ')}`,
    );
    this.problems = problems;
  }
}

/** Another intent was started under this id. Ids are unique for ever: use a new one. */
export class IntentConflictError extends Error {
  override readonly name = 'IntentConflictError';
  constructor(intentId: string) {
    super(`intent "${intentId}" exists with other content; an intent id is used once, for ever`);
  }
}

export interface StartedArbitrage {
  readonly verdict: Verdict;
  readonly handle: ArbitrageHandle;
}

export interface LegworkClient {
  /**
   * Hands over an arbitrage and answers with the verdict of its admission. Asked again with the same
   * intent it returns the same verdict, also after the trade has ended, and starts nothing.
   * Throws `InvalidIntentError` and `IntentConflictError`.
   */
  arbitrage(intent: unknown): Promise<StartedArbitrage>;
  /** A trade that was started before. */
  trade(intentId: string): ArbitrageHandle;
  /**
   * Everything that Temporal holds of a workflow, by its id: every run, oldest first, because one that
   * lasts goes on in new runs. Throws Temporal's `WorkflowNotFoundError`.
   */
  histories(workflowId: string): Promise<readonly History[]>;
  /** What nobody answers for goes to custody, which is started by whatever it is told first. */
  readonly custody: CustodyDoor;
  close(): Promise<void>;
}

export async function connectClient(options: ClientOptions): Promise<LegworkClient> {
  const connection = await Connection.connect({ address: options.address });
  const namespace = options.namespace ?? namespaceOf(options.mode);
  const temporal = new Client({ connection, namespace });
  return {
    arbitrage: (intent) => startArbitrage(temporal, options, intent),
    trade: (intentId) =>
      arbitrageHandle(temporal.workflow.getHandle(arbitrageWorkflowId(intentId))),
    histories: async (workflowId) => historiesOf(temporal, workflowId),
    custody: custodyDoor(temporal, options),
    close: () => connection.close(),
  };
}

async function startArbitrage(
  temporal: Client,
  options: ClientOptions,
  given: unknown,
): Promise<StartedArbitrage> {
  const parsed = parseIntent(given);
  if (!parsed.ok) throw new InvalidIntentError(parsed.problems);
  const { wire, intent } = parsed;

  const start = startOperation(options, intent, wire);
  const verdict = await temporal.workflow.executeUpdateWithStart(verdictUpdate, {
    startWorkflowOperation: start,
    updateId: 'verdict',
  });
  if (isOfOtherContent(verdict, intentDigest(wire))) throw new IntentConflictError(intent.intentId);
  const handle: WorkflowHandle<typeof arbitrage> = temporal.workflow.getHandle(
    arbitrageWorkflowId(intent.intentId),
  );
  return { verdict, handle: arbitrageHandle(handle) };
}

/** The running (or ended) trade is about something else; past the retention, Postgres says so. */
function isOfOtherContent(verdict: Verdict, digest: string): boolean {
  if (verdict.digest !== digest) return true;
  return verdict.kind === 'denied' && verdict.denial.code === 'INTENT_EXISTS';
}

/** A worker that is killed in the middle of a task holds up its trade for this long, not for 10 s. */
const TASK_TIMEOUT = '1s';

/** A retry of the same call meets the running trade, or the stored answer of the ended one. */
function startOperation(
  options: ClientOptions,
  intent: ArbitrageIntent,
  wire: Wire<ArbitrageIntent>,
) {
  return new WithStartWorkflowOperation<typeof arbitrage>('arbitrage', {
    workflowId: arbitrageWorkflowId(intent.intentId),
    taskQueue: queuesOf(options.desk ?? options.mode).trading,
    args: [wire],
    workflowTaskTimeout: TASK_TIMEOUT,
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `${intent.type} ${intent.pairId}, up to ${wire.contractsMax} contracts`,
    typedSearchAttributes: [
      { key: searchKeys.venue, value: ['kalshi', 'polymarket'] },
      { key: searchKeys.pair, value: intent.pairId },
      { key: searchKeys.strategy, value: intent.strategy },
      { key: searchKeys.account, value: intent.account },
      { key: searchKeys.mode, value: options.mode },
      { key: searchKeys.tradeState, value: 'admitting' },
      { key: searchKeys.unhedged, value: false },
    ],
  });
}
