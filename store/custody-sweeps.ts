import type { Kysely } from 'kysely';
import { type VenueName, venueNames } from '../domain/index.js';
import { at } from './sql-values.js';
import type { Database } from './tables.js';

export interface SweptAccount {
  readonly venue: VenueName;
  readonly account: string;
  readonly atMs: number;
}

/** A process has become the booker: no entry of the account is admitted until it has swept. */
export async function beginSweeping(
  db: Kysely<Database>,
  { venue, account, atMs }: SweptAccount,
): Promise<void> {
  const row = { began_at: at(atMs), swept_at: null };
  await db
    .insertInto('custody_sweeps')
    .values({ venue, account, ...row })
    .onConflict((conflict) => conflict.columns(['venue', 'account']).doUpdateSet(row))
    .execute();
}

export async function recordSweep(
  db: Kysely<Database>,
  { venue, account, atMs }: SweptAccount,
): Promise<void> {
  await db
    .updateTable('custody_sweeps')
    .set({ swept_at: at(atMs) })
    .where('venue', '=', venue)
    .where('account', '=', account)
    .execute();
}

/** A venue of the account that nobody has swept since its booker began; missing rows count. */
export async function unsweptVenue(
  db: Kysely<Database>,
  account: string,
): Promise<VenueName | undefined> {
  const rows = await db
    .selectFrom('custody_sweeps')
    .select('venue')
    .where('account', '=', account)
    .where('swept_at', 'is not', null)
    .execute();
  const swept = new Set(rows.map((row) => row.venue));
  return venueNames.find((venue) => !swept.has(venue));
}
