import { type Kysely, sql } from 'kysely';
import type { Database } from './tables.js';

/**
 * The next number of a sequence, from 1. It is used up before it is told, so a number is never given
 * twice; after a crash one may be missing.
 */
export async function nextNumber(db: Kysely<Database>, name: string): Promise<number> {
  const { used } = await db
    .insertInto('sequences')
    .values({ name, used: 1 })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet({ used: sql<number>`sequences.used + 1` }),
    )
    .returning('used')
    .executeTakeFirstOrThrow();
  return used;
}
