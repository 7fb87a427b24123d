import type { Kysely } from 'kysely';
import { isTradeRow, type TradeRow, type VenueEntry, type VenueName } from '../domain/index.js';
import { openBreakOnce } from './breaks.js';
import { type BookedEntry, bookedEntry, isResolvedStray, lockEntriesOf } from './entry-orders.js';
import { type BookingPlan, planBooking, withReversedFill } from './entry-plan.js';
import { entryColumns, entryFrom, entryKey, sourceOf, tradeRowFrom } from './entry-rows.js';
import { reviewHeldPairs } from './review-held-pairs.js';
import { at, ms } from './sql-values.js';
import type { Database } from './tables.js';
import { together } from './together.js';
import type { Transaction } from './transaction.js';
import { isOfUnadopted } from './unadopted-shots.js';

/** A page of a venue at most; a longer list is booked in several commits. */
const ENTRIES_PER_COMMIT_MAX = 200;

/**
 * Books what a venue said, each entry once by (venue, account, order or reference, execution, kind).
 *
 * 1. Telling an entry again changes nothing, but a provisional fill may become final.
 * 2. A reversal whose fill was never heard books that fill too: the venue has said both.
 * 3. Other amounts under the same key are a break; what was booked first stays.
 * 4. An entry finds its order by our id, else by the venue's; one of an unknown order is booked all
 *    the same and is attached when the order becomes known.
 *
 * Returns what is newly booked or newly final, in the order told.
 */
export async function bookEntries(
  db: Kysely<Database>,
  entries: readonly VenueEntry[],
): Promise<readonly BookedEntry[]> {
  const booked: BookedEntry[] = [];
  for (let from = 0; from < entries.length; from += ENTRIES_PER_COMMIT_MAX) {
    const page = entries.slice(from, from + ENTRIES_PER_COMMIT_MAX);
    booked.push(...(await db.transaction().execute((tx) => bookPage(tx, page))));
  }
  return booked;
}

/** The fills and reversals of one trade, as booked. */
export async function tradeRows(
  db: Kysely<Database>,
  workflowId: string,
): Promise<readonly TradeRow[]> {
  const rows = await db
    .selectFrom('venue_entries')
    .selectAll()
    .where('workflow_id', '=', workflowId)
    .orderBy('seq')
    .execute();
  return rows.map(tradeRowFrom);
}

/** The fills and reversals of one order, as booked. */
export async function tradeRowsOfOrder(
  db: Kysely<Database>,
  clientOrderId: string,
): Promise<readonly TradeRow[]> {
  const rows = await db
    .selectFrom('venue_entries')
    .selectAll()
    .where('client_order_id', '=', clientOrderId)
    .orderBy('seq')
    .execute();
  return rows.map(tradeRowFrom);
}

/** Newest first, of one trade or of all; all of them without a limit. */
export async function listEntries(
  db: Kysely<Database>,
  { limit, workflowId }: { readonly limit?: number; readonly workflowId?: string } = {},
): Promise<readonly BookedEntry[]> {
  const rows = await db
    .selectFrom('venue_entries')
    .selectAll()
    .$if(workflowId !== undefined, (query) => query.where('workflow_id', '=', workflowId ?? ''))
    .orderBy('seq', 'desc')
    .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
    .execute();
  return rows.map(bookedEntry);
}

/**
 * Trade rows that no order of ours explains and nobody has resolved, oldest first: each is a break
 * once it has some age.
 */
export async function entriesWithoutOrder(
  db: Kysely<Database>,
  {
    venue,
    account,
    bookedBeforeMs,
  }: {
    readonly venue: VenueName;
    readonly account: string;
    readonly bookedBeforeMs: number;
  },
): Promise<readonly VenueEntry[]> {
  const rows = await db
    .selectFrom('venue_entries')
    .selectAll()
    .where('venue', '=', venue)
    .where('account', '=', account)
    .where('client_order_id', 'is', null)
    .where('kind', 'in', ['fill', 'reversal'])
    .where('booked_at', '<', at(bookedBeforeMs))
    .where((where) => where.not(isResolvedStray))
    .where((where) => where.not(isOfUnadopted))
    .orderBy('seq')
    .execute();
  return rows.map(entryFrom);
}

/** Up to when the booker has read the pages of an account; `undefined` before the first time. */
export async function readBookerCursor(
  db: Kysely<Database>,
  venue: VenueName,
  account: string,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('booker_cursors')
    .select('booked_until')
    .where('venue', '=', venue)
    .where('account', '=', account)
    .executeTakeFirst();
  return row && ms(row.booked_until);
}

/** Moves the cursor on; it never goes back, whoever was slower. */
export async function writeBookerCursor(
  db: Kysely<Database>,
  {
    venue,
    account,
    atMs,
  }: {
    readonly venue: VenueName;
    readonly account: string;
    readonly atMs: number;
  },
): Promise<void> {
  await db
    .insertInto('booker_cursors')
    .values({ venue, account, booked_until: at(atMs) })
    .onConflict((conflict) =>
      conflict
        .columns(['venue', 'account'])
        .doUpdateSet({ booked_until: at(atMs) })
        .where('booker_cursors.booked_until', '<', at(atMs)),
    )
    .execute();
}

async function bookPage(
  tx: Transaction,
  entries: readonly VenueEntry[],
): Promise<readonly BookedEntry[]> {
  const sources = entries.map((entry) => ({
    venue: entry.instrument.venue,
    account: entry.account,
    source: sourceOf(entry),
  }));
  const all = entries.flatMap(withReversedFill);
  const [, before, owners] = await together(tx, (go) =>
    Promise.all([lockEntriesOf(go, sources), bookedBefore(go, entries), ownersOf(go, all)]),
  );
  const plan = planBooking(entries, before);
  const [fresh, final] = await together(tx, (go) =>
    Promise.all([insertEntries(go, plan, owners), makeFinal(go, plan)]),
  );
  await reviewPairsPaid(tx, fresh);
  for (const { entry, booked, kind } of plan.contradictions) {
    const { venue } = entry.instrument;
    const detail = { told: entryColumns(entry), booked: entryColumns(booked) };
    const { account, atMs } = entry;
    await openBreakOnce(tx, { kind, key: entryKey(entry), account, venue, detail, atMs });
  }
  return [...fresh, ...final];
}

/** A market has paid, or sets were merged: a held pair may be over by that. */
async function reviewPairsPaid(tx: Transaction, fresh: readonly BookedEntry[]): Promise<void> {
  const paid = fresh.map(({ entry }) => entry).filter((entry) => !isTradeRow(entry));
  const nowMs = Math.max(...paid.map(({ atMs }) => atMs));
  for (const account of new Set(paid.map((entry) => entry.account))) {
    const own = paid.filter((entry) => entry.account === account);
    const markets = [...new Set(own.map(({ instrument }) => instrument.market))];
    await reviewHeldPairs(tx, { account, markets, nowMs });
  }
}

/** Everything booked of the same sources: the same keys, and the reversals of fills among them. */
async function bookedBefore(
  tx: Transaction,
  entries: readonly VenueEntry[],
): Promise<readonly VenueEntry[]> {
  if (entries.length === 0) return [];
  const rows = await tx
    .selectFrom('venue_entries')
    .selectAll()
    .where('source', 'in', [...new Set(entries.map(sourceOf))])
    .where('account', 'in', [...new Set(entries.map((entry) => entry.account))])
    .execute();
  return rows.map(entryFrom);
}

interface Owner {
  readonly client_order_id: string;
  readonly workflow_id: string;
  readonly pair_id: string | null;
}

/** Whose each entry is, by its key: the order with our id, else the one with the venue's. */
async function ownersOf(
  tx: Transaction,
  entries: readonly VenueEntry[],
): Promise<ReadonlyMap<string, Owner>> {
  const trades = entries.filter(isTradeRow);
  if (trades.length === 0) return new Map();
  const orders = await tx
    .selectFrom('orders')
    .leftJoin('intents', 'intents.workflow_id', 'orders.workflow_id')
    .select(['client_order_id', 'orders.workflow_id', 'intents.pair_id', 'venue', 'venue_order_id'])
    .select('orders.account')
    .where('is_forbidden', '=', false)
    .where((where) =>
      where.or([
        where(
          'client_order_id',
          'in',
          trades.map((entry) => entry.clientOrderId ?? ''),
        ),
        where(
          'venue_order_id',
          'in',
          trades.map((entry) => entry.venueOrderId),
        ),
      ]),
    )
    .execute();
  const owners = trades.flatMap((entry) => {
    const owner = orders.find(
      (order) =>
        order.venue === entry.instrument.venue &&
        order.account === entry.account &&
        (order.venue_order_id === null
          ? order.client_order_id === entry.clientOrderId
          : order.venue_order_id === entry.venueOrderId),
    );
    return owner ? [[entryKey(entry), owner] as const] : [];
  });
  return new Map(owners);
}

async function insertEntries(
  tx: Transaction,
  { fresh }: BookingPlan,
  owners: ReadonlyMap<string, Owner>,
): Promise<readonly BookedEntry[]> {
  if (fresh.length === 0) return [];
  const rows = fresh.map((entry) => {
    const owner = owners.get(entryKey(entry));
    return {
      ...entryColumns(entry),
      client_order_id: owner?.client_order_id ?? null,
      workflow_id: owner?.workflow_id ?? null,
      pair_id: owner?.pair_id ?? null,
    };
  });
  // Each row adds to its instrument's sum; always in the same order, so that two pages booked at
  // the same time never wait for each other in a circle.
  const sorted = rows.toSorted((a, b) => (sumKey(a) < sumKey(b) ? -1 : 1));
  const inserted = await tx.insertInto('venue_entries').values(sorted).returningAll().execute();
  return inserted.map(bookedEntry);
}

const sumKey = (row: { account: string; venue: string; market: string; outcome: string }): string =>
  JSON.stringify([row.account, row.venue, row.market, row.outcome]);

async function makeFinal(tx: Transaction, { final }: BookingPlan): Promise<readonly BookedEntry[]> {
  const updates = final.map((fill) =>
    tx
      .updateTable('venue_entries')
      .set({ finality: 'final' })
      .where('venue', '=', fill.instrument.venue)
      .where('account', '=', fill.account)
      .where('source', '=', fill.venueOrderId)
      .where('execution_id', '=', fill.executionId)
      .where('kind', '=', 'fill')
      .returningAll()
      .executeTakeFirstOrThrow(),
  );
  return (await Promise.all(updates)).map(bookedEntry);
}
