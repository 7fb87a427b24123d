import { type Kysely, sql } from 'kysely';
import {
  assert,
  type RateKind,
  type RateLimit,
  type TokenGrant,
  type VenueName,
} from '../domain/index.js';
import { at } from './sql-values.js';
import type { Database } from './tables.js';
import type { Transaction } from './transaction.js';

/** One bucket: every process that uses the account takes from it. */
export interface BucketName {
  readonly venue: VenueName;
  readonly account: string;
  readonly kind: RateKind;
}

/** As the last process to start says, a new bucket is full; one that is there keeps what it holds. */
export async function ensureBucket(
  db: Kysely<Database>,
  bucket: BucketName & RateLimit & { readonly atMs: number },
): Promise<void> {
  const { venue, account, kind, capacity, refillPerSecond: refill_per_second, atMs } = bucket;
  const limit = { capacity, refill_per_second };
  await db
    .insertInto('rate_buckets')
    .values({ venue, account, kind, ...limit, tokens: capacity, as_of: at(atMs) })
    .onConflict((conflict) => conflict.columns(['venue', 'account', 'kind']).doUpdateSet(limit))
    .execute();
}

export interface TokensWanted extends BucketName {
  readonly cost: number;
  /** So many must be left afterwards. */
  readonly floor: number;
  /** Absent: now, by the clock of Postgres, which all processes share. */
  readonly atMs?: number;
}

/**
 * Takes all of the tokens or none. Throws where there is no such bucket, or it could never give them.
 * A transaction of its own that waits for no disk: what a crash forgets was spent in its last instant.
 */
export async function takeTokens(
  db: Kysely<Database>,
  { venue, account, kind, cost, floor, atMs }: TokensWanted,
): Promise<TokenGrant> {
  const time = atMs === undefined ? sql`clock_timestamp()` : sql`${at(atMs)}::timestamptz`;
  const { rows } = await sql<{ readonly granted: boolean; readonly wait_ms: number }>`
    select granted, wait_ms
    from set_config('synchronous_commit', 'off', true),
      take_tokens(${venue}, ${account}, ${kind}, ${cost}, ${floor}, ${time})`.execute(db);
  const [answer] = rows;
  assert(answer !== undefined, 'take_tokens answers');
  return answer.granted ? { kind: 'granted' } : { kind: 'wait', waitMs: answer.wait_ms };
}

/** Takes write tokens where they are counted; `false` where they are not there. */
export async function takeCountedTokens(
  tx: Transaction,
  { venue, account, cost }: Pick<TokensWanted, 'venue' | 'account' | 'cost'>,
): Promise<boolean> {
  const { rows } = await sql<{ readonly granted: boolean }>`
    select taken.granted
    from rate_buckets as bucket, take_tokens(bucket.venue, bucket.account, bucket.kind, ${cost}) as taken
    where bucket.venue = ${venue} and bucket.account = ${account} and bucket.kind = 'write'`.execute(
    tx,
  );
  return rows.every(({ granted }) => granted);
}

/** The venue has refused for its rate: nothing is there until this is over. */
export async function emptyBucket(
  db: Kysely<Database>,
  { venue, account, kind, forMs, atMs }: BucketName & { readonly forMs: number; atMs?: number },
): Promise<void> {
  const time = atMs === undefined ? sql`clock_timestamp()` : sql`${at(atMs)}::timestamptz`;
  await sql`select empty_bucket(${venue}, ${account}, ${kind}, ${forMs}, ${time})`.execute(db);
}

export interface TokensLeft {
  readonly tokens: number;
  readonly refillPerSecond: number;
}

/**
 * What the write buckets of an account hold now. Their rows stay locked until the transaction ends,
 * so that nobody takes what an admission has seen.
 */
export async function writeTokensLeft(
  tx: Transaction,
  account: string,
): Promise<Readonly<Partial<Record<VenueName, TokensLeft>>>> {
  const { rows } = await sql<{
    readonly venue: VenueName;
    readonly tokens: number;
    readonly refill_per_second: number;
  }>`
    select venue, tokens_at(bucket, clock_timestamp()) as tokens, refill_per_second
    from rate_buckets as bucket
    where account = ${account} and kind = 'write'
    order by venue
    for no key update`.execute(tx);
  const left = rows.map(({ venue, tokens, refill_per_second }) => [
    venue,
    { tokens, refillPerSecond: refill_per_second },
  ]);
  return Object.fromEntries(left) as Partial<Record<VenueName, TokensLeft>>; // one row per venue
}
