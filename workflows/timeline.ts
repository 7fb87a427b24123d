import type { TimelineEvent } from './messages.js';

const LINES_SHOWN = 12;

/** A line, and of whom it tells where a desk tells of several. */
export type UntoldLine = TimelineEvent & { readonly about?: string };

/** What a long run takes along of its timeline. */
export interface CarriedTimeline {
  readonly timeline: readonly TimelineEvent[];
  /** Lines that no activity has taken along yet; absent in runs of before they were carried. */
  readonly untold?: readonly UntoldLine[];
}

/**
 * What a desk tells of itself: its first and its latest lines for Temporal Web, and for each activity
 * the lines that none has taken along to the books yet.
 */
export class Timeline {
  readonly #linesMax: number;
  readonly #lines: TimelineEvent[];
  #untold: UntoldLine[];

  constructor(linesMax: number, carried?: CarriedTimeline) {
    this.#linesMax = linesMax;
    this.#lines = [...(carried?.timeline ?? [])];
    this.#untold = [...(carried?.untold ?? [])];
  }

  get lines(): readonly TimelineEvent[] {
    return this.#lines;
  }

  /** The latest, as Temporal Web shows them. */
  get shown(): readonly string[] {
    return this.#lines.slice(-LINES_SHOWN).map(({ atMs, event, text }) => {
      return `- ${new Date(atMs).toISOString().slice(11, 23)} **${event}** ${text}`;
    });
  }

  get carried(): Required<CarriedTimeline> {
    return { timeline: this.#lines, untold: this.#untold };
  }

  add(event: string, text: string, about?: string): void {
    const line = { atMs: Date.now(), event, text };
    this.#lines.push(line);
    this.#untold.push(about === undefined ? line : { ...line, about });
    if (this.#lines.length > this.#linesMax) this.#lines.splice(this.#linesMax / 2, 1);
  }

  /** The story for an activity: what is untold about this. */
  takeUntold(about?: string): readonly TimelineEvent[] {
    const told = this.#untold.filter((line) => line.about === about);
    this.#untold = this.#untold.filter((line) => line.about !== about);
    return told.map(({ atMs, event, text }) => ({ atMs, event, text }));
  }
}
