import { type Kysely, sql } from 'kysely';
import {
  assert,
  type Instrument,
  type Outcome,
  type PagesOfVenue,
  type StrayOrder,
  type VenueName,
  type VenueOrder,
} from '../domain/index.js';
import { isResolvedStray } from './entry-orders.js';
import { at, ms } from './sql-values.js';
import type { Database } from './tables.js';

/** Where and when a lease may have been spent; its times, and the present one, are Postgres'. */
export interface LeaseSpan {
  readonly account: string;
  /** Either outcome of their markets is of the lease. */
  readonly instruments: readonly Instrument[];
  readonly grantedAtMs: number;
  readonly expiresAtMs: number;
  readonly nowMs: number;
}

/** Of a lease that was granted: what is lent is never deleted. */
export async function spanOfLease(db: Kysely<Database>, leaseId: string): Promise<LeaseSpan> {
  const row = await db
    .selectFrom('leases')
    .select(['account', 'legs', 'granted_at', 'expires_at'])
    .select(sql<Date>`clock_timestamp()`.as('now_is'))
    .where('lease_id', '=', leaseId)
    .executeTakeFirst();
  assert(row !== undefined, `lease ${leaseId} was granted`);
  return {
    account: row.account,
    instruments: row.legs.map(({ instrument }) => instrument),
    grantedAtMs: ms(row.granted_at),
    expiresAtMs: ms(row.expires_at),
    nowMs: ms(row.now_is),
  };
}

/** What a venue has shown, booked already as far as it traded. */
export interface PagesQuestion {
  readonly venue: VenueName;
  readonly account: string;
  readonly markets: readonly string[];
  /** By the venue's clock. */
  readonly fromMs: number;
  readonly openOrders: readonly VenueOrder[];
}

/**
 * Orders in these markets that no row of ours explains: open ones, and ones that have traded since.
 * A row explains the order that has its name, whatever became of it; one that was forbidden to leave
 * explains none. What custody takes for the order of a shot without a name is a guess, and no row.
 */
export async function straysSince(
  db: Kysely<Database>,
  { venue, account, markets, fromMs, openOrders }: PagesQuestion,
): Promise<Pick<PagesOfVenue, 'strays' | 'resolved'>> {
  const known = await namedAmong(db, { venue, account, openOrders });
  const open = openOrders.filter(
    ({ venueOrderId, instrument }) =>
      markets.includes(instrument.market) && !known.has(venueOrderId),
  );
  const { rows } = await sql<TradedStray>`
    select source as "venueOrderId", market, min(outcome) as outcome,
      bool_and(${isResolvedStray}) as "isResolved"
    from venue_entries
    where (venue, account) = (${venue}, ${account}) and market = any(${markets}::text[])
      and kind in ('fill', 'reversal') and client_order_id is null and at >= ${at(fromMs)}
    group by source, market order by min(seq)`.execute(db);
  const traded = rows.filter(({ isResolved }) => !isResolved);
  return {
    strays: [
      ...open.map(({ venueOrderId, instrument }) => ({ venueOrderId, instrument, isOpen: true })),
      ...traded.map((row) => strayFrom(venue, row)),
    ],
    resolved: rows.length - traded.length,
  };
}

interface TradedStray {
  readonly venueOrderId: string;
  readonly market: string;
  readonly outcome: Outcome;
  readonly isResolved: boolean;
}

const strayFrom = (
  venue: VenueName,
  { venueOrderId, market, outcome }: TradedStray,
): StrayOrder => ({
  ...{ venueOrderId, instrument: { venue, market, outcome }, isOpen: false },
});

/**
 * The venue's ids of those that a row of ours names, as an entry finds its order. A tombstone has no
 * venue, so it names none.
 */
async function namedAmong(
  db: Kysely<Database>,
  { venue, account, openOrders }: Pick<PagesQuestion, 'venue' | 'account' | 'openOrders'>,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ readonly venueOrderId: string }>`
    select shown.id as "venueOrderId"
    from unnest(
      ${openOrders.map(({ venueOrderId }) => venueOrderId)}::text[],
      ${openOrders.map(({ clientOrderId }) => clientOrderId ?? null)}::text[]
    ) as shown (id, name)
    where exists (
      select from orders
      where (venue, account) = (${venue}, ${account})
        and (venue_order_id = shown.id
          or (venue_order_id is null and client_order_id = shown.name)))`.execute(db);
  return new Set(rows.map(({ venueOrderId }) => venueOrderId));
}
