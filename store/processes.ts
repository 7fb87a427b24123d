import { type Kysely, sql } from 'kysely';
import type { Mode } from '../domain/index.js';
import { at, withoutDisk } from './sql-values.js';
import type { Database } from './tables.js';

/** A process that may act on a venue or must hear of a freeze. */
export interface RunningProcess {
  readonly processId: string;
  readonly component: string;
  readonly host: string;
  readonly pid: number;
  readonly mode: Mode;
  readonly startedAtMs: number;
}

/** Enters a process before it takes any work. A mode that is not the database's is refused (throws). */
export async function registerProcess(
  db: Kysely<Database>,
  { processId, component, host, pid, mode, startedAtMs }: RunningProcess,
): Promise<void> {
  await db
    .insertInto('processes')
    .values({
      process_id: processId,
      component,
      host,
      pid,
      mode,
      started_at: at(startedAtMs),
      heartbeat_at: at(startedAtMs),
    })
    .execute();
}

export interface Heartbeat {
  readonly processId: string;
  readonly atMs: number;
  /** The last epoch of freezes that was; below 0: none yet. */
  readonly acknowledged: number;
}

/** It lives, and has acknowledged. Waits for no disk: the next one says the same. */
export async function heartbeat(
  db: Kysely<Database>,
  { processId, atMs, acknowledged }: Heartbeat,
): Promise<void> {
  await db
    .updateTable('processes')
    .from(withoutDisk)
    .set({
      heartbeat_at: at(atMs),
      epoch_acknowledged: sql<number>`greatest(epoch_acknowledged, ${acknowledged}::int8)`,
    })
    .where('process_id', '=', processId)
    .execute();
}

/** The process says itself that it has drained and acts no more. */
export async function endProcess(
  db: Kysely<Database>,
  { processId, atMs }: { readonly processId: string; readonly atMs: number },
): Promise<void> {
  await db
    .updateTable('processes')
    .set({ ended_at: at(atMs) })
    .where('process_id', '=', processId)
    .where('ended_at', 'is', null)
    .execute();
}

/** Its supervisor has seen the process gone: only then may "frozen" be said without its word. */
export async function confirmKilled(
  db: Kysely<Database>,
  { processId, atMs }: { readonly processId: string; readonly atMs: number },
): Promise<void> {
  await db
    .updateTable('processes')
    .set({ killed_at: at(atMs) })
    .where('process_id', '=', processId)
    .where('killed_at', 'is', null)
    .where('ended_at', 'is', null)
    .execute();
}
