import { randomUUID } from 'node:crypto';
import type { House } from './house.js';
import type * as ladderWorkflows from './processes/ladder-workflows.js';
import { tradeOnce } from './trade-once.js';

/** What one run of a rung took, as its caller saw it. */
export interface Sample {
  readonly startedAtMs: number;
  readonly heardMs: number;
  /** Of a rung that is a workflow. */
  readonly workflowId?: string;
  readonly verdictMs?: number;
}

export interface Rung {
  readonly name: RungName;
  readonly says: string;
  readonly once: (house: House, turn: number) => Promise<Sample>;
}

export type RungName = 'round trip' | 'bare' | 'local activity' | 'one activity' | 'arbitrage';

/** The ratios are against this one: the least that a durable step outside of a workflow costs. */
export const FLOOR: RungName = 'one activity';

/** A worker that is killed in a task holds up its workflow for a second, as `client` has it. */
const TASK_TIMEOUT = '1s';

export const rungs: readonly Rung[] = [
  { name: 'round trip', says: 'getSystemInfo: one gRPC call to the server', once: roundTrip },
  { name: 'bare', says: 'a workflow that does nothing', once: workflowOf('bare') },
  {
    name: 'local activity',
    says: 'a workflow with one empty activity in its own worker',
    once: workflowOf('localActivity'),
  },
  {
    name: FLOOR,
    says: 'a workflow with one empty activity on another queue: the floor',
    once: workflowOf('oneActivity'),
  },
  {
    name: 'arbitrage',
    says: 'a trade that is matched, until its end',
    once: async (house, turn) => {
      const pairId = house.pairIds[turn % house.pairIds.length] ?? '';
      const { closedMs, ...sample } = await tradeOnce(house, pairId);
      return { ...sample, heardMs: closedMs };
    },
  },
];

const runId = randomUUID().slice(0, 8);
let workflows = 0;

type LadderWorkflow = keyof typeof ladderWorkflows;

function workflowOf(type: LadderWorkflow): Rung['once'] {
  return async ({ temporal }) => {
    workflows += 1;
    const workflowId = `ladder/${runId}/${workflows}`;
    const startedAtMs = Date.now();
    const handle = await temporal.workflow.start(type, {
      ...{ workflowId, taskQueue: 'ladder/trading', workflowTaskTimeout: TASK_TIMEOUT, args: [] },
    });
    await handle.result();
    return { workflowId, startedAtMs, heardMs: Date.now() - startedAtMs };
  };
}

async function roundTrip({ connection }: House): Promise<Sample> {
  const startedAtMs = Date.now();
  const before = performance.now();
  await connection.workflowService.getSystemInfo({});
  return { startedAtMs, heardMs: performance.now() - before };
}
