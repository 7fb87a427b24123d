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

export interface RoundsKept {
  /** There is something to do: the next round is due now. Who stands by goes on standing by. */
  readonly wake: () => void;
  readonly stop: () => Promise<void>;
}

/** Work of which one process of a desk makes round after round, while the others stand by. */
export function keepRounds(rounds: Rounds): RoundsKept {
  const keeper = new RoundKeeper(rounds);
  const running = keeper.run();
  return {
    wake: () => {
      keeper.wake();
    },
    stop: async () => {
      keeper.stop();
      await running;
    },
  };
}

class RoundKeeper {
  #lock: ProcessLock | undefined;
  #isStopped = false;
  /** Ends the pause after the round that is being made, or the one that it is in. */
  #pause = new AbortController();
  readonly #rounds: Rounds;

  constructor(rounds: Rounds) {
    this.#rounds = rounds;
  }

  wake(): void {
    if (this.#lock) this.#pause.abort();
  }

  stop(): void {
    this.#isStopped = true;
    this.#pause.abort();
  }

  async run(): Promise<void> {
    while (!this.#isStopped) {
      this.#pause = new AbortController();
      const waitMs = await this.#round();
      const { signal } = this.#pause;
      await setTimeout(waitMs, undefined, { signal }).catch(() => undefined); // woken, or to stop
    }
    await this.#lock?.release();
  }

  async #round(): Promise<number> {
    const { tryLock, round, retryMs, log, onFailure } = this.#rounds;
    try {
      if (this.#lock?.isLost()) this.#lock = undefined;
      this.#lock ??= await tryLock();
      return this.#lock ? await round() : retryMs;
    } catch (error) {
      log.warn({ err: error }, onFailure);
      return retryMs;
    }
  }
}
