import type { Kysely } from 'kysely';
import { instrumentKey, isAccountedFor, type TradeRow, tradeCaseKey } from '../domain/index.js';
import {
  type Database,
  insertFreeze,
  openBreak,
  openCaseOf,
  resultOfTrade,
  tradeRows,
} from '../store/index.js';
import type { TradingDesk } from './trading-desk.js';

/** What a trade's recorded result says of the rows that are booked of it. */
export type Recorded = 'no_result' | 'has_all' | 'misses_some';

export async function recordedOf(db: Kysely<Database>, workflowId: string): Promise<Recorded> {
  const result = await resultOfTrade(db, workflowId);
  if (!result) return 'no_result';
  return isAccountedFor(result, await tradeRows(db, workflowId)) ? 'has_all' : 'misses_some';
}

/**
 * Rows may be booked while a result is written, which was made without them. Whoever writes it looks
 * once it is written, and the booker once it has told its rows: one of the two comes second, and sees
 * both. What was moved is a position that nobody has, and the next sweep gives it to custody.
 */
export async function compareWithBooks(
  { db, nowMs }: TradingDesk,
  { workflowId, pairId }: { readonly workflowId: string; readonly pairId: string },
): Promise<void> {
  if ((await recordedOf(db, workflowId)) !== 'misses_some') return;
  // Custody sells what was matched, and has not told how that ended yet.
  if (await openCaseOf(db, tradeCaseKey(workflowId))) return;
  const rows = await tradeRows(db, workflowId);
  await reportLateRows(db, { workflowId, pairId, rows, by: workflowId, atMs: nowMs() });
}

interface LateRows {
  readonly workflowId: string;
  readonly pairId?: string;
  readonly rows: readonly TradeRow[];
  readonly by: string;
  readonly atMs: number;
}

/** A trade's result says something else than its venues do: its pair takes no new risk. */
export async function reportLateRows(
  db: Kysely<Database>,
  { workflowId, pairId, rows, by, atMs }: LateRows,
): Promise<void> {
  const detail = rows.map(({ instrument, executionId, kind }) => {
    return { instrument: instrumentKey(instrument), executionId, kind };
  });
  const about = pairId === undefined ? {} : { pairId };
  const kind = 'report_without_workflow';
  await openBreak(db, { kind, key: workflowId, ...about, detail, atMs });
  if (pairId === undefined) return;
  await insertFreeze(db, {
    freezeId: `unowned/${workflowId}`,
    scope: { kind: 'pair', key: pairId },
    cause: 'reconciliation_break',
    why: `a venue reported about ${workflowId}, which has ended`,
    by,
    action: 'leave',
    atMs,
  });
}
