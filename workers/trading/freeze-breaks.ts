import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Pair, Venue } from '../../domain/index.js';
import { type Database, insertFreeze, type OpenBreak, openBreaks } from '../../store/index.js';

/** Breaks that whoever finds them cannot tie to a pair: their market says which one it is. */
const kinds: readonly string[] = ['entry_differs', 'final_after_reversal', 'order_differs'];

export interface FreezeBreaksOptions {
  readonly db: Kysely<Database>;
  readonly venue: Venue;
  readonly pairs: () => readonly Pair[];
  readonly nowMs: () => number;
}

/**
 * A venue that has told one thing in two ways may be wrong about the position: the pair takes no new
 * risk until somebody has looked. One freeze per break; thawed, it stays thawed.
 */
export async function freezeBreaks(options: FreezeBreaksOptions): Promise<void> {
  const { db, venue, nowMs } = options;
  const ours = (await openBreaks(db)).filter(
    (found) => kinds.includes(found.kind) && found.venue === venue.name,
  );
  for (const found of ours) {
    const pairId = found.pairId ?? pairIdOf(options, found);
    if (pairId === undefined) continue;
    await insertFreeze(db, {
      freezeId: `break/${found.breakId}`,
      scope: { kind: 'pair', key: pairId },
      cause: 'reconciliation_break',
      why: `${found.kind}: ${found.key}`,
      by: 'booker',
      action: 'leave',
      atMs: nowMs(),
    });
  }
}

/** As `bookEntries` and `evidenceOf` leave them. */
const detailSchema = z.union([
  z.object({ told: z.object({ market: z.string() }) }).transform(({ told }) => told.market),
  z.object({ market: z.string() }).transform(({ market }) => market),
]);

function pairIdOf({ pairs, venue }: FreezeBreaksOptions, { detail }: OpenBreak) {
  const market = detailSchema.safeParse(detail);
  return pairs().find((pair) => pair[venue.name].market === market.data)?.pairId;
}
