import { breakFreezeId, breakKey, toWire } from '../domain/index.js';
import { openFrozenBreak } from '../store/index.js';
import { tell } from './tell.js';
import type { BreakReport } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';

/**
 * What a venue told that cannot be is counted all the same; its pair takes no new risk until somebody
 * has looked. Told again it is one break and one freeze, also where both are over by now.
 */
export async function reportBreak(
  desk: TradingDesk,
  { workflowId, account, pairId, found, story }: BreakReport,
): Promise<{ readonly freezeId: string }> {
  const atMs = desk.nowMs();
  const key = breakKey(workflowId, found);
  const detail = toWire(found);
  const freezeId = breakFreezeId(workflowId, found);
  desk.reached('break: found, not written', workflowId);
  await openFrozenBreak(desk.db, {
    found: { kind: found.kind, key, account, pairId, detail, atMs },
    freeze: {
      freezeId,
      scope: { kind: 'pair', key: pairId },
      cause: 'reconciliation_break',
      why: `${found.kind}: ${key}`,
      by: workflowId,
      action: 'leave',
      atMs,
    },
    once: true,
  });
  desk.reached('break: its pair frozen, not told', workflowId);
  await tell(desk, workflowId, story);
  return { freezeId };
}
