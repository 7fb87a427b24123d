import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ProcessLock } from '../../store/index.js';

export interface Rounds {
  /** Tries to become the one who makes them; `undefined` while another process is. */
  readonly tryLock: () => Promise<ProcessLock | undefined>;
  /** One round; returns after how many milliseconds the next one is due. */
  readonly round: () => Promise<number>;
  /** Also how often the lock is tried. */
  readonly retryMs: number;
  readonly log: Logger;
  /** What is said of a round that threw; the next one is made all the same. */
  readonly onFailure: string;
}

/** Work of which one process of a desk makes round after round, while the others stand by. */
export function keepRounds(rounds: Rounds): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const running = roundsUntil(stopping.signal, rounds);
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function roundsUntil(stopped: AbortSignal, rounds: Rounds): Promise<void> {
  const { tryLock, round, retryMs, log, onFailure } = rounds;
  let lock: ProcessLock | undefined;
  while (!stopped.aborted) {
    let waitMs = retryMs;
    try {
      if (lock?.isLost()) lock = undefined;
      lock ??= await tryLock();
      if (lock) waitMs = await round();
    } catch (error) {
      log.warn({ err: error }, onFailure);
    }
    await setTimeout(waitMs, undefined, { signal: stopped }).catch(() => undefined); // woken to stop
  }
  await lock?.release();
}
