import { type Kysely, sql } from 'kysely';
import { type BreakerState, money, ZERO_MONEY } from '../domain/index.js';
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

/** The facts that a breaker is judged by, counted from closed trades and never kept beside them. */
export async function readBreaker(
  db: Kysely<Database>,
  scope: BreakerScope,
  nowMs: number,
): Promise<BreakerState> {
  const [{ count, lastAtMs }, hasOpenUnknown, realisedToday] = [
    await errorsInARow(db, scope),
    await hasUnknownOrder(db, scope),
    await realisedSince(db, scope, nowMs - (nowMs % DAY_MS)),
  ];
  return { errors: { count, lastAtMs, hasOpenUnknown }, realisedToday };
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

async function errorsInARow(db: Kysely<Database>, scope: BreakerScope) {
  const { account, pairId } = scope;
  const rows = await db
    .selectFrom('intents')
    .select(['is_error', 'closed_at'])
    .where('account', '=', account)
    .where('is_error', 'is not', null)
    .where('closed_at', '>', await lastReset(db, scope, 'errors'))
    .$if(pairId !== undefined, (query) => query.where('pair_id', '=', pairId ?? ''))
    .orderBy('closed_at', 'desc')
    .limit(ERRORS_COUNTED_MAX)
    .execute();
  const success = rows.findIndex((row) => row.is_error === false);
  const count = success < 0 ? rows.length : success;
  const last = count === 0 ? undefined : rows[0]?.closed_at;
  return { count, lastAtMs: last ? ms(last) : 0 };
}

async function hasUnknownOrder(db: Kysely<Database>, scope: BreakerScope): Promise<boolean> {
  const { account, pairId } = scope;
  const found = await db
    .selectFrom('orders')
    .innerJoin('intents', 'intents.workflow_id', 'orders.workflow_id')
    .select('client_order_id')
    .where('orders.account', '=', account)
    .where('orders.status', '=', 'unknown')
    .$if(pairId !== undefined, (query) => query.where('intents.pair_id', '=', pairId ?? ''))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

async function realisedSince(db: Kysely<Database>, scope: BreakerScope, sinceMs: number) {
  const { account, pairId } = scope;
  const { realised } = await db
    .selectFrom('intents')
    .select(sql<string | null>`sum(realised)`.as('realised'))
    .where('account', '=', account)
    .where('is_error', 'is not', null)
    .where('closed_at', '>=', at(sinceMs))
    .where('closed_at', '>', await lastReset(db, scope, 'loss'))
    .$if(pairId !== undefined, (query) => query.where('pair_id', '=', pairId ?? ''))
    .executeTakeFirstOrThrow();
  return realised === null ? ZERO_MONEY : money(realised);
}

async function lastReset(
  db: Kysely<Database>,
  { account, pairId }: BreakerScope,
  breaker: 'errors' | 'loss',
): Promise<Date> {
  const found = await db
    .selectFrom('breaker_resets')
    .select('at')
    .where('account', '=', account)
    .where('breaker', '=', breaker)
    .where('pair_id', 'is not distinct from', pairId ?? null)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return found?.at ?? at(0);
}
