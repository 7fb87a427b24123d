import type { Kysely } from 'kysely';
import { type Database, liftFreeze, needlessFreezes } from '../../store/index.js';

interface Look {
  /** What the look before this one has found. */
  readonly before: ReadonlySet<string>;
  readonly atMs: number;
}

/**
 * Lifts the freezes whose reason was over at the look before, too: whoever ended it has died before it
 * lifted them. One look is not enough, because that one may be about to, and may first have to write
 * what freezes the same pair anew. Returns what this look has found.
 */
export async function liftNeedless(
  db: Kysely<Database>,
  { before, atMs }: Look,
): Promise<readonly string[]> {
  const found = await needlessFreezes(db);
  for (const freezeId of found.filter((one) => before.has(one))) {
    await liftFreeze(db, { freezeId, by: 'sweep', why: 'its reason is over', atMs });
  }
  return found;
}
