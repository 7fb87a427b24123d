import { describeWord, toWire } from '../domain/index.js';
import { writeAuditOnce } from '../store/index.js';
import { tell } from './tell.js';
import type { WordRecord } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';

/** The audit keeps what an operator said of an order, and where that stood before and after. */
export async function recordWord(
  desk: TradingDesk,
  { workflowId, word, before, after, atMs, story }: WordRecord,
): Promise<{ readonly recordedAtMs: number }> {
  const { clientOrderId, evidence, by, why } = word;
  desk.reached('word: said, not written', workflowId);
  await writeAuditOnce(desk.db, {
    action: 'resolve_unknown',
    subject: clientOrderId,
    by,
    why: why ?? describeWord(word),
    detail: toWire({ workflowId, evidence, before, after }),
    atMs,
  });
  desk.reached('word: written, not told', workflowId);
  await tell(desk, workflowId, story);
  return { recordedAtMs: desk.nowMs() };
}
