import type { Kysely } from 'kysely';
import { instrumentKey, isAccountedFor, tradeCaseKey } from '../domain/index.js';
import {
  type ClosedSince,
  type ClosedTrade,
  closeFrozenBreak,
  type Database,
  openCaseOf,
  openFrozenBreak,
  resultOfTrade,
  tradeRows,
  tradesOffTheirBooks,
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
 * once it is written, the booker once it has told its rows, whoever asked a venue once it has booked
 * what it heard, and every sweep looks again: what nobody was there to tell is found all the same.
 * What was moved is a position that nobody has, and the sweep gives it to custody.
 */
export async function compareWithBooks(
  { db, nowMs, reached }: Pick<TradingDesk, 'db' | 'nowMs' | 'reached'>,
  { workflowId, pairId, by }: ClosedTrade & { readonly by: string },
): Promise<void> {
  if ((await recordedOf(db, workflowId)) !== 'misses_some') return;
  // Custody sells what was matched, and has not told how that ended yet.
  if (await openCaseOf(db, tradeCaseKey(workflowId))) return;
  await reportLateRows({ db, reached }, { workflowId, pairId, by, atMs: nowMs() });
}

interface Look extends ClosedSince {
  readonly by: string;
  /** Whether its trade lives, and has taken its end back. */
  readonly reopen: (workflowId: string) => Promise<boolean>;
}

/** Looks at every trade of an account that has closed since then. */
export async function compareClosed(
  desk: Pick<TradingDesk, 'db' | 'nowMs' | 'reached'>,
  { account, sinceMs, by, reopen }: Look,
): Promise<void> {
  for (const trade of await tradesOffTheirBooks(desk.db, { account, sinceMs })) {
    if (!(await reopen(trade.workflowId))) await compareWithBooks(desk, { ...trade, by });
  }
}

/** A result that has all of them takes the place of the one that was told of: nobody has to look. */
export async function endLateRows(
  { db, nowMs }: Pick<TradingDesk, 'db' | 'nowMs'>,
  workflowId: string,
): Promise<void> {
  await closeFrozenBreak(db, {
    ...{ kind: BREAK, key: workflowId, freezes: `${FREEZE}/${workflowId}/` },
    ...{ by: workflowId, why: 'its result has them all', atMs: nowMs() },
  });
}

const BREAK = 'report_without_workflow';
const FREEZE = 'unowned';

interface LateRows {
  readonly workflowId: string;
  readonly pairId?: string;
  readonly by: string;
  readonly atMs: number;
}

/**
 * A trade's result says something else than its venues do: its pair takes no new risk until somebody
 * has looked. What was looked at once is told again only when there are more rows.
 */
export async function reportLateRows(
  { db, reached }: Pick<TradingDesk, 'db' | 'reached'>,
  { workflowId, pairId, by, atMs }: LateRows,
): Promise<void> {
  const rows = await tradeRows(db, workflowId);
  const detail = rows.map(({ instrument, executionId, kind }) => {
    return { instrument: instrumentKey(instrument), executionId, kind };
  });
  const found = { kind: BREAK, key: workflowId, detail, atMs };
  reached('late rows: found, nothing written', workflowId);
  if (pairId === undefined) return openFrozenBreak(db, { found, once: true });
  await openFrozenBreak(db, {
    found: { ...found, pairId },
    freeze: {
      freezeId: `${FREEZE}/${workflowId}/${rows.length}`,
      scope: { kind: 'pair', key: pairId },
      cause: 'reconciliation_break',
      why: `a venue reported about ${workflowId}, which has ended`,
      by,
      action: 'leave',
      atMs,
    },
    once: true,
  });
  reached('late rows: pair frozen, not told', workflowId);
}
