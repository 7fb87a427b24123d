import { type Freeze, type FreezeSubject, freezeOf } from '../domain/index.js';

/** What Postgres says about freezes, and when the read that said it began. */
export interface ControlWord {
  readonly epoch: number;
  readonly freezes: readonly Freeze[];
  readonly readBeganAtMs: number;
}

export interface FreezeGateOptions {
  /** One cheap query; throws when Postgres does not answer. */
  readonly readControl: () => Promise<{
    readonly epoch: number;
    readonly freezes: readonly Freeze[];
  }>;
  readonly acknowledge: (epoch: number) => Promise<void>;
  readonly nowMs: () => number;
  /** How often the word is read again, told or not: 250 ms (DESIGN §8.1). */
  readonly pollEveryMs: number;
  /** Older than this, the word allows no entry: 1 s (DESIGN §8.1). */
  readonly leaseMs: number;
  readonly onError: (error: unknown) => void;
}

/** A shot may begin (and must end), or why not. */
export type Passage =
  | { readonly kind: 'entered'; readonly leave: () => void }
  | { readonly kind: 'frozen'; readonly freeze: Freeze }
  | { readonly kind: 'control_lost'; readonly heardMsAgo: number; readonly limitMs: number };

interface Section {
  readonly epoch: number;
}

/**
 * The last thing read before the wire (DESIGN §8).
 *
 * 1. The word is read every `pollEveryMs`, and at once when `wake` is called; a wake decides nothing.
 * 2. A word whose read began `leaseMs` ago or longer allows no entry: who cannot hear takes no risk.
 * 3. A shot is a section: from its one reading of the word to its last byte.
 * 4. An epoch is acknowledged only when every section that began before it was seen has ended.
 */
export class FreezeGate {
  #word: ControlWord | undefined;
  #acknowledged = -1;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #isStopped = false;
  readonly #sections = new Set<Section>();
  readonly #options: FreezeGateOptions;

  constructor(options: FreezeGateOptions) {
    this.#options = options;
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
    clearTimeout(this.#timer);
    void this.#poll(); // it never rejects: a failed read is told to `onError` and lets the lease end
  }

  /** For exits, which a freeze changes but does not stop. */
  freezeOf(subject: FreezeSubject): Freeze | undefined {
    return freezeOf(this.#word?.freezes ?? [], subject);
  }

  /** The one reading that a shot goes by. Call it last; after `entered` no byte may wait for anything. */
  enter(subject: FreezeSubject): Passage {
    const { leaseMs: limitMs } = this.#options;
    const word = this.#word;
    const heardMsAgo = word ? this.#options.nowMs() - word.readBeganAtMs : Number.MAX_SAFE_INTEGER;
    if (!word || heardMsAgo >= limitMs) return { kind: 'control_lost', heardMsAgo, limitMs };
    const freeze = freezeOf(word.freezes, subject);
    if (freeze) return { kind: 'frozen', freeze };

    const section: Section = { epoch: word.epoch };
    this.#sections.add(section);
    return { kind: 'entered', leave: () => void this.#leave(section) };
  }

  async #leave(section: Section): Promise<void> {
    if (!this.#sections.delete(section)) return; // left before
    await this.#acknowledgeIfQuiet();
  }

  async #poll(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#poll(), this.#options.pollEveryMs);
  }

  async #read(): Promise<void> {
    const readBeganAtMs = this.#options.nowMs();
    try {
      this.#word = { ...(await this.#options.readControl()), readBeganAtMs };
      await this.#acknowledgeIfQuiet();
    } catch (error) {
      this.#options.onError(error);
    }
  }

  async #acknowledgeIfQuiet(): Promise<void> {
    const epoch = this.#word?.epoch;
    if (epoch === undefined || epoch === this.#acknowledged) return;
    const isQuiet = [...this.#sections].every((section) => section.epoch >= epoch);
    if (!isQuiet) return;
    try {
      await this.#options.acknowledge(epoch);
      this.#acknowledged = epoch;
    } catch (error) {
      this.#options.onError(error); // not acknowledged: the next read tries again
    }
  }
}
