import type { Kysely, Selectable } from 'kysely';
import {
  formatAmount,
  fromWire,
  money,
  type Reservation,
  type ReservedLeg,
  toWire,
} from '../domain/index.js';
import type { Row } from './columns.js';
import { at, json } from './sql-values.js';
import type { Database, tables } from './tables.js';

/** Sets aside the worst case of a trade. Once per workflow: `admit` wrote it or it is not there. */
export async function openReservation(
  tx: Kysely<Database>,
  { workflowId, account, pairId, exposure, legs }: Reservation,
  atMs: number,
): Promise<void> {
  await tx
    .insertInto('reservations')
    .values({
      workflow_id: workflowId,
      account,
      pair_id: pairId,
      exposure: formatAmount(exposure),
      legs: json(toWire(legs)),
      opened_at: at(atMs),
    })
    .execute();
}

/** The reservation of a trade while it is open. */
export async function reservationOf(
  db: Kysely<Database>,
  workflowId: string,
): Promise<Reservation | undefined> {
  const row = await db
    .selectFrom('reservations')
    .selectAll()
    .where('workflow_id', '=', workflowId)
    .where('released_at', 'is', null)
    .executeTakeFirst();
  return row && reservationFrom(row);
}

/** Everything that an account has set aside and not released. */
export async function openReservations(
  db: Kysely<Database>,
  account: string,
): Promise<readonly Reservation[]> {
  const rows = await db
    .selectFrom('reservations')
    .selectAll()
    .where('account', '=', account)
    .where('released_at', 'is', null)
    .orderBy('workflow_id')
    .execute();
  return rows.map(reservationFrom);
}

/** Releasing twice is releasing once. */
export async function releaseReservation(
  db: Kysely<Database>,
  { workflowId, atMs }: { readonly workflowId: string; readonly atMs: number },
): Promise<void> {
  await db
    .updateTable('reservations')
    .set({ released_at: at(atMs) })
    .where('workflow_id', '=', workflowId)
    .where('released_at', 'is', null)
    .execute();
}

function reservationFrom(row: Selectable<Row<(typeof tables)['reservations']>>): Reservation {
  return {
    workflowId: row.workflow_id,
    account: row.account,
    pairId: row.pair_id,
    exposure: money(row.exposure),
    legs: fromWire<readonly ReservedLeg[]>(row.legs),
  };
}
