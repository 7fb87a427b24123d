import { type Kysely, sql } from 'kysely';
import type { ShotName } from '../domain/index.js';
import type { BookedEntry } from './entry-orders.js';
import { recordAnswer } from './order-answers.js';
import type { Database } from './tables.js';

/** The channel that tells that an engine has heard the venue's name of an order; it has no payload. */
export const ORDER_NAMES_CHANNEL = 'legwork_order_names';

/** More than this are named in another round. */
export const NAMES_PER_ROUND_MAX = 100;

/** What a venue calls an order whose row does not say so yet. */
export interface OrderName {
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  /** The shot whose journal says it, as `order_events` names it. */
  readonly shot: string;
}

/**
 * The orders whose acceptance an engine has told and that have no name yet, at most
 * `NAMES_PER_ROUND_MAX`. Those of a shot that nobody has adopted wait for its adoption; where a trade
 * of the same intent was admitted instead, it goes on with what the shot has sent.
 */
export async function unnamedOrders(db: Kysely<Database>): Promise<readonly OrderName[]> {
  // The statuses are those of the partial index, so they are no parameters.
  const { rows } = await sql<OrderName>`${named}
      and orders.status in ('working', 'pendingCancel', 'filled', 'canceled', 'expired')
      and leg.answer = 'yes' and not leg.is_second
      and (shot.adopted_at is not null or shot.barred is not null and exists (
        select from reservations where reservations.workflow_id = shot.workflow_id))
    order by client_order_id limit ${NAMES_PER_ROUND_MAX}`.execute(db);
  return rows;
}

/** The same of one shot, whose names may be known without an answer (Polymarket). */
export async function namesOfShot(
  db: Kysely<Database>,
  { host, epoch, thread, sequence }: ShotName,
): Promise<readonly OrderName[]> {
  const { rows } = await sql<OrderName>`${named}
      and (host, epoch, thread, sequence)
        = (${host}, ${epoch}::int8, ${thread}::int4, ${sequence}::int8)
    order by client_order_id`.execute(db);
  return rows;
}

/**
 * Gives an order its venue's name, and with it the entries that were booked before anybody knew whose
 * they are. Never within another transaction: who books an entry locks it first.
 */
export async function nameOrder(
  db: Kysely<Database>,
  { clientOrderId, venueOrderId, shot }: OrderName,
  atMs: number,
): Promise<readonly BookedEntry[]> {
  const detail = { shot, venueOrderId };
  return recordAnswer(db, { clientOrderId, event: 'named', venueOrderId, detail, atMs });
}

const named = sql`
  select client_order_id as "clientOrderId", leg.venue_order_id as "venueOrderId",
    concat_ws('/', host, epoch, thread, sequence) as shot
  from engine_shots as shot
  join engine_legs as leg using (host, epoch, thread, sequence)
  join orders using (client_order_id)
  where leg.venue_order_id is not null and orders.venue_order_id is null
    and orders.workflow_id = shot.workflow_id and not orders.is_forbidden`;
