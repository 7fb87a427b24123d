import { expect, test } from 'vitest';
import { pagesOfLease } from '../../activities/lease-pages.js';
import type { TradingDesk } from '../../activities/trading-desk.js';
import {
  assert,
  pagesAnswered,
  type Read,
  type Venue,
  type VenueEntry,
  type VenueName,
  type VenueOrder,
} from '../../domain/index.js';
import { closeLease, confirmKilled } from '../../store/index.js';
import { orphaned } from '../domain/arming-fixture.js';
import { ACCOUNT, fillOf, NO, NOW_MS } from '../store/desk.js';
import { lentStart, openEngineDesk } from '../store/engine-desk.js';
import { quickTerms as terms } from '../support/desk-terms.js';
import { deskOf } from './desk-of.js';

const books = openEngineDesk();

/** What a venue shows at a reading. */
interface Pages {
  readonly orders?: Read<readonly VenueOrder[]>;
  readonly entries?: Read<readonly VenueEntry[]>;
}

const NOTHING = { kind: 'read', value: [] } as const;
const AWAY = { kind: 'unavailable', code: 'timeout' } as const;

/** Reads the pages of a lease; each venue notes what it was asked. */
async function read(pairId: string, pages: Partial<Record<VenueName, Pages>> = {}) {
  const asked: string[] = [];
  const venueOf = (name: VenueName, account: string): Venue => {
    const { orders = NOTHING, entries = NOTHING } = pages[name] ?? {};
    const answers: Partial<Venue> = {
      openOrders: async () => {
        asked.push(`${name}/${account} open`);
        return orders;
      },
      entriesSince: async (sinceMs) => {
        asked.push(`${name}/${account} since ${sinceMs}`);
        return entries;
      },
    };
    return answers as Venue; // nothing else is asked
  };
  const desk: TradingDesk = deskOf({ db: books.db, terms, venueOf });
  return { answer: await pagesOfLease(desk, { leaseId: `lease-${pairId}` }), asked };
}

async function timesOf(pairId: string) {
  const lease = await books.db
    .selectFrom('leases')
    .select(['granted_at', 'expires_at'])
    .where('lease_id', '=', `lease-${pairId}`)
    .executeTakeFirstOrThrow();
  return { grantedMs: lease.granted_at.getTime(), expiresMs: lease.expires_at.getTime() };
}

test('each venue is asked for its open orders first, then for what traded since the grant, less its lateness', async () => {
  await lentStart(books, 'asked');
  const { answer, asked } = await read('asked');
  const { grantedMs, expiresMs } = await timesOf('asked');
  const fromMs = grantedMs - terms.latenessMs;
  for (const name of ['kalshi', 'polymarket']) {
    expect(asked.filter((one) => one.startsWith(name))).toEqual([
      `${name}/${ACCOUNT} open`,
      `${name}/${ACCOUNT} since ${fromMs}`,
    ]);
  }
  expect(answer).toEqual({
    ...{ kind: 'pages_read', askedAtMs: expect.any(Number) as number, notAfterMs: expiresMs },
    latenessMs: terms.latenessMs,
    venues: [
      { venue: 'polymarket', fromMs, strays: [], resolved: 0 },
      { venue: 'kalshi', fromMs, strays: [], resolved: 0 },
    ],
  });
});

test.each<readonly [string, Pages]>([
  ['open orders', { orders: AWAY }],
  ['entries', { entries: AWAY }],
])('one venue that does not give its %s makes the reading none', async (what, pages) => {
  const pairId = what.replace(' ', '-');
  await lentStart(books, pairId);
  const { answer } = await read(pairId, { kalshi: pages });
  expect(answer).toEqual({ kind: 'unavailable', venue: 'kalshi', code: 'timeout' });
});

test('what five readings make of it closes the lease in Postgres', async () => {
  const { process: processId } = await lentStart(books, 'shown');
  await confirmKilled(books.db, { processId, atMs: NOW_MS });
  await books.rows(`update leases set expires_at = clock_timestamp() - interval '1 minute'
    where lease_id = 'lease-shown'`);
  let state = orphaned;
  assert(orphaned.lease !== undefined, 'it is lent');
  for (let missedAtMs: readonly number[] = []; state.stage === 'sweeping'; ) {
    const lost = { journal: 'lost', isSearchDue: true, missedAtMs } as const;
    const { answer } = await read('shown');
    state = pagesAnswered({ ...state, lease: { ...orphaned.lease, lost } }, answer, NOW_MS);
    missedAtMs = state.lease?.lost?.missedAtMs ?? [];
  }
  const evidence = state.lease?.evidence;
  assert(evidence?.kind === 'venue_pages', 'the pages are the evidence');
  const closing = { leaseId: 'lease-shown', evidence, by: 'ada', why: 'a drill' };
  expect(await closeLease(books.db, closing)).toBeUndefined();
});

// The last one: every lease here is of the same markets.
test('what traded is booked before it is told', async () => {
  await lentStart(books, 'traded');
  const fill = fillOf({
    ...{ venueOrderId: 'k-1', executionId: '1', instrument: NO, atMs: Date.now() },
  });
  const { answer } = await read('traded', { kalshi: { entries: { kind: 'read', value: [fill] } } });
  const strays = [{ venueOrderId: 'k-1', instrument: NO, isOpen: false }];
  expect(answer).toMatchObject({ venues: [{ strays: [] }, { venue: 'kalshi', strays }] });
});
