import { type Kysely, sql } from 'kysely';
import { at } from './sql-values.js';
import type { Database } from './tables.js';

/** What is owned: a pair by its firing host, a position by its exit owner, a session by its process. */
export interface Ownership {
  readonly kind: string;
  readonly key: string;
  readonly holder: string;
}

/**
 * Takes a thing over. A new holder gets a new epoch, which fences the older one; the holder that has
 * it already keeps its epoch.
 */
export async function claim(db: Kysely<Database>, owned: Ownership): Promise<number> {
  const { epoch } = await db
    .insertInto('owners')
    .values({ ...owned, epoch: 1, claimed_at: new Date() })
    .onConflict((conflict) =>
      conflict.columns(['kind', 'key']).doUpdateSet({
        holder: sql<string>`excluded.holder`,
        epoch: sql<number>`owners.epoch + (owners.holder <> excluded.holder)::int`,
        claimed_at: sql<Date>`case when owners.holder <> excluded.holder
          then excluded.claimed_at else owners.claimed_at end`,
      }),
    )
    .returning('epoch')
    .executeTakeFirstOrThrow();
  return epoch;
}

/**
 * The host whose engine owns a pair: no other process fires it. A start that has just died is still
 * named, because the next one of its host takes its pairs over; what was given up is nobody's.
 */
export async function engineHostOf(
  db: Kysely<Database>,
  pairId: string,
): Promise<string | undefined> {
  const found = await db
    .selectFrom('owners')
    .innerJoin('engines', 'engines.process_id', 'owners.holder')
    .innerJoin('processes', 'processes.process_id', 'engines.process_id')
    .select('processes.host')
    .where('owners.kind', '=', 'pair')
    .where('owners.key', '=', pairId)
    .executeTakeFirst();
  return found?.host;
}

/**
 * Gives up the pairs of engines of a host that are dead: that have ended, or were confirmed killed.
 * Returns how many. For a desk on which no engine starts that would take them over.
 */
export async function releaseDeadEngines(
  db: Kysely<Database>,
  { host, atMs }: { readonly host: string; readonly atMs: number },
): Promise<number> {
  const released = await db
    .updateTable('owners')
    // The row stays, as for who gives up a pair himself: an epoch is never given twice.
    .set({ holder: 'nobody', epoch: sql<number>`epoch + 1`, claimed_at: at(atMs) })
    .where('kind', '=', 'pair')
    .where('holder', 'in', (dead) =>
      dead
        .selectFrom('engines')
        .innerJoin('processes', 'processes.process_id', 'engines.process_id')
        .select('engines.process_id')
        .where('processes.host', '=', host)
        .where((ended) =>
          ended.or([ended('ended_at', 'is not', null), ended('killed_at', 'is not', null)]),
        ),
    )
    .executeTakeFirst();
  return Number(released.numUpdatedRows);
}

/** Whether a claim still stands. */
export async function isOwner(
  db: Kysely<Database>,
  { kind, key, holder, epoch }: Ownership & { readonly epoch: number },
): Promise<boolean> {
  const found = await db
    .selectFrom('owners')
    .select('epoch')
    .where('kind', '=', kind)
    .where('key', '=', key)
    .where('holder', '=', holder)
    .executeTakeFirst();
  return found?.epoch === epoch;
}
