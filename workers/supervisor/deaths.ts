import type { ProcessRecord } from './leftovers.js';
import { noLongerThan } from './no-longer-than.js';

/** How soon a death is told again that Postgres did not hear of. */
const TELL_AGAIN_MS = 250;
const SETTLED_WITHIN_MS = 2_000;

/**
 * Tells Postgres of every process that was seen gone, so that a freeze need not wait for it; again until
 * it has heard. What it never hears stays in the record, and the next start tells it.
 */
export class Deaths {
  readonly #confirm: (processId: string) => Promise<void>;
  readonly #record: ProcessRecord;
  readonly #untold = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #isSettled = false;
  #telling: Promise<void> = Promise.resolve();

  constructor(confirm: (processId: string) => Promise<void>, record: ProcessRecord) {
    this.#confirm = confirm;
    this.#record = record;
  }

  seen(processId: string): void {
    this.#untold.add(processId);
    this.#tell();
  }

  /** Once more, and then no more: a Postgres that hangs is told by the next start. */
  async settle(): Promise<void> {
    this.#isSettled = true;
    this.#tell();
    await noLongerThan(SETTLED_WITHIN_MS, this.#telling);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#telling = this.#telling.then(async () => {
      for (const processId of this.#untold) await this.#tellOf(processId);
      clearTimeout(this.#timer);
      if (this.#untold.size > 0 && !this.#isSettled)
        this.#timer = setTimeout(() => this.#tell(), TELL_AGAIN_MS);
    });
  }

  async #tellOf(processId: string): Promise<void> {
    try {
      await this.#confirm(processId);
      this.#record.ended(processId);
      this.#untold.delete(processId);
    } catch {
      // Postgres is away: it is told again, or by the next start.
    }
  }
}
