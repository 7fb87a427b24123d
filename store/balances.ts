import { type Kysely, sql } from 'kysely';
import { formatAmount, type Money, money, type VenueName } from '../domain/index.js';
import { at, ms } from './sql-values.js';
import type { Database } from './tables.js';

export interface Balance {
  readonly balance: Money;
  /** When we asked: the answer is at least as new as this. */
  readonly atMs: number;
}

/** Keeps what a venue said of an account's cash, unless something newer is known. */
export async function recordBalance(
  db: Kysely<Database>,
  {
    account,
    venue,
    balance,
    atMs,
  }: Balance & { readonly account: string; readonly venue: VenueName },
): Promise<void> {
  await db
    .insertInto('balances')
    .values({ account, venue, balance: formatAmount(balance), at: at(atMs) })
    .onConflict((conflict) =>
      conflict
        .columns(['account', 'venue'])
        .doUpdateSet({ balance: formatAmount(balance), at: at(atMs) })
        .where('balances.at', '<', sql<Date>`excluded.at`),
    )
    .execute();
}

/** A venue that was never heard is absent. */
export async function balances(
  db: Kysely<Database>,
  account: string,
): Promise<Readonly<Partial<Record<VenueName, Balance>>>> {
  const rows = await db.selectFrom('balances').selectAll().where('account', '=', account).execute();
  const entries = rows.map((row) => [row.venue, { balance: money(row.balance), atMs: ms(row.at) }]);
  return Object.fromEntries(entries) as Partial<Record<VenueName, Balance>>; // venue is the key
}
