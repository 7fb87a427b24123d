import {
  isAccountedFor,
  positionCaseKey,
  type StoredTrade,
  type TradeResult,
  tradeCaseKey,
} from '../domain/index.js';
import {
  readStoredTrade,
  restoreReservation,
  resultOfTrade,
  tradeRows,
  wasWithdrawn,
  withdrawResult,
} from '../store/index.js';
import { recordedOf } from './late-rows.js';
import type { TradingDesk } from './trading-desk.js';

// The end of a trade is written by a local activity, within the task that decides it. Where a venue's
// news reaches the server before that task does, the server refuses it, and the trade decides anew:
// it lives, and its end is written. These make the books follow.

/**
 * A living trade has something to get out of, and its end was written: it takes its end back, with what
 * was set aside for it. `false`: custody has what it holds, or is on the way to it; or its end lacks
 * nothing, and who asks is a zombie of a trade that is over, with what it kept.
 */
export async function reopened(desk: TradingDesk, workflowId: string): Promise<boolean> {
  if ((await recordedOf(desk.db, workflowId)) !== 'misses_some') return false;
  const trade = await withdrawn(desk, workflowId);
  if (!trade) return false;
  await restoreReservation(desk.db, { trade, policy: desk.policy, atMs: desk.nowMs() });
  return true;
}

/**
 * A result that has every row takes the place of one that was written too early, and lacks some.
 * `true`: an end of this trade was taken back, now or when it had something to get out of.
 */
export async function isSecondEnd(
  desk: TradingDesk,
  { workflowId, result }: { readonly workflowId: string; readonly result: TradeResult },
): Promise<boolean> {
  const [before, isReopened] = await Promise.all([
    resultOfTrade(desk.db, workflowId),
    wasWithdrawn(desk.db, workflowId),
  ]);
  if (!before) return isReopened;
  const rows = await tradeRows(desk.db, workflowId);
  if (isAccountedFor(before, rows) || !isAccountedFor(result, rows)) return false;
  return (await withdrawn(desk, workflowId)) !== undefined;
}

async function withdrawn(desk: TradingDesk, workflowId: string): Promise<StoredTrade | undefined> {
  const stored = await readStoredTrade(desk.db, workflowId);
  if (!stored?.isClosed || stored.trade.admission?.kind !== 'approved') return undefined;
  const { yesOrder, noOrder } = stored.trade.admission.entries;
  const positions = [yesOrder, noOrder].map(({ account, instrument }) =>
    positionCaseKey(account, instrument),
  );
  const caseKeys = [tradeCaseKey(workflowId), ...positions];
  const isTakenBack = await withdrawResult(desk.db, { workflowId, caseKeys, atMs: desk.nowMs() });
  return isTakenBack ? stored.trade : undefined;
}
