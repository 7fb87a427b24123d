import type { Kysely } from 'kysely';
import type { Freeze } from '../domain/index.js';
import { type Break, closeBreak, openBreak, openBreakOnce } from './breaks.js';
import { insertFreezeWithin, liftFreezeWithin, readControl } from './freezes.js';
import type { Database } from './tables.js';

/** What somebody has to look at, and the pair that takes no new risk until then. */
export interface FrozenBreak {
  readonly found: Break;
  /** Absent where no pair is known by it. */
  readonly freeze?: Freeze;
  /** A venue repeats itself: one that somebody has resolved is not opened again. */
  readonly once?: true;
}

/**
 * Both in one commit: a process may die anywhere, and a pair that is frozen for nothing that anybody
 * sees would never be thawed. A freeze that is there already, or was lifted, stays as it is.
 */
export async function openFrozenBreak(
  db: Kysely<Database>,
  { found, freeze, once }: FrozenBreak,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await (once ? openBreakOnce(tx, found) : openBreak(tx, found));
    if (freeze) await insertFreezeWithin(tx, freeze);
  });
}

interface Over {
  readonly kind: string;
  readonly key: string;
  /** What the ids of its freezes begin with. */
  readonly freezes: string;
  readonly by: string;
  readonly why: string;
  readonly atMs: number;
}

/** Closes what evidence has explained and thaws what was frozen for it, in one commit. */
export async function closeFrozenBreak(
  db: Kysely<Database>,
  { kind, key, freezes, ...word }: Over,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await closeBreak(tx, { kind, key, ...word });
    const inForce = (await readControl(tx)).freezes;
    for (const { freezeId } of inForce.filter((one) => one.freezeId.startsWith(freezes))) {
      await liftFreezeWithin(tx, { ...word, freezeId });
    }
  });
}
