import { type Kysely, sql } from 'kysely';
import {
  type CustodyPlace,
  type RiskPolicy,
  reservationFor,
  type StoredTrade,
  type TradeRow,
  tradeCaseKey,
} from '../domain/index.js';
import { openCaseOf } from './custody-cases.js';
import { tradeRowFrom } from './entry-rows.js';
import { restoreExitOwner } from './exit-owners.js';
import { releaseHold, retakeHold } from './holds.js';
import { openReservation, releaseReservation } from './reservations.js';
import { ms } from './sql-values.js';
import type { Database } from './tables.js';
import type { Transaction } from './transaction.js';
import { isOfUnadopted } from './unadopted-shots.js';

/**
 * Sets aside again what a living trade's worst case is covered by, from the entries that it was
 * admitted with, holds its pair again, unless another trade does by now, and gives it its exits, unless
 * custody has taken it over. Its intent is locked meanwhile: a trade that ends has all of it released.
 */
export async function restoreReservation(
  db: Kysely<Database>,
  restoration: Restoration,
): Promise<void> {
  await db.transaction().execute(async (tx) => restoreWithin(tx, restoration));
}

interface Restoration {
  readonly trade: StoredTrade;
  readonly policy: RiskPolicy;
  readonly atMs: number;
}

/** The same, together with whatever else the transaction does. */
export async function restoreWithin(
  tx: Transaction,
  { trade: { workflowId, intent, admission }, policy, atMs }: Restoration,
): Promise<void> {
  if (admission?.kind !== 'approved') return;
  const { pair, entries, terms } = admission;
  const exit = terms.exit;
  const reservation = reservationFor({ intent, pair, entries, policy: { ...policy, exit } });
  const open = await tx
    .selectFrom('intents')
    .select('workflow_id')
    .where('workflow_id', '=', workflowId)
    .where('closed_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  if (!open) return;
  const reopened = await tx
    .updateTable('reservations')
    .set({ released_at: null })
    .where('workflow_id', '=', workflowId)
    .executeTakeFirst();
  if (reopened.numUpdatedRows === 0n) await openReservation(tx, reservation, atMs);
  await retakeHold(tx, { pairId: intent.pairId, holder: workflowId, atMs });
  const isCustodys = (await openCaseOf(tx, tradeCaseKey(workflowId))) !== undefined;
  if (!isCustodys) await restoreExitOwner(tx, workflowId);
}

/** Of a trade that has ended, and of which every order is resolved. */
export async function releaseLeftover(
  db: Kysely<Database>,
  { workflowId, atMs }: { readonly workflowId: string; readonly atMs: number },
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const ended = await tx
      .selectFrom('intents')
      .select('pair_id')
      .where('workflow_id', '=', workflowId)
      .where('closed_at', 'is not', null)
      .executeTakeFirst();
    if (!ended) return;
    await releaseReservation(tx, { workflowId, atMs });
    await releaseHold(tx, { pairId: ended.pair_id, holder: workflowId, untilMs: atMs });
  });
}

/**
 * Trade rows of an instrument's market that no open trade has: what contracts without an owner cost.
 * By our clock at the latest: a venue's may be ahead, and nobody shall wait for its settlement longer.
 */
export async function unownedRows(
  db: Kysely<Database>,
  { account, instrument }: CustodyPlace,
): Promise<readonly TradeRow[]> {
  const rows = await db
    .selectFrom('venue_entries')
    .selectAll()
    .where('account', '=', account)
    .where('venue', '=', instrument.venue)
    .where('market', '=', instrument.market)
    .where('kind', 'in', ['fill', 'reversal'])
    .where(sql<boolean>`not exists (
      select 1 from intents
      where intents.workflow_id = venue_entries.workflow_id and intents.closed_at is null)`)
    .where((where) => where.not(isOfUnadopted))
    .orderBy('seq')
    .execute();
  return rows.map((row) => {
    const entry = tradeRowFrom(row);
    return { ...entry, atMs: Math.min(entry.atMs, ms(row.booked_at)) };
  });
}
