import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { freezeTimes } from '../domain/index.js';
import { type Acknowledgement, acknowledgements, type Database } from '../store/index.js';

/** Whether every process that could fire has said that it does not any more. */
export interface Acknowledged {
  readonly tookMs: number;
  readonly acknowledged: readonly Acknowledgement[];
  /** Registered, not ended, not confirmed killed, and silent about this epoch. */
  readonly missing: readonly Acknowledgement[];
}

export interface Wait {
  readonly waitMs: number;
  readonly lookEveryMs: number;
}

/** DESIGN §8.3: then the operator is told who is missing. */
export const acknowledgementWait: Wait = { waitMs: freezeTimes.commandWaitMs, lookEveryMs: 1 };

/** Looks until all have acknowledged the epoch or a later one, or the wait is over. */
export async function awaitAcknowledgements(
  db: Kysely<Database>,
  epoch: number,
  { waitMs, lookEveryMs }: Wait,
): Promise<Acknowledged> {
  const beganAtMs = performance.now();
  for (;;) {
    const all = await acknowledgements(db);
    const missing = all.filter((process) => process.epochAcknowledged < epoch);
    const tookMs = performance.now() - beganAtMs;
    if (missing.length === 0 || tookMs >= waitMs) {
      return { tookMs, missing, acknowledged: all.filter((process) => !missing.includes(process)) };
    }
    await delay(lookEveryMs);
  }
}
