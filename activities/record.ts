import { type Closing, formatAmount } from '../domain/index.js';
import { closeTrade, insertFreeze } from '../store/index.js';
import type { TradingDesk } from './trading-desk.js';

/**
 * Leaves the result, releases the reservation and sets the end of the pair's hold, in one
 * transaction; a second call changes nothing. A residual freezes its pair: somebody has to look.
 */
export async function record(
  desk: TradingDesk,
  closing: Closing,
): Promise<{ readonly recordedAtMs: number }> {
  const recordedAtMs = desk.nowMs();
  const { workflowId, intent, result } = closing;
  if (result.residual) {
    const { quantity, leg, reason } = result.residual;
    await insertFreeze(desk.db, {
      freezeId: `residual/${workflowId}`,
      scope: { kind: 'pair', key: intent.pairId },
      cause: 'residual',
      why: `${formatAmount(quantity)} ${leg.toUpperCase()} left: ${reason}`,
      by: workflowId,
      action: 'leave',
      atMs: recordedAtMs,
    });
  }
  await closeTrade(desk.db, { ...closing, atMs: recordedAtMs });
  return { recordedAtMs };
}
