import type { PagesOfVenue, PagesRead, VenueName } from '../domain/index.js';
import { bookEntries, type LeaseSpan, spanOfLease, straysSince } from '../store/index.js';
import type { TradingDesk } from './trading-desk.js';

/** What of the desk reading pages needs. */
type ReadingDesk = Pick<TradingDesk, 'db' | 'terms' | 'venueOf'>;

/**
 * Reads what the venues of a lease show of its markets since the grant, for a lease whose journal cannot
 * be read.
 *
 * 1. It is as old as its question: what a page did not show may have arrived while it was read.
 * 2. Open orders are read before trades, so that one that trades between the two shows in them.
 * 3. Trades are booked before anybody is told of them; whose they are, the rows say then.
 * 4. All venues have answered, or none has.
 */
export async function pagesOfLease(
  desk: ReadingDesk,
  { leaseId }: { readonly leaseId: string },
): Promise<PagesRead> {
  const span = await spanOfLease(desk.db, leaseId);
  const { latenessMs } = desk.terms;
  const names = new Set(span.instruments.map(({ venue }) => venue));
  const read = await Promise.all([...names].map(async (venue) => pagesOf(desk, span, venue)));
  const venues: PagesOfVenue[] = [];
  for (const one of read) {
    if ('code' in one) return one;
    venues.push(one);
  }
  const { nowMs: askedAtMs, expiresAtMs: notAfterMs } = span;
  return { kind: 'pages_read', askedAtMs, notAfterMs, latenessMs, venues };
}

async function pagesOf(
  desk: ReadingDesk,
  { account, instruments, grantedAtMs }: LeaseSpan,
  venue: VenueName,
): Promise<PagesOfVenue | Extract<PagesRead, { kind: 'unavailable' }>> {
  // The venue's clock may be behind: then what it took after the grant is dated before it.
  const fromMs = grantedAtMs - desk.terms.latenessMs;
  const at = desk.venueOf(venue, account);
  const orders = await at.openOrders();
  if (orders.kind === 'unavailable') return { ...orders, venue };
  const entries = await at.entriesSince(fromMs);
  if (entries.kind === 'unavailable') return { ...entries, venue };
  await bookEntries(desk.db, entries.value);
  const own = instruments.filter((instrument) => instrument.venue === venue);
  const markets = [...new Set(own.map(({ market }) => market))];
  const shown = { venue, account, markets, fromMs, openOrders: orders.value };
  return { venue, fromMs, ...(await straysSince(desk.db, shown)) };
}
