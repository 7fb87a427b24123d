import { setTimeout as delay } from 'node:timers/promises';

/** How a phase of a session came to its end. */
export type PhaseEnd = 'reached' | 'interrupted' | 'overtime';

export interface Phase<Count> {
  readonly read: () => Promise<Count>;
  readonly isReached: (count: Count) => boolean;
  readonly timeoutMs: number;
  readonly lookEveryMs: number;
  readonly interrupted: AbortSignal;
  /** Told whenever the count has changed. */
  readonly onProgress: (count: Count) => void;
  /** The count cannot be read now: the next look may. */
  readonly onError: (error: unknown) => void;
}

/** Looks at the count in Postgres until it is reached, time is over or somebody wants the end. */
export async function phaseEnd<Count>(phase: Phase<Count>): Promise<PhaseEnd> {
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

async function readOrNothing<Count>({ read, onError }: Phase<Count>): Promise<Count | undefined> {
  try {
    return await read();
  } catch (error) {
    onError(error);
    return undefined;
  }
}
