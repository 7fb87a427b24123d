import { type Kysely, sql } from 'kysely';
import { isAccountedFor, type RiskPolicy, type StoredTrade } from '../domain/index.js';
import { restoreWithin } from './custody-repairs.js';
import { tradeRows } from './entries.js';
import { resultOfTrade } from './intents.js';
import { at } from './sql-values.js';
import { appendStory } from './story.js';
import type { Database } from './tables.js';
import type { Transaction } from './transaction.js';

export interface Withdrawal {
  readonly workflowId: string;
  /** Cases of custody's that make the trade's end somebody else's: its own, its positions'. */
  readonly caseKeys: readonly string[];
  readonly atMs: number;
}

export interface Reopening {
  readonly trade: StoredTrade;
  readonly policy: RiskPolicy;
  readonly caseKeys: readonly string[];
  readonly atMs: number;
}

/** By how much the clocks of two hosts may differ: who closed a case, and who wrote the end. */
const CLOCKS_DIFFER_MS = 5_000;

/**
 * Takes back the end of a trade that lives: its result was written, and the task that had decided so
 * was never completed, because news of the venue came first (the server refuses an end that has not
 * seen every signal) or its worker died. What was released stays released; see `reopenTrade`.
 *
 * `false`, and nothing is done: its result has every row; custody looks after what the trade holds, or
 * has looked after it since the end was written, and sold it; its match was paid or is being sold. Then
 * the end stands, and what is missing of it is a break.
 */
export async function withdrawResult(
  db: Kysely<Database>,
  withdrawal: Withdrawal,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => withdrawWithin(tx, withdrawal));
}

/** Takes the end back and sets aside again what the trade may cost, in one commit. */
export async function reopenTrade(
  db: Kysely<Database>,
  { trade, policy, caseKeys, atMs }: Reopening,
): Promise<boolean> {
  const { workflowId } = trade;
  return db.transaction().execute(async (tx) => {
    if (!(await withdrawWithin(tx, { workflowId, caseKeys, atMs }))) return false;
    await restoreWithin(tx, { trade, policy, atMs });
    return true;
  });
}

async function withdrawWithin(
  tx: Transaction,
  { workflowId, caseKeys, atMs }: Withdrawal,
): Promise<boolean> {
  const end = await endOf(tx, workflowId);
  if (!end) return false;
  const sinceMs = end.closedAtMs - CLOCKS_DIFFER_MS;
  if (await isElsewhere(tx, { workflowId, caseKeys, sinceMs })) return false;
  await sql`
    insert into withdrawn_results (workflow_id, result, closed_at, withdrawn_at)
    select workflow_id, result, closed_at, ${at(atMs)} from intents
    where workflow_id = ${workflowId}`.execute(tx);
  await tx
    .updateTable('intents')
    .set({ result: null, closed_at: null, is_error: null, realised: null })
    .where('workflow_id', '=', workflowId)
    .execute();
  await tx.deleteFrom('held_pairs').where('workflow_id', '=', workflowId).execute();
  const text = 'news came before its end was told: it goes on';
  await appendStory(tx, { workflowId, event: 'reopened', text, detail: {}, atMs });
  return true;
}

/** The end that lacks rows, locked; `undefined`: there is none, or it has them all. */
async function endOf(tx: Transaction, workflowId: string) {
  const closed = await tx
    .selectFrom('intents')
    .select('closed_at')
    .where('workflow_id', '=', workflowId)
    .where('closed_at', 'is not', null)
    .forUpdate()
    .executeTakeFirst();
  const result = closed && (await resultOfTrade(tx, workflowId));
  if (!closed?.closed_at || !result) return undefined;
  if (isAccountedFor(result, await tradeRows(tx, workflowId))) return undefined;
  return { closedAtMs: closed.closed_at.getTime() };
}

async function isElsewhere(
  tx: Transaction,
  {
    workflowId,
    caseKeys,
    sinceMs,
  }: Pick<Withdrawal, 'workflowId' | 'caseKeys'> & { readonly sinceMs: number },
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from custody_cases where key = any(${caseKeys}::text[])
      and (closed_at is null or closed_at >= ${at(sinceMs)})
    union all
    select 1 from held_pairs where workflow_id = ${workflowId}
      and (closed_at is not null or paid <> 0 or flatten_epoch <> 0)`.execute(tx);
  return rows.length > 0;
}

/** How often an end of this trade was taken back. */
export async function withdrawalsOf(db: Kysely<Database>, workflowId: string): Promise<number> {
  const { count } = await db
    .selectFrom('withdrawn_results')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('workflow_id', '=', workflowId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Each end has a freeze of its own: one that was lifted is not set again by its id. */
export function residualFreezeId(workflowId: string, withdrawals: number): string {
  return withdrawals === 0 ? `residual/${workflowId}` : `residual/${workflowId}/${withdrawals}`;
}
