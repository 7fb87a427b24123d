import type { Logger } from 'pino';
import type { Suspicions, Swept } from './sweep-account.js';

export interface SweeperOptions {
  /** Written down before the first look: until a sweep has ended, no entry is admitted. */
  readonly begin: () => Promise<void>;
  readonly sweep: (suspicions: Suspicions) => Promise<Swept>;
  readonly swept: () => Promise<void>;
  readonly everyMs: number;
  readonly log: Logger;
}

/** A sweep that could not be made is made again this soon. */
const AGAIN_MS = 1_000;

/**
 * Sweeps one venue account for as long as this process is its booker: once before any entry of the
 * account is admitted, then again and again.
 */
export class Sweeper {
  #suspicions: Suspicions = new Set();
  readonly #options: SweeperOptions;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  async begin(): Promise<void> {
    await this.#options.begin();
  }

  /** One sweep; how long until the next. Never throws: what failed is tried again. */
  async sweep(): Promise<number> {
    const { sweep, swept, everyMs, log } = this.#options;
    const againMs = Math.min(AGAIN_MS, everyMs);
    try {
      const { isComplete, suspicions } = await sweep(this.#suspicions);
      this.#suspicions = suspicions;
      if (!isComplete) return againMs;
      await swept();
      return everyMs;
    } catch (error) {
      log.error({ err: error }, 'a sweep failed; trying again');
      return againMs;
    }
  }
}
