import type { Kysely } from 'kysely';
import type { Database } from './tables.js';

/** A process that has not acknowledged the newest freeze in force, and the last epoch that it has. */
export interface SilentProcess {
  readonly processId: string;
  readonly epochAcknowledged: number;
}

/** The newest freeze in force, and who has not acknowledged it yet. */
export interface Silence {
  readonly epoch: number;
  readonly processes: readonly SilentProcess[];
}

/**
 * Of every process that is neither ended nor confirmed killed. `undefined`: nothing is frozen. What a
 * lifting adds to the epoch is nobody's danger, so it is not waited for here. One query, one snapshot.
 */
export async function silentProcesses(db: Kysely<Database>): Promise<Silence | undefined> {
  const rows = await db
    .with('newest', (given) =>
      given
        .selectFrom('freezes')
        .select(({ fn }) => fn.max<number | null>('epoch').as('epoch'))
        .where('lifted_at', 'is', null),
    )
    .selectFrom('newest')
    .leftJoin('processes', (join) =>
      join
        .onRef('processes.epoch_acknowledged', '<', 'newest.epoch')
        .on('processes.ended_at', 'is', null)
        .on('processes.killed_at', 'is', null),
    )
    .select(['newest.epoch', 'processes.process_id', 'processes.epoch_acknowledged'])
    .orderBy('processes.process_id')
    .execute();
  const epoch = rows[0]?.epoch;
  if (epoch === undefined || epoch === null) return undefined;
  const processes = rows.flatMap(
    ({ process_id: processId, epoch_acknowledged: epochAcknowledged }) =>
      processId === null || epochAcknowledged === null ? [] : [{ processId, epochAcknowledged }],
  );
  return { epoch, processes };
}
