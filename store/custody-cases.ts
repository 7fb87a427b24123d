import { type Kysely, type Selectable, sql } from 'kysely';
import {
  type CustodyCase,
  type CustodyPlace,
  custodyOf,
  formatAmount,
  fromWire,
  instrumentKey,
  toWire,
  type VenueName,
} from '../domain/index.js';
import { closeBreak, type OpenBreak, openBreak, openBreaks } from './breaks.js';
import type { Row } from './columns.js';
import { insertFreezeWithin, liftFreezeWithin } from './freezes.js';
import { at, json, ms } from './sql-values.js';
import type { Database, tables } from './tables.js';
import type { Transaction } from './transaction.js';

/** A case as it is kept: who looks after it, since when, and how it ended. */
export interface StoredCase {
  readonly caseId: number;
  readonly custodyId: string;
  readonly place: CustodyPlace;
  readonly pairId?: string;
  readonly found: CustodyCase;
  readonly openedAtMs: number;
  /** Custody has looked at it as it stands. */
  readonly isTaken: boolean;
  readonly closedAtMs?: number;
  readonly closedHow?: string;
}

export interface CaseToOpen {
  readonly place: CustodyPlace;
  readonly found: CustodyCase;
  readonly pairId?: string;
  readonly atMs: number;
}

/**
 * Opens a case: its row, a break that somebody sees, and a freeze of its pair where strangers trade.
 * Open already, it stays with whom it is, and only its figures change.
 */
export async function openCase(db: Kysely<Database>, toOpen: CaseToOpen): Promise<StoredCase> {
  const { place, found, pairId, atMs } = toOpen;
  const wire = json(toWire(found));
  return db.transaction().execute(async (tx) => {
    const row = await tx
      .insertInto('custody_cases')
      .values({
        custody_id: custodyOf(place),
        key: found.key,
        kind: found.kind,
        account: place.account,
        venue: place.instrument.venue,
        instrument: json(place.instrument),
        pair_id: pairId ?? null,
        found: wire,
        opened_at: at(atMs),
      })
      .onConflict((conflict) =>
        conflict
          .column('key')
          .where('closed_at', 'is', null)
          .doUpdateSet({
            found: wire,
            taken_at: sql<Date | null>`case when custody_cases.found = excluded.found
              then custody_cases.taken_at end`,
          }),
      )
      .returningAll()
      .executeTakeFirstOrThrow();
    if (ms(row.opened_at) === atMs && row.taken_at === null) await warn(tx, toOpen, row.case_id);
    return storedCase(row);
  });
}

/** Cases that somebody looks after, oldest first; of one venue account or of all. */
export async function openCases(
  db: Kysely<Database>,
  of?: { readonly venue: VenueName; readonly account: string },
): Promise<readonly StoredCase[]> {
  const rows = await db
    .selectFrom('custody_cases')
    .selectAll()
    .where('closed_at', 'is', null)
    .$if(of !== undefined, (query) =>
      query.where('account', '=', of?.account ?? '').where('venue', '=', of?.venue ?? 'kalshi'),
    )
    .orderBy('case_id')
    .execute();
  return rows.map(storedCase);
}

/** The open case of that key. */
export async function openCaseOf(
  db: Kysely<Database>,
  key: string,
): Promise<StoredCase | undefined> {
  const row = await db
    .selectFrom('custody_cases')
    .selectAll()
    .where('key', '=', key)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  return row && storedCase(row);
}

/**
 * Open breaks that are still somebody's to end, oldest first: all but contracts that custody has
 * taken. Those have an owner and an age that everybody sees, and may have to wait for their market.
 */
export async function breaksToEnd(db: Kysely<Database>): Promise<readonly OpenBreak[]> {
  const cases = await openCases(db);
  const kept = cases.filter(({ isTaken, found }) => isTaken && found.kind === 'position');
  const keys = new Set(kept.map(({ found }) => `${breakKind(found.kind)} ${found.key}`));
  return (await openBreaks(db)).filter(({ kind, key }) => !keys.has(`${kind} ${key}`));
}

/** Custody has looked at the case as it stands: no sweep needs to tell it again. */
export async function takeCase(
  db: Kysely<Database>,
  { key, place, atMs }: { readonly key: string; readonly place: CustodyPlace } & AtMs,
): Promise<void> {
  const custodyId = custodyOf(place);
  const { instrument } = place;
  await db
    .updateTable('custody_cases')
    .set({
      taken_at: at(atMs),
      custody_id: custodyId,
      venue: instrument.venue,
      instrument: json(instrument),
    })
    .where('key', '=', key)
    .where('closed_at', 'is', null)
    .where((where) =>
      where.or([where('taken_at', 'is', null), where('custody_id', '<>', custodyId)]),
    )
    .execute();
}

/**
 * The case is over: its break and its freeze go with it, in one commit. Whoever died in between
 * would leave them for ever, since a closed case is closed by nobody again; and a sweep that opened
 * the same key meanwhile would take the old break for its own. Closed before, nothing happens.
 */
export async function closeCase(
  db: Kysely<Database>,
  { key, how, atMs }: { readonly key: string; readonly how: string } & AtMs,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const closed = await tx
      .updateTable('custody_cases')
      .set({ closed_at: at(atMs), closed_how: how })
      .where('key', '=', key)
      .where('closed_at', 'is', null)
      .returning(['case_id', 'kind'])
      .executeTakeFirst();
    if (!closed) return;
    const word = { by: 'custody', why: how, atMs };
    await closeBreak(tx, { kind: breakKind(closed.kind), key, ...word });
    await liftFreezeWithin(tx, { freezeId: freezeIdOf(closed.case_id), ...word });
  });
}

interface AtMs {
  readonly atMs: number;
}

/** What everybody sees from the first moment on, whatever custody makes of it. */
async function warn(
  db: Transaction,
  { place, found, pairId, atMs }: CaseToOpen,
  caseId: number,
): Promise<void> {
  const { account, instrument } = place;
  const about = { account, venue: instrument.venue, ...(pairId !== undefined && { pairId }) };
  const { kind, key } = found;
  await openBreak(db, { kind: breakKind(kind), key, ...about, detail: toWire(found), atMs });
  if (pairId === undefined || !isStrange(found)) return;
  await insertFreezeWithin(db, {
    freezeId: freezeIdOf(caseId),
    scope: { kind: 'pair', key: pairId },
    cause: 'reconciliation_break',
    why: whyFrozen(found),
    by: 'custody',
    action: 'leave',
    atMs,
  });
}

type Strange = Extract<CustodyCase, { readonly kind: 'order' | 'position' | 'difference' }>;

/** Something moves on the venue that is none of ours; a dead trade's hold keeps its pair anyway. */
const isStrange = (found: CustodyCase): found is Strange =>
  found.kind === 'order' || found.kind === 'position' || found.kind === 'difference';

function whyFrozen(found: Strange): string {
  const key = instrumentKey(found.instrument);
  if (found.kind === 'order') return `${key}: ${found.why}`;
  return `${formatAmount(found.quantity)} ${key}: ${found.why}`;
}

const breakKind = (kind: string): string => `custody_${kind}`;
/** The freeze that a case has caused, for as long as it is open. */
export const freezeIdOf = (caseId: number): string => `custody/${String(caseId)}`;

type CaseRow = Selectable<Row<(typeof tables)['custody_cases']>>;

function storedCase(row: CaseRow): StoredCase {
  return {
    caseId: row.case_id,
    custodyId: row.custody_id,
    place: { account: row.account, instrument: row.instrument },
    ...(row.pair_id !== null && { pairId: row.pair_id }),
    found: fromWire<CustodyCase>(row.found),
    openedAtMs: ms(row.opened_at),
    isTaken: row.taken_at !== null,
    ...(row.closed_at && { closedAtMs: ms(row.closed_at) }),
    ...(row.closed_how !== null && { closedHow: row.closed_how }),
  };
}
