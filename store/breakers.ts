import { type Kysely, type RawBuilder, sql } from 'kysely';
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

/** No errors limit is higher; a longer row of errors is as open as this one. */
const ERRORS_COUNTED_MAX = 100;
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

/** One statement, one snapshot: a state per scope, in their order. */
async function breakersOf(
  db: Kysely<Database>,
  { scopes, nowMs }: { readonly scopes: readonly BreakerScope[]; readonly nowMs: number },
): Promise<readonly BreakerState[]> {
  const facts = scopes.map((scope, index) => factsOf(scope, { index, nowMs }));
  const all = sql<BreakerRow>`${sql.join(facts, sql` union all `)} order by scope_index`;
  const { rows } = await all.execute(db);
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
  readonly realised: string | null;
}

function breakerFrom(row: BreakerRow): BreakerState {
  const atMs = (row.errors_at ?? []).map(ms);
  const errors = { count: atMs.length, lastAtMs: atMs.at(-1) ?? 0, atMs };
  return {
    errors: { ...errors, hasOpenUnknown: row.has_unknown },
    realisedToday: row.realised === null ? ZERO_MONEY : money(row.realised),
  };
}

/**
 * A trade that fired nothing has no `is_error`: it neither adds to a row of errors nor ends one. An
 * order is in doubt when it is not certain past its shot, whatever its row calls it.
 */
function factsOf(
  { account, pairId }: BreakerScope,
  { index, nowMs }: { readonly index: number; readonly nowMs: number },
): RawBuilder<BreakerRow> {
  const dayBegan = at(nowMs - (nowMs % DAY_MS));
  const ofPair = pairId === undefined ? sql`true` : sql`intents.pair_id = ${pairId}`;
  const counted = sql`intents.account = ${account} and is_error is not null and ${ofPair}`;
  const since = (breaker: BreakerReset['breaker']): RawBuilder<Date> => sql`(
    select coalesce(max(at), to_timestamp(0)) from breaker_resets
    where account = ${account} and breaker = ${breaker}
      and pair_id is not distinct from ${pairId ?? null}
  )`;
  return sql`
    select ${index}::int as scope_index, errors.*, has_unknown, realised from (
      select array_agg(closed_at order by closed_at) as errors_at from (
        select closed_at, bool_and(is_error) over (order by closed_at desc, intent_id) as is_in_row
        from (
          select closed_at, is_error, intent_id from intents
          where ${counted} and closed_at > ${since('errors')}
          order by closed_at desc limit ${ERRORS_COUNTED_MAX}
        ) as latest
      ) as judged where is_in_row
    ) as errors, (
      select exists (
        select from orders join intents using (workflow_id)
        where orders.account = ${account} and ${ofPair}
          and orders.status in ('planned', 'submitted', 'unknown', 'working', 'pendingCancel')
          and (orders.status = 'unknown' or (child_order ->> 'notAfterMs')::int8 < ${nowMs})
      ) as has_unknown
    ) as doubt, (
      select sum(realised) as realised from intents
      where ${counted} and closed_at >= ${dayBegan} and closed_at > ${since('loss')}
    ) as day`;
}
