import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import {
  type ArbitrageIntent,
  arbitrageWorkflowId,
  type Mode,
  queuesOf,
  type ShotName,
  type Wire,
} from '../domain/index.js';
import type { arbitrage } from '../workflows/index.js';
import { searchKeys } from '../workflows/search-attributes.js';

/** Where trades are started. */
export interface ArbitrageDesk {
  readonly mode: Mode;
  /** The desk whose queues are used; by default the mode. */
  readonly desk?: string;
}

/** A worker that is killed in the middle of a task holds up its trade for this long, not for 10 s. */
const TASK_TIMEOUT = '1s';

/**
 * How every trade is started, by whomever: a retry of the same call meets the running trade, or the
 * stored answer of the ended one. The engine starts those that it has fired in the same way.
 */
export function arbitrageStart(
  { mode, desk = mode }: ArbitrageDesk,
  intent: Wire<ArbitrageIntent>,
  tradeState: 'admitting' | 'adopting' = 'admitting',
) {
  const { intentId, type, pairId, strategy, account, contractsMax } = intent;
  return {
    workflowId: arbitrageWorkflowId(intentId),
    taskQueue: queuesOf(desk).trading,
    workflowTaskTimeout: TASK_TIMEOUT,
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `${type} ${pairId}, up to ${contractsMax} contracts`,
    typedSearchAttributes: [
      { key: searchKeys.venue, value: ['kalshi', 'polymarket'] },
      { key: searchKeys.pair, value: pairId },
      { key: searchKeys.strategy, value: strategy },
      { key: searchKeys.account, value: account },
      { key: searchKeys.mode, value: mode },
      { key: searchKeys.tradeState, value: tradeState },
      { key: searchKeys.unhedged, value: false },
    ],
  };
}

export interface ToAdopt {
  readonly intent: Wire<ArbitrageIntent>;
  readonly shot: ShotName;
}

/**
 * Starts the trade of a shot that an engine has fired already. `ended`: the intent's workflow is over,
 * so nobody will take this shot over.
 */
export async function startAdoption(
  temporal: Client,
  desk: ArbitrageDesk,
  { intent, shot }: ToAdopt,
): Promise<'runs' | 'ended'> {
  try {
    await temporal.workflow.start<typeof arbitrage>('arbitrage', {
      ...arbitrageStart(desk, intent, 'adopting'),
      args: [intent, null, { shot }],
    });
    return 'runs';
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'ended';
    throw error;
  }
}
