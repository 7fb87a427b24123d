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
  const dayBegan = at(nowMs - (nowMs % DAY_MS));
  const { rows } = await sql<BreakerRow>`
    ${factsOf({ account, pairId }, dayBegan)} union all ${factsOf({ account }, dayBegan)}
  `.execute(db);
  const [pair, total] = rows;
  assert(pair !== undefined && total !== undefined, 'each scope has its row');
  return { pair: breakerFrom(pair), total: breakerFrom(total) };
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
  readonly errors: number;
  readonly last_at: Date | null;
  readonly has_unknown: boolean;
  readonly realised: string | null;
}

function breakerFrom(row: BreakerRow): BreakerState {
  return {
    errors: {
      count: row.errors,
      lastAtMs: row.last_at ? ms(row.last_at) : 0,
      hasOpenUnknown: row.has_unknown,
    },
    realisedToday: row.realised === null ? ZERO_MONEY : money(row.realised),
  };
}

/** A trade that fired nothing has no `is_error`: it neither adds to a row of errors nor ends one. */
function factsOf({ account, pairId }: BreakerScope, dayBegan: Date): RawBuilder<BreakerRow> {
  const ofPair = pairId === undefined ? sql`true` : sql`intents.pair_id = ${pairId}`;
  const counted = sql`intents.account = ${account} and is_error is not null and ${ofPair}`;
  const since = (breaker: BreakerReset['breaker']): RawBuilder<Date> => sql`(
    select coalesce(max(at), to_timestamp(0)) from breaker_resets
    where account = ${account} and breaker = ${breaker}
      and pair_id is not distinct from ${pairId ?? null}
  )`;
  return sql`
    select errors.*, has_unknown, realised from (
      select count(*) as errors, max(closed_at) as last_at from (
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
        where orders.account = ${account} and orders.status = 'unknown' and ${ofPair}
      ) as has_unknown
    ) as doubt, (
      select sum(realised) as realised from intents
      where ${counted} and closed_at >= ${dayBegan} and closed_at > ${since('loss')}
    ) as day`;
}
