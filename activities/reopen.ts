import {
  isAccountedFor,
  positionCaseKey,
  type StoredTrade,
  type TradeResult,
  tradeCaseKey,
} from '../domain/index.js';
import {
  readStoredTrade,
  reopenTrade,
  resultOfTrade,
  tradeRows,
  withdrawResult,
} from '../store/index.js';
import type { TradingDesk } from './trading-desk.js';

// The end of a trade is written by a local activity, within the task that decides it. Where a venue's
// news reaches the server before that task does, the server refuses it, and the trade decides anew:
// it lives, and its end is written. These make the books follow.

/**
 * A living trade whose written end lacks rows takes it back, with what was set aside for it. Whoever asks
 * knows that it lives: the server has taken a signal for it, or its rung was never tried.
 *
 * `false`: its end has every row; or custody has what it holds, or has sold it since.
 */
export async function reopened(
  desk: Pick<TradingDesk, 'db' | 'policy' | 'nowMs' | 'reached'>,
  workflowId: string,
): Promise<boolean> {
  const trade = await approvedAndClosed(desk, workflowId);
  if (!trade) return false;
  const { policy } = desk;
  const isReopened = await reopenTrade(desk.db, { ...trade, policy, atMs: desk.nowMs() });
  if (isReopened) desk.reached('reopen: end taken back, not told', workflowId);
  return isReopened;
}

/**
 * Whether a living trade has no written end any more: it is taken back now, or somebody else has done
 * that since the end was read. `false`: it stands, and custody answers for what the trade holds.
 */
export async function isOpenAgain(
  desk: Pick<TradingDesk, 'db' | 'policy' | 'nowMs' | 'reached'>,
  workflowId: string,
): Promise<boolean> {
  if (await reopened(desk, workflowId)) return true;
  return (await resultOfTrade(desk.db, workflowId)) === undefined;
}

/** A result that has every row takes the place of one that was written too early, and lacks some. */
export async function withdrawEarlierEnd(
  desk: TradingDesk,
  { workflowId, result }: { readonly workflowId: string; readonly result: TradeResult },
): Promise<void> {
  if (!(await resultOfTrade(desk.db, workflowId))) return;
  if (!isAccountedFor(result, await tradeRows(desk.db, workflowId))) return;
  const closed = await approvedAndClosed(desk, workflowId);
  if (!closed) return;
  const { caseKeys } = closed;
  await withdrawResult(desk.db, { workflowId, caseKeys, atMs: desk.nowMs() });
}

async function approvedAndClosed(
  { db }: Pick<TradingDesk, 'db'>,
  workflowId: string,
): Promise<{ readonly trade: StoredTrade; readonly caseKeys: readonly string[] } | undefined> {
  const stored = await readStoredTrade(db, workflowId);
  if (!stored?.isClosed || stored.trade.admission?.kind !== 'approved') return undefined;
  const { yesOrder, noOrder } = stored.trade.admission.entries;
  const positions = [yesOrder, noOrder].map(({ account, instrument }) =>
    positionCaseKey(account, instrument),
  );
  return { trade: stored.trade, caseKeys: [tradeCaseKey(workflowId), ...positions] };
}
