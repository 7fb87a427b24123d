import type { Kysely } from 'kysely';
import type { Mode } from '../domain/index.js';
import type { Database } from './tables.js';

/** This database belongs to another mode: start nothing, fire nothing. */
export class ModeMismatchError extends Error {
  override readonly name = 'ModeMismatchError';
}

/**
 * Writes the mode at the first start; afterwards throws `ModeMismatchError` for any other mode. The
 * row never changes, and every intent and order row refers to it.
 */
export async function assertMode(db: Kysely<Database>, mode: Mode): Promise<void> {
  await db
    .insertInto('deployment')
    .values({ mode, since: new Date() })
    .onConflict((conflict) => conflict.column('is_one_row').doNothing())
    .execute();
  const found = await db.selectFrom('deployment').select('mode').executeTakeFirstOrThrow();
  if (found.mode === mode) return;
  throw new ModeMismatchError(
    `This database was opened in mode "${found.mode}" and cannot be used in mode "${mode}". ` +
      'Start in its own mode, or name another database (DATABASE_URL) or data folder (--data).',
  );
}
