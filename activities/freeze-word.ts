import { type Freeze, type FreezeSubject, freezeOf } from '../domain/index.js';

/** What Postgres says about freezes. */
interface Control {
  readonly epoch: number;
  readonly freezes: readonly Freeze[];
}

export interface FreezeWordOptions {
  /** One cheap query; throws when Postgres does not answer. */
  readonly readControl: () => Promise<Control>;
  readonly acknowledge: (epoch: number) => Promise<void>;
  /** How often the word is read again, told or not: 250 ms (DESIGN §8.1). */
  readonly pollEveryMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * The word about freezes of a process that takes no new risk: admissions read it in their own
 * transaction, shots at the gate of their engine. Exits read it here.
 *
 * 1. It is read every `pollEveryMs`, and at once when `wake` is called; a wake decides nothing.
 * 2. An epoch is acknowledged once it was read: every exit that is priced from then on goes by it.
 * 3. Without Postgres the last word stands: an exit is changed by a freeze and never stopped.
 */
export class FreezeWord {
  #control: Control | undefined;
  #acknowledged = -1;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #isStopped = false;
  /** A reading that is under way may not know of what has woken it. */
  #wakes = 0;
  readonly #options: FreezeWordOptions;

  constructor(options: FreezeWordOptions) {
    this.#options = options;
  }

  /** The last epoch that was; below 0: none yet. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  async start(): Promise<void> {
    await this.#poll();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#reading;
  }

  /** Somebody announced a change: read now instead of at the next poll. */
  wake(): void {
    if (this.#isStopped) return;
    this.#wakes += 1;
    clearTimeout(this.#timer);
    void this.#poll(); // it never rejects: a failed read is told to `onError`
  }

  freezeOf(subject: FreezeSubject): Freeze | undefined {
    return freezeOf(this.#control?.freezes ?? [], subject);
  }

  async #poll(): Promise<void> {
    this.#reading ??= this.#readUntilQuiet().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#poll(), this.#options.pollEveryMs);
  }

  async #readUntilQuiet(): Promise<void> {
    for (let wakes = -1; wakes !== this.#wakes && !this.#isStopped; ) {
      wakes = this.#wakes;
      await this.#read();
    }
  }

  async #read(): Promise<void> {
    const { readControl, acknowledge, onError } = this.#options;
    try {
      this.#control = await readControl();
      const { epoch } = this.#control;
      if (epoch === this.#acknowledged) return;
      await acknowledge(epoch);
      this.#acknowledged = epoch;
    } catch (error) {
      onError(error); // what is not acknowledged is at the next read
    }
  }
}
