import { type Kysely, sql } from 'kysely';
import { at } from './sql-values.js';
import { appendStory } from './story.js';
import type { Database } from './tables.js';

export interface Withdrawal {
  readonly workflowId: string;
  /** Cases of custody's that would make the trade's end somebody else's: its own, its positions'. */
  readonly caseKeys: readonly string[];
  readonly atMs: number;
}

/**
 * Takes back the end of a trade that lives: its result was written, and the task that had decided so
 * was never completed, because news of the venue came first (the server refuses an end that has not
 * seen every signal) or its worker died. What was released stays released.
 *
 * `false`, and nothing is done, where custody looks after what the trade holds by now, or its match
 * was paid or is being sold: then the end stands, and what is missing of it is a break.
 */
export async function withdrawResult(
  db: Kysely<Database>,
  { workflowId, caseKeys, atMs }: Withdrawal,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql`
      insert into withdrawn_results (workflow_id, result, closed_at, withdrawn_at)
      select workflow_id, result, closed_at, ${at(atMs)} from intents
      where workflow_id = ${workflowId} and closed_at is not null
        and not exists (select 1 from custody_cases
          where key = any(${caseKeys}::text[]) and closed_at is null)
        and not exists (select 1 from held_pairs where workflow_id = ${workflowId}
          and (closed_at is not null or paid <> 0 or flatten_epoch <> 0))
      for update of intents
      returning workflow_id`.execute(tx);
    if (rows.length === 0) return false;
    await tx
      .updateTable('intents')
      .set({ result: null, closed_at: null, is_error: null, realised: null })
      .where('workflow_id', '=', workflowId)
      .execute();
    await tx.deleteFrom('held_pairs').where('workflow_id', '=', workflowId).execute();
    const text = 'news came before its end was told: it goes on';
    await appendStory(tx, { workflowId, event: 'reopened', text, detail: {}, atMs });
    return true;
  });
}

/** Whether an end of this trade was ever taken back. */
export async function wasWithdrawn(db: Kysely<Database>, workflowId: string): Promise<boolean> {
  const found = await db
    .selectFrom('withdrawn_results')
    .select('withdrawal')
    .where('workflow_id', '=', workflowId)
    .executeTakeFirst();
  return found !== undefined;
}
