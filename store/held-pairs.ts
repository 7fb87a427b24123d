import { type Kysely, sql } from 'kysely';
import { formatAmount, type Instrument, type Quantity, quantity } from '../domain/index.js';
import { at, json, ms } from './sql-values.js';
import type { Database } from './tables.js';

/** A match that pays one dollar per contract at the end; custody watches it until then. */
export interface HeldPair {
  readonly workflowId: string;
  readonly account: string;
  readonly pairId: string;
  readonly yes: Instrument;
  readonly no: Instrument;
  readonly contracts: Quantity;
  readonly heldSinceMs: number;
}

/** Entered with the trade's result; a second time is the first. */
export async function insertHeldPair(db: Kysely<Database>, held: HeldPair): Promise<void> {
  await db
    .insertInto('held_pairs')
    .values({
      workflow_id: held.workflowId,
      account: held.account,
      pair_id: held.pairId,
      yes_instrument: json(held.yes),
      no_instrument: json(held.no),
      contracts: formatAmount(held.contracts),
      held_since: at(held.heldSinceMs),
    })
    .onConflict((conflict) => conflict.column('workflow_id').doNothing())
    .execute();
}

export async function closeHeldPair(
  db: Kysely<Database>,
  closing: {
    readonly workflowId: string;
    readonly how: 'resolved' | 'sold' | 'merged';
    readonly atMs: number;
  },
): Promise<void> {
  await db
    .updateTable('held_pairs')
    .set({ closed_at: at(closing.atMs), closed_how: closing.how })
    .where('workflow_id', '=', closing.workflowId)
    .where('closed_at', 'is', null)
    .execute();
}

/**
 * Closes as resolved what one of its markets has paid for, as far as that is booked. It is called
 * where a settlement is booked and where a match is entered, because either may come first.
 */
export async function closeResolvedPairs(db: Kysely<Database>, account: string): Promise<void> {
  const paidAt = sql<Date>`(
    select min(at) from venue_entries
    where kind = 'settlement' and account = ${account} and (venue, market) in (
      (yes_instrument ->> 'venue', yes_instrument ->> 'market'),
      (no_instrument ->> 'venue', no_instrument ->> 'market')
    )
  )`;
  await db
    .updateTable('held_pairs')
    .set({ closed_at: paidAt, closed_how: 'resolved' })
    .where('account', '=', account)
    .where('closed_at', 'is', null)
    .where(paidAt, 'is not', null)
    .execute();
}

/** Open ones, oldest first. */
export async function heldPairs(
  db: Kysely<Database>,
  account: string,
): Promise<readonly HeldPair[]> {
  const rows = await db
    .selectFrom('held_pairs')
    .selectAll()
    .where('account', '=', account)
    .where('closed_at', 'is', null)
    .orderBy('held_since')
    .orderBy('workflow_id')
    .execute();
  return rows.map((row) => ({
    workflowId: row.workflow_id,
    account: row.account,
    pairId: row.pair_id,
    yes: row.yes_instrument,
    no: row.no_instrument,
    contracts: quantity(row.contracts),
    heldSinceMs: ms(row.held_since),
  }));
}
