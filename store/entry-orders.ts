import { type Kysely, sql } from 'kysely';
import type { VenueEntry, VenueName } from '../domain/index.js';
import { closeBreak } from './breaks.js';
import { type EntryRow, entryFrom } from './entry-rows.js';
import { liftFreezeWithin } from './freezes.js';
import { lockNames } from './sql-values.js';
import type { Database } from './tables.js';

/** The break of a trade row that no order of ours explains; its key is `venue/order/execution`. */
export const STRAY_BREAK = 'entry_without_order';

/** Of a row of `venue_entries`: an operator has looked at it, and closed its break. */
export const isResolvedStray = sql<boolean>`exists (
  select from breaks
  where breaks.kind = ${sql.lit(STRAY_BREAK)} and breaks.closed_at is not null
    and key = venue_entries.venue || '/' || source || '/' || execution_id)`;

/** An entry that has just become ours, and whose it is, as far as its order is known. */
export interface BookedEntry {
  readonly entry: VenueEntry;
  readonly clientOrderId?: string;
  readonly workflowId?: string;
  readonly pairId?: string;
}

/** What an entry came from: a venue's order id or, of what has none, its reference. */
export interface EntrySource {
  readonly venue: VenueName;
  readonly account: string;
  readonly source: string;
}

/**
 * An entry and the answer that names its order may come in any order, at the same time. Whoever books
 * the one or writes the other holds this first, so that the second to come always sees the first.
 */
export async function lockEntriesOf(
  tx: Kysely<Database>,
  sources: readonly EntrySource[],
): Promise<void> {
  const names = sources.map(({ venue, account, source }) => `entry/${venue}/${account}/${source}`);
  await lockNames(names).execute(tx);
}

/** The same for an order by its name, whose venue and account its row knows. */
export async function lockEntriesOfOrder(
  tx: Kysely<Database>,
  { clientOrderId, source }: { readonly clientOrderId: string; readonly source: string },
): Promise<void> {
  const name = sql`concat('entry/', venue, '/', account, '/', ${source}::text)`;
  await sql`
    select pg_advisory_xact_lock(hashtextextended(${name}, 0)) from orders
    where client_order_id = ${clientOrderId}`.execute(tx);
}

/**
 * Gives an order the entries that were booked before anybody knew its venue id. What was a break
 * because nobody knew whose it was is explained now, and so is the freeze that came with it.
 */
export async function attachEntries(
  tx: Kysely<Database>,
  clientOrderId: string,
): Promise<readonly BookedEntry[]> {
  const rows = await tx
    .updateTable('venue_entries as entry')
    .from('orders')
    .leftJoin('intents', 'intents.workflow_id', 'orders.workflow_id')
    .set({
      client_order_id: sql<string>`orders.client_order_id`,
      workflow_id: sql<string>`orders.workflow_id`,
      pair_id: sql<string | null>`intents.pair_id`,
    })
    .where('orders.client_order_id', '=', clientOrderId)
    .whereRef('entry.venue', '=', 'orders.venue')
    .whereRef('entry.account', '=', 'orders.account')
    .whereRef('entry.source', '=', 'orders.venue_order_id')
    .where('entry.client_order_id', 'is', null)
    .where('entry.kind', 'in', ['fill', 'reversal'])
    .returningAll('entry')
    .execute();
  for (const row of rows) await closeStray(tx, row, clientOrderId);
  return rows.map(bookedEntry);
}

async function closeStray(
  tx: Kysely<Database>,
  { venue, source, execution_id: executionId }: EntryRow,
  clientOrderId: string,
): Promise<void> {
  const key = `${venue}/${source}/${executionId}`;
  const why = `it is of order ${clientOrderId}`;
  const said = { by: 'legwork', why, atMs: Date.now() };
  if (!(await closeBreak(tx, { ...said, kind: STRAY_BREAK, key }))) return;
  await liftFreezeWithin(tx, { ...said, freezeId: `stray/${key}` });
}

/** A row of `venue_entries` with whose it is. */
export function bookedEntry(row: Parameters<typeof entryFrom>[0]): BookedEntry {
  return {
    entry: entryFrom(row),
    ...(row.client_order_id !== null && { clientOrderId: row.client_order_id }),
    ...(row.workflow_id !== null && { workflowId: row.workflow_id }),
    ...(row.pair_id !== null && { pairId: row.pair_id }),
  };
}
