import { setTimeout as delay } from 'node:timers/promises';
import type { FiredCount } from '../../store/index.js';

/** How a phase of a session came to its end. */
export type PhaseEnd = 'reached' | 'interrupted' | 'overtime';

/** What a session waits for. */
export interface SessionCount extends FiredCount {
  /** Orders that are not certain, and breaks that are nobody's. */
  readonly unresolved: number;
}

export interface Phase {
  readonly read: () => Promise<SessionCount>;
  readonly isReached: (count: SessionCount) => boolean;
  readonly timeoutMs: number;
  readonly lookEveryMs: number;
  readonly interrupted: AbortSignal;
  /** Told whenever the count has changed. */
  readonly onProgress: (count: SessionCount) => void;
  /** The count cannot be read now: the next look may. */
  readonly onError: (error: unknown) => void;
}

/** Looks at the count in Postgres until it is reached, time is over or somebody wants the end. */
export async function phaseEnd(phase: Phase): Promise<PhaseEnd> {
  const untilMs = performance.now() + phase.timeoutMs;
  let shown = '';
  for (;;) {
    if (phase.interrupted.aborted) return 'interrupted';
    const count = await readOrNothing(phase);
    if (count) {
      if (phase.isReached(count)) return 'reached';
      const told = JSON.stringify(count);
      if (told !== shown) phase.onProgress(count);
      shown = told;
    }
    if (performance.now() >= untilMs) return 'overtime';
    await delay(phase.lookEveryMs);
  }
}

async function readOrNothing({ read, onError }: Phase): Promise<SessionCount | undefined> {
  try {
    return await read();
  } catch (error) {
    onError(error);
    return undefined;
  }
}
