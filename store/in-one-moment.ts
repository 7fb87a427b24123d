import type { Kysely } from 'kysely';
import type { Database } from './tables.js';
import type { Transaction } from './transaction.js';

/**
 * All that is read inside is of one moment: of two that differ, figures would come together that
 * never were true of anything. Nothing can be written here.
 */
export async function inOneMoment<T>(
  db: Kysely<Database>,
  read: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(read);
}
