import { type Kysely, sql } from 'kysely';
import type { VenuePages } from '../../domain/index.js';
import { type Database, spanOfLease } from '../../store/index.js';

export const LATENESS_MS = 1_000;

/** Just enough of the venues' pages to close a lease; they were read when it had expired. */
export async function enoughPages(db: Kysely<Database>, leaseId: string): Promise<VenuePages> {
  const { grantedAtMs, expiresAtMs } = await spanOfLease(db, leaseId);
  const first = expiresAtMs + LATENESS_MS + 1;
  const missedAtMs = [0, 250, 500, 750, LATENESS_MS].map((ms) => first + ms);
  const page = { fromMs: grantedAtMs - LATENESS_MS, untilMs: first + LATENESS_MS };
  const venues = (['kalshi', 'polymarket'] as const).map((venue) => ({ venue, ...page }));
  return { kind: 'venue_pages', latenessMs: LATENESS_MS, asked: 5, missedAtMs, venues };
}

/** A minute ago, so that what was read since counts. */
export async function expired(db: Kysely<Database>, leaseId: string): Promise<void> {
  await sql`
    update leases set expires_at = clock_timestamp() - interval '1 minute'
    where lease_id = ${leaseId}`.execute(db);
}
