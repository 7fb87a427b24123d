import type { Silence } from '../../store/index.js';

interface Seen {
  readonly epoch: number;
  readonly atMs: number;
}

interface Patience {
  /** From then on it stands still: counted from when it was seen here, not from the commit. */
  readonly silentMs: number;
  /** Between two looks; after a longer one nobody was looked at, and all begin anew. */
  readonly lookGapMs: number;
}

/**
 * Who has been silent about a freeze for too long, by looks that are told the time of a clock that only
 * goes forwards.
 *
 * 1. Nobody is late for what was seen a moment ago: neither a freeze nor a process, so that one that has
 *    just begun has its whole time.
 * 2. Many freezes in a row make nobody late who acknowledges each in time.
 * 3. When no look came for long (this process stood still, or Postgres was away, for the others too),
 *    everybody has the whole time once more.
 */
export class SilentChildren {
  readonly #patience: Patience;
  #lookedAtMs: number | undefined;
  /** By epoch, the oldest first; of those that are old enough only the newest counts. */
  #freezes: readonly Seen[] = [];
  #processes: ReadonlyMap<string, number> = new Map();

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  /** The ids of those among `own` that are late. */
  late(nowMs: number, silence: Silence | undefined, own: ReadonlySet<string>): readonly string[] {
    this.#beginAnewAfterGap(nowMs);
    if (!silence) {
      this.#freezes = [];
      this.#processes = new Map();
      return [];
    }
    const silent = silence.processes.filter(({ processId }) => own.has(processId));
    this.#processes = new Map(
      silent.map(({ processId }) => [processId, this.#processes.get(processId) ?? nowMs]),
    );
    const due = this.#dueEpoch(nowMs, silence.epoch);
    return silent
      .filter(({ epochAcknowledged }) => due !== undefined && epochAcknowledged < due)
      .map(({ processId }) => processId)
      .filter((processId) => this.#isDue(nowMs, this.#processes.get(processId) ?? nowMs));
  }

  /** The newest of the freezes that everybody must have acknowledged by now. */
  #dueEpoch(nowMs: number, newest: number): number | undefined {
    const isNew = this.#freezes.every(({ epoch }) => epoch < newest);
    const all = isNew ? [...this.#freezes, { epoch: newest, atMs: nowMs }] : this.#freezes;
    const due = all.findLast(({ atMs }) => this.#isDue(nowMs, atMs));
    this.#freezes = all.filter(({ epoch }) => due === undefined || epoch >= due.epoch);
    return due?.epoch;
  }

  #beginAnewAfterGap(nowMs: number): void {
    const gapMs = nowMs - (this.#lookedAtMs ?? nowMs);
    this.#lookedAtMs = nowMs;
    if (gapMs <= this.#patience.lookGapMs) return;
    this.#freezes = this.#freezes.map(({ epoch }) => ({ epoch, atMs: nowMs }));
    this.#processes = new Map([...this.#processes.keys()].map((processId) => [processId, nowMs]));
  }

  #isDue(nowMs: number, sinceMs: number): boolean {
    return nowMs - sinceMs >= this.#patience.silentMs;
  }
}
