import { type Kysely, sql } from 'kysely';
import {
  type ArbitrageIntent,
  type ChildOrder,
  fromWire,
  type ShotName,
  type TradeRow,
  type Wire,
} from '../domain/index.js';
import { type EntryRow, tradeRowFrom } from './entry-rows.js';
import type { Database } from './tables.js';

/** Fired from a lease, its trade still to come. The words are those of the partial index. */
const isUnadopted = sql<boolean>`shot.adopted_at is null and shot.refused is null
  and shot.barred is null and shot.lease_epoch is not null`;

/**
 * Venues and clocks differ in what time it is: an entry that is dated this much before its shot was
 * decided may still be of it.
 */
const CLOCKS_DIFFER_BY = sql.lit('10 seconds');

/**
 * An entry of a leg. Kalshi's fills have its own name for an order and not ours: where the answer that
 * tells that name was not heard, whatever has bought just that since is taken for it. Whoever adopts
 * the shot asks the venue, and then it is known.
 */
const isOfLeg = sql<boolean>`(venue_entries.client_order_id = leg.client_order_id
  or (venue_entries.client_order_id is null
    and (venue_entries.venue, venue_entries.account) = (leg.venue, shot.account)
    and (venue_entries.source = leg.venue_order_id
      or (leg.venue_order_id is null and venue_entries.side = 'buy'
        and (venue_entries.market, venue_entries.outcome) = (leg.market, leg.leg)
        and venue_entries.at >= shot.decided_at - interval ${CLOCKS_DIFFER_BY}))))`;

/** A trade row of one: its contracts have an owner, who has not begun yet. */
export const isOfUnadopted = sql<boolean>`exists (
  select from engine_shots as shot
  join engine_legs as leg using (host, epoch, thread, sequence)
  where ${isUnadopted} and not leg.is_second and ${isOfLeg})`;

/** A shot that its trade should have taken over by now. */
export interface MissedShot {
  readonly shot: ShotName;
  readonly intent: Wire<ArbitrageIntent>;
  /** The intent's id has a trade, and this shot is not its. */
  readonly isIdTaken: boolean;
}

/** Shots from leases that were told this long ago and are nobody's, oldest first. */
export async function missedShots(
  db: Kysely<Database>,
  toldBeforeMs: number,
): Promise<readonly MissedShot[]> {
  const { rows } = await sql<ShotName & { readonly intent: Wire<ArbitrageIntent>; taken: boolean }>`
    select host, epoch, thread, sequence, intent,
      exists (select from intents where intents.workflow_id = shot.workflow_id) as taken
    from engine_shots as shot
    where ${isUnadopted} and intent is not null
      and told_at < clock_timestamp() - ${toldBeforeMs} * interval '1 millisecond'
    order by told_at limit ${MISSED_PER_ROUND_MAX}`.execute(db);
  return rows.map(({ host, epoch, thread, sequence, intent, taken }) => ({
    shot: { host, epoch, thread, sequence },
    ...{ intent, isIdTaken: taken },
  }));
}

/** More than this are found in another round. */
const MISSED_PER_ROUND_MAX = 100;

/** A shot whose trade is still to come, as custody sees it. */
export interface UnadoptedShot {
  readonly workflowId: string;
  readonly orders: readonly ChildOrder[];
  /** What their venues call them, as far as it is known. */
  readonly venueOrderIds: readonly string[];
  /** What is booked of it, under the name of its order or the venue's. */
  readonly rows: readonly TradeRow[];
}

/** Those of an account. Their contracts have an owner, who has not begun yet. */
export async function unadoptedShots(
  db: Kysely<Database>,
  account: string,
): Promise<readonly UnadoptedShot[]> {
  const { rows: legs } = await sql<UnadoptedLeg>`
    select shot.workflow_id, leg.venue_order_id, orders.child_order
    from engine_shots as shot
    join engine_legs as leg using (host, epoch, thread, sequence)
    join orders using (client_order_id)
    where ${isUnadopted} and shot.account = ${account} and not leg.is_second
      and orders.workflow_id = shot.workflow_id and not orders.is_forbidden
    order by shot.told_at, leg.leg desc`.execute(db);
  if (legs.length === 0) return [];
  const booked = await rowsOfShots(db, account);
  return [...new Set(legs.map((leg) => leg.workflow_id))].map((workflowId) => {
    const own = legs.filter((leg) => leg.workflow_id === workflowId);
    const rows = booked.filter((row) => row.shot_of === workflowId);
    return {
      workflowId,
      orders: own.map((leg) => fromWire<ChildOrder>(leg.child_order)),
      venueOrderIds: own.flatMap((leg) => leg.venue_order_id ?? []),
      rows: rows.map(tradeRowFrom),
    };
  });
}

interface UnadoptedLeg {
  readonly workflow_id: string;
  readonly venue_order_id: string | null;
  readonly child_order: Wire<ChildOrder>;
}

type RowOfShot = EntryRow & { readonly shot_of: string };

async function rowsOfShots(db: Kysely<Database>, account: string): Promise<readonly RowOfShot[]> {
  const { rows } = await sql<RowOfShot>`
    select distinct on (venue_entries.seq) venue_entries.*, shot.workflow_id as shot_of
    from engine_shots as shot
    join engine_legs as leg using (host, epoch, thread, sequence)
    join venue_entries on ${isOfLeg} and venue_entries.kind in ('fill', 'reversal')
    where ${isUnadopted} and shot.account = ${account} and not leg.is_second
    order by venue_entries.seq, shot.told_at`.execute(db);
  return rows;
}
