import { type Kysely, sql } from 'kysely';
import { assert, type BreakerState, money, ZERO_MONEY } from '../domain/index.js';
import { writeAudit } from './audit.js';
import { at, ms } from './sql-values.js';
import type { Database } from './tables.js';

/** What a breaker counts over: one pair of an account, or all of them. */
export interface BreakerScope {
  readonly account: string;
  readonly pairId?: string;
}

export interface BreakerReset extends BreakerScope {
  readonly breaker: 'errors' | 'loss';
  readonly by: string;
  readonly why: string;
  readonly atMs: number;
}

const DAY_MS = 86_400_000;

/**
 * The facts that both breakers of a trade are judged by, in one statement because the account is
 * locked meanwhile. They are counted from closed trades and never kept beside them.
 */
export async function readBreakers(
  db: Kysely<Database>,
  { account, pairId, nowMs }: Required<BreakerScope> & { readonly nowMs: number },
): Promise<{ readonly pair: BreakerState; readonly total: BreakerState }> {
  const [pair, total] = await breakersOf(db, { scopes: [{ account, pairId }, { account }], nowMs });
  assert(pair !== undefined && total !== undefined, 'each scope has its row');
  return { pair, total };
}

/** A breaker's facts beside what it counts over. */
export interface ScopedBreaker {
  readonly account: string;
  /** Absent: the account's total. */
  readonly pairId?: string;
  readonly state: BreakerState;
}

/** The total of an account first, then every pair that ended a trade within the last day. */
export async function accountBreakers(
  db: Kysely<Database>,
  { account, nowMs }: { readonly account: string; readonly nowMs: number },
): Promise<readonly ScopedBreaker[]> {
  const pairs = await db
    .selectFrom('intents')
    .select('pair_id')
    .distinct()
    .where('account', '=', account)
    .where('is_error', 'is not', null)
    .where('closed_at', '>', at(nowMs - DAY_MS))
    .orderBy('pair_id')
    .execute();
  const ofPairs = pairs.map(({ pair_id: pairId }) => ({ account, pairId }));
  const scopes: readonly BreakerScope[] = [{ account }, ...ofPairs];
  const states = await breakersOf(db, { scopes, nowMs });
  return scopes.flatMap((scope, index) => {
    const state = states[index];
    return state ? [{ ...scope, state }] : [];
  });
}

/** One statement, one snapshot: a state per scope, in their order (`breaker_state` in SQL). */
async function breakersOf(
  db: Kysely<Database>,
  { scopes, nowMs }: { readonly scopes: readonly BreakerScope[]; readonly nowMs: number },
): Promise<readonly BreakerState[]> {
  const accounts = scopes.map(({ account }) => account);
  const pairIds = scopes.map(({ pairId }) => pairId ?? null);
  const { rows } = await sql<BreakerRow>`
    select facts.* from unnest(${accounts}::text[], ${pairIds}::text[])
        with ordinality as scopes (account, pair_id, position),
      breaker_state(scopes.account, scopes.pair_id, ${nowMs}) as facts
    order by position`.execute(db);
  return rows.map(breakerFrom);
}

/** An operator's word: what happened before it does not count any more. Audited. */
export async function resetBreaker(db: Kysely<Database>, reset: BreakerReset): Promise<void> {
  const { account, pairId, breaker, by, why, atMs } = reset;
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('breaker_resets')
      .values({ account, breaker, pair_id: pairId ?? null, by, why, at: at(atMs) })
      .execute();
    const subject = pairId === undefined ? account : `${account}/${pairId}`;
    await writeAudit(tx, { action: 'breaker_reset', subject, by, why, detail: { breaker }, atMs });
  });
}

interface BreakerRow {
  /** When each error of the row was, oldest first. */
  readonly errors_at: readonly Date[] | null;
  readonly has_unknown: boolean;
  readonly realised_today: string | null;
}

function breakerFrom(row: BreakerRow): BreakerState {
  const atMs = (row.errors_at ?? []).map(ms);
  const errors = { count: atMs.length, lastAtMs: atMs.at(-1) ?? 0, atMs };
  return {
    errors: { ...errors, hasOpenUnknown: row.has_unknown },
    realisedToday: row.realised_today === null ? ZERO_MONEY : money(row.realised_today),
  };
}
