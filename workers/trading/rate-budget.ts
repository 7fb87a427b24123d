import type { Kysely } from 'kysely';
import type { RateBudget, RateLimits, VenueName } from '../../domain/index.js';
import { type Database, emptyBucket, ensureBucket, takeTokens } from '../../store/index.js';

export interface BudgetOptions {
  readonly db: Kysely<Database>;
  readonly venue: VenueName;
  readonly account: string;
  readonly limits: RateLimits;
}

/** So much of a bucket is for getting out, and for finding out what is on the wire. */
const URGENT_SHARE = 0.25;

/** The account's buckets in Postgres, which every process of it takes from. */
export async function openRateBudget(options: BudgetOptions): Promise<RateBudget> {
  const { db, venue, account, limits } = options;
  for (const kind of ['read', 'write'] as const) {
    await ensureBucket(db, { venue, account, kind, ...limits[kind], atMs: Date.now() });
  }
  return {
    take: ({ kind, cost, isUrgent }) => {
      const floor = isUrgent ? 0 : limits[kind].capacity * URGENT_SHARE;
      return takeTokens(db, { venue, account, kind, cost, floor });
    },
    emptied: (kind, forMs) => emptyBucket(db, { venue, account, kind, forMs }),
  };
}
