import { unknownFreezeId } from '../domain/index.js';
import { insertFreeze } from '../store/index.js';
import { tell } from './tell.js';
import type { UnknownFreeze } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';

/** Freezes the pair of an order that stays unknown; evidence, and nothing else, lifts it again. */
export async function freezeForUnknown(
  desk: TradingDesk,
  { pairId, clientOrderId, why, workflowId, story }: UnknownFreeze,
): Promise<{ readonly freezeId: string }> {
  desk.reached('freeze: asked, not written', workflowId);
  const freezeId = unknownFreezeId(clientOrderId); // one per order: a retry finds the row
  await insertFreeze(desk.db, {
    freezeId,
    scope: { kind: 'pair', key: pairId },
    cause: 'unknown_order',
    why,
    by: workflowId,
    action: 'leave',
    atMs: desk.nowMs(),
    liftsWhenResolved: clientOrderId,
  });
  desk.reached('freeze: written, not told', workflowId);
  await tell(desk, workflowId, story);
  return { freezeId };
}
