import { NativeConnection, Worker } from '@temporalio/worker';
import type { LegOutcome, Shot } from '../../activities/trade-activities.js';
import { queuesOf, type SendOutcome, toWire, type Wire } from '../../domain/index.js';
import { callsOver, ownPair, plainPool, startEngine } from '../store/engine-desk.js';
import type { TestDesk } from './desk.js';

/** Enters an engine of this host that owns these pairs, as it would itself. Nobody polls its queue. */
export async function ownPairs(
  { config }: TestDesk,
  host: string,
  pairIds: readonly string[],
): Promise<void> {
  const pool = plainPool(config.databaseUrl, 1);
  try {
    const calls = callsOver(() => pool);
    const start = await startEngine(calls, { host });
    for (const pairId of pairIds) await ownPair(calls, start, pairId);
  } finally {
    await pool.end();
  }
}

export interface EngineStandIn {
  /** The trades whose shots came here, in the order in which they came. */
  readonly shots: readonly string[];
  readonly close: () => Promise<void>;
}

/** Polls the queue of a host's engine and answers each shot as one that both venues have refused. */
export async function startEngineStandIn(
  { config, place }: TestDesk,
  host: string,
): Promise<EngineStandIn> {
  const shots: string[] = [];
  const connection = await NativeConnection.connect({ address: config.temporalAddress });
  const worker = await Worker.create({
    ...{ connection, namespace: config.namespace },
    taskQueue: queuesOf(place.desk).engine(host),
    activities: {
      fireLegs: async ({
        workflowId,
        orders,
      }: Wire<Shot>): Promise<readonly Wire<LegOutcome>[]> => {
        shots.push(workflowId);
        return toWire(orders.map(({ clientOrderId }) => ({ clientOrderId, outcome: REFUSED })));
      },
    },
  });
  const running = worker.run();
  return {
    shots,
    close: async () => {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

const REFUSED: SendOutcome = {
  ...{ kind: 'refused', refusal: 'no_match', code: 'STAND_IN', reason: 'nothing was sent' },
};
