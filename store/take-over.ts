import type { Kysely } from 'kysely';
import type { ExitOwnership } from '../domain/index.js';
import { writeAudit } from './audit.js';
import { claimExit, exitOwner } from './exit-owners.js';
import { lockNames } from './sql-values.js';
import { appendStory } from './story.js';
import type { Database } from './tables.js';

export interface TakeOver {
  /** The trade whose exits are taken over. */
  readonly workflowId: string;
  /** The workflow that gets them. */
  readonly holder: string;
  readonly by: string;
  readonly why: string;
  readonly atMs: number;
}

export interface TakenOver {
  readonly before: ExitOwnership;
  readonly now: ExitOwnership;
}

/**
 * Moves the exits of an open trade to another owner, who needs neither the trade's workflow nor a
 * worker for it: the next epoch, and with it the audit and a line of the story. Said again, nothing
 * changes. `undefined` where the trade is not open or was never approved: it owns no exits.
 */
export async function takeOverExit(
  db: Kysely<Database>,
  { workflowId: key, holder, by, why, atMs }: TakeOver,
): Promise<TakenOver | undefined> {
  return db.transaction().execute(async (tx) => {
    await lockNames([`exit/${key}`]).execute(tx);
    const before = await exitOwner(tx, key);
    if (!before || !(await isOpen(tx, key))) return undefined;
    if (before.holder === holder) return { before, now: before };
    const now = await claimExit(tx, { key, holder });
    const detail = { before, now };
    await writeAudit(tx, { action: 'take_over', subject: key, by, why, detail, atMs });
    const text = `exits go to ${holder} (epoch ${now.epoch}), by ${by}: ${why}`;
    await appendStory(tx, { workflowId: key, event: 'taken_over', text, detail, atMs });
    return { before, now };
  });
}

/** A trade that ends at this moment waits, or has ended before: its row is locked until the commit. */
async function isOpen(tx: Kysely<Database>, workflowId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('intents')
    .select('closed_at')
    .where('workflow_id', '=', workflowId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row?.closed_at === null;
}
