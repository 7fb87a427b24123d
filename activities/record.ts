import { type Closing, formatAmount, isTerminal } from '../domain/index.js';
import {
  closeTrade,
  findOrders,
  insertFreeze,
  liftFreeze,
  liftFreezeOfOrder,
  recordAnswer,
  residualFreezeId,
  withdrawalsOf,
} from '../store/index.js';
import { freezeForUnknown } from './freeze-for-unknown.js';
import { compareWithBooks, endLateRows, recordedOf } from './late-rows.js';
import { withdrawEarlierEnd } from './reopen.js';
import { reportBreak } from './report-break.js';
import { tell } from './tell.js';
import type { TradeActivities } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';

type RecordRequest = Parameters<TradeActivities['record']>[0];
type RecordedAt = Awaited<ReturnType<TradeActivities['record']>>;

/** The end of a trade, and then a look at whether it has all that is booked of it. */
export async function record(desk: TradingDesk, closing: RecordRequest): Promise<RecordedAt> {
  const recorded = await recordEnd(desk, closing);
  const { workflowId, intent } = closing;
  await compareWithBooks(desk, { workflowId, pairId: intent.pairId, by: workflowId });
  return recorded;
}

/**
 * Leaves the result, releases the reservation and sets the end of the pair's hold, in one
 * transaction; a second call changes nothing, unless the first lacked rows that this one has. A residual
 * freezes its pair: somebody has to look.
 * A trade whose exits were taken over is closed by its new owner, who still needs what it reserved.
 */
export async function recordEnd(desk: TradingDesk, closing: RecordRequest): Promise<RecordedAt> {
  const recordedAtMs = desk.nowMs();
  const { workflowId, intent, result } = closing;
  desk.reached('record: asked, nothing written', workflowId);
  const isTakenOver = result.residual?.reason === 'taken_over';
  if (!isTakenOver) await withdrawEarlierEnd(desk, closing);
  const withdrawals = await withdrawalsOf(desk.db, workflowId);
  if (result.residual) {
    const { quantity, leg, reason } = result.residual;
    await insertFreeze(desk.db, {
      freezeId: residualFreezeId(workflowId, withdrawals),
      scope: { kind: 'pair', key: intent.pairId },
      cause: 'residual',
      why: `${formatAmount(quantity)} ${leg.toUpperCase()} left: ${reason}`,
      by: workflowId,
      action: 'leave',
      atMs: recordedAtMs,
    });
    desk.reached('record: residual frozen, not closed', workflowId);
  }
  const { account, pairId } = intent;
  for (const found of closing.breaks) {
    await reportBreak(desk, { workflowId, account, pairId, found, story: [] });
  }
  await settleOrders(desk, closing, recordedAtMs);
  desk.reached('record: orders settled, not closed', workflowId);
  await tell(desk, workflowId, closing.story);
  if (!isTakenOver) {
    await closeTrade(desk.db, { ...closing, atMs: recordedAtMs });
    await endEarlier(desk, { workflowId, withdrawals });
  }
  desk.reached('record: closed, not told', workflowId);
  return { recordedAtMs };
}

/** What ends that were taken back have left: their freezes, and a break where rows were missing. */
async function endEarlier(
  desk: TradingDesk,
  { workflowId, withdrawals }: { readonly workflowId: string; readonly withdrawals: number },
): Promise<void> {
  if (withdrawals === 0) return;
  desk.reached('record: second end written, the first one not over', workflowId);
  const word = { by: workflowId, why: 'its end was taken back', atMs: desk.nowMs() };
  for (let earlier = 0; earlier < withdrawals; earlier += 1) {
    await liftFreeze(desk.db, { freezeId: residualFreezeId(workflowId, earlier), ...word });
  }
  if ((await recordedOf(desk.db, workflowId)) === 'has_all') await endLateRows(desk, workflowId);
}

/**
 * Rows may have ended a doubt that no answer did: the order's own row says so, and its freeze goes. A
 * doubt whose waiting only an operator's word has ended stays one: its pair is frozen until evidence.
 * An order that no worker ever took has no row, and needs none.
 */
async function settleOrders(
  desk: TradingDesk,
  { orders, workflowId, intent: { pairId } }: Closing,
  atMs: number,
): Promise<void> {
  const stored = await findOrders(
    desk.db,
    orders.map(({ clientOrderId }) => clientOrderId),
  );
  const before = new Map(stored.map(({ order, status }) => [order.clientOrderId, status]));
  const known = orders.filter(({ clientOrderId }) => before.has(clientOrderId));
  const detail = { said: 'the trade has ended' };
  for (const { clientOrderId, status } of known) {
    if (!isTerminal(status)) {
      const freeze = { workflowId, pairId, clientOrderId, why: BY_WORD, story: [] };
      await freezeForUnknown(desk, freeze);
      continue;
    }
    if (before.get(clientOrderId) !== status) {
      await recordAnswer(desk.db, { clientOrderId, event: 'closed', status, detail, atMs });
    }
    await liftFreezeOfOrder(desk.db, clientOrderId, atMs);
  }
}

const BY_WORD = 'an operator has ended the waiting for its order; the venue has told nothing of it';
