import {
  Client,
  Connection,
  WithStartWorkflowOperation,
  type WorkflowHandle,
} from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import {
  type ArbitrageIntent,
  arbitrageWorkflowId,
  intentDigest,
  namespaceOf,
  type Wire,
} from '../domain/index.js';
import { type IntentProblem, parseIntent } from '../schemas/index.js';
import type { arbitrage } from '../workflows/index.js';
import { type Verdict, verdictUpdate } from '../workflows/messages.js';
import { type ArbitrageHandle, arbitrageHandle } from './arbitrage-handle.js';
import { type ArbitrageDesk, arbitrageStart } from './arbitrage-start.js';
import { type ArmedDoor, armedDoor } from './armed.js';
import { askVerdict } from './ask-verdict.js';
import { type CustodyDoor, custodyDoor } from './custody.js';
import { historiesOf } from './histories.js';

export interface ClientOptions extends ArbitrageDesk {
  /** Host and port of Temporal's frontend. */
  readonly address: string;
  /** The namespace; by default that of the mode. */
  readonly namespace?: string;
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

export interface LegworkClient extends ArmedDoor {
  /**
   * Hands over an arbitrage and answers with the verdict of its admission. Asked again with the same
   * intent it returns the same verdict, also after the trade has ended, and starts nothing.
   * An intent that an engine fires is asked about and never started: that is for its engine.
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
    ...armedDoor(temporal, options),
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

  const verdict = await (intent.door === 'workflow'
    ? startedVerdict(temporal, options, wire)
    : askVerdict(temporal, intent, wire));
  if (isOfOtherContent(verdict, intentDigest(wire))) throw new IntentConflictError(intent.intentId);
  const handle: WorkflowHandle<typeof arbitrage> = temporal.workflow.getHandle(
    arbitrageWorkflowId(intent.intentId),
  );
  return { verdict, handle: arbitrageHandle(handle) };
}

async function startedVerdict(
  temporal: Client,
  options: ClientOptions,
  wire: Wire<ArbitrageIntent>,
): Promise<Verdict> {
  const start = new WithStartWorkflowOperation<typeof arbitrage>('arbitrage', {
    ...arbitrageStart(options, wire),
    args: [wire],
  });
  return temporal.workflow.executeUpdateWithStart(verdictUpdate, {
    startWorkflowOperation: start,
    updateId: 'verdict',
  });
}

/** The running (or ended) trade is about something else; past the retention, Postgres says so. */
function isOfOtherContent(verdict: Verdict, digest: string): boolean {
  if (verdict.digest !== digest) return true;
  return verdict.kind === 'denied' && verdict.denial.code === 'INTENT_EXISTS';
}
