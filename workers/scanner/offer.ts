import type { Kysely } from 'kysely';
import type { LegworkClient } from '../../client/index.js';
import type { ArbitrageIntent, Wire } from '../../domain/index.js';
import { appendStory, type Database } from '../../store/index.js';
import type { Verdict } from './verdict.js';

/** The line of a trade's story that says how long its strategy waited for the verdict. */
export const VERDICT_EVENT = 'verdict';

/**
 * Hands an intent to the client and notes in the trade's story how long the verdict took, as only
 * the one who asked can know it.
 */
export function offerVia(client: LegworkClient, db: Kysely<Database>) {
  return async (intent: Wire<ArbitrageIntent>): Promise<Verdict> => {
    const beganAtMs = performance.now();
    const { verdict, handle } = await client.arbitrage(intent);
    const tookMs = Math.round((performance.now() - beganAtMs) * 10) / 10;
    await appendStory(db, {
      ...{ workflowId: handle.workflowId, atMs: Date.now(), event: VERDICT_EVENT },
      text: `${verdict.kind} after ${tookMs} ms`,
      detail: { tookMs },
    });
    return verdict;
  };
}
