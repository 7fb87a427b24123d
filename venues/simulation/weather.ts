import type { VenueName } from '../../domain/index.js';
import { assert } from '../../domain/index.js';
import { draw, drawWhole } from './draws.js';
import { rateAnswers } from './heavy-rules.js';
import type { Command, Commanded } from './script/commands.js';
import { runCommand } from './script/commands.js';

/** What a venue as a whole is like for a moment, now and then. */
export const weatherKinds = [
  ...(['paused', 'halted', 'restarting', 'post_only'] as const),
  ...(['outage_refused', 'outage_silent'] as const),
  ...(['streams_dropped', 'streams_half_open', 'changes_lost'] as const),
  ...(['pages_lag', 'clock_ahead', 'clock_behind', 'reads_limited'] as const),
] as const;
export type WeatherKind = (typeof weatherKinds)[number];

/** One kind of weather, once. Times in milliseconds since the venue was first opened. */
export interface Spell {
  readonly number: number;
  readonly kind: WeatherKind;
  readonly fromMs: number;
  readonly untilMs: number;
  /** How hard it is, in [0, 1): what that means is the kind's. */
  readonly severity: number;
}

/** A spell begins so often, and that much later at most: from one to the next it is 10 to 20 s. */
const EVERY_MS = 15_000;
const LATER_MS_MAX = 5_000;
const LASTS_MS = { least: 500, most: 3_000 } as const;
/** Both venues allow a clock to be further off than this, and pages to be further behind. */
const OFF_MS = { least: 300, most: 2_000 } as const;
const CHANGES_LOST = { least: 1, most: 3 } as const;

/** The n-th spell (from 0) of a venue. Each kind comes once in every round, in a drawn order. */
export function spellOf(seed: number, venue: VenueName, number: number): Spell {
  const kinds = kindsAt(venue);
  const round = Math.floor(number / kinds.length);
  const order = shuffled(kinds, (one) => draw(seed, 'weather', venue, round, one));
  const kind = order[number % kinds.length];
  assert(kind !== undefined, 'spells are counted from 0');
  const drawn = (what: string) => draw(seed, 'weather', venue, number, what);
  const fromMs = number * EVERY_MS + drawWhole(drawn('from'), 0, LATER_MS_MAX);
  const untilMs = fromMs + between(drawn('lasts'), LASTS_MS);
  return { number, kind, fromMs, untilMs, severity: drawn('severity') };
}

export interface WeatherOptions extends Commanded {
  readonly seed: number;
  /** When the venue was first opened, Unix milliseconds: one that was killed comes back into it. */
  readonly openedAtMs: number;
  /** The machine's clock, Unix milliseconds: the venue's own is one of the things that suffer. */
  readonly nowMs: () => number;
}

/**
 * The weather of one simulated venue under profile `heavy`, by its seed and the time alone.
 *
 * 1. Whoever keeps the venue's beat calls `beat`; a beat that was missed changes no later spell.
 * 2. A spell is one of the commands of the control port, counted as such, and taken back when it is
 *    over, unless somebody has commanded something else meanwhile.
 * 3. What somebody has commanded stands: no spell begins meanwhile.
 */
export class Weather {
  readonly #options: WeatherOptions;
  #latest = -1;
  #standing: { readonly untilMs: number; readonly end: () => void } | undefined;

  constructor(options: WeatherOptions) {
    this.#options = options;
  }

  beat(): void {
    const { seed, openedAtMs, nowMs, exchange } = this.#options;
    const sinceMs = nowMs() - openedAtMs;
    if (this.#standing && sinceMs >= this.#standing.untilMs) {
      this.#standing.end();
      this.#standing = undefined;
    }
    const number = Math.floor(sinceMs / EVERY_MS);
    if (number <= this.#latest) return;
    const spell = spellOf(seed, exchange.venue, number);
    if (sinceMs < spell.fromMs) return;
    this.#latest = number;
    const leftMs = spell.untilMs - sinceMs;
    if (leftMs <= 0 || !exchange.conditions.isUsual) return;
    this.#standing = { untilMs: spell.untilMs, end: this.#begin(spell, Math.ceil(leftMs)) };
  }

  /** Returns what takes it back; what has an end of its own needs nothing. */
  #begin({ kind, severity }: Spell, forMs: number): () => void {
    const offMs = between(severity, OFF_MS);
    switch (kind) {
      case 'paused':
      case 'halted':
      case 'restarting':
      case 'post_only':
        return this.#run({ command: 'enter', state: kind, forMs });
      case 'outage_refused':
        return this.#run({ command: 'outage', how: 'refused', forMs });
      case 'outage_silent':
        return this.#run({ command: 'outage', how: 'silent', forMs });
      case 'streams_dropped':
        return this.#run({ command: 'drop_streams' });
      case 'streams_half_open':
        return this.#run({ command: 'half_open_streams' });
      case 'changes_lost':
        return this.#run({ command: 'lose_book_changes', count: between(severity, CHANGES_LOST) });
      case 'pages_lag':
        return this.#lag(offMs);
      case 'clock_ahead':
        return this.#skew(offMs);
      case 'clock_behind':
        return this.#skew(-offMs);
      case 'reads_limited':
        return this.#limitReads();
    }
  }

  #run(command: Command): () => void {
    runCommand(this.#options, command); // none of these names a market: it is never refused
    return () => undefined;
  }

  #lag(byMs: number): () => void {
    const { conditions } = this.#options.exchange;
    this.#run({ command: 'lag_pages', byMs });
    return () => {
      if (conditions.readLagMs === byMs) conditions.readLagMs = 0;
    };
  }

  #skew(byMs: number): () => void {
    const { conditions } = this.#options.exchange;
    this.#run({ command: 'skew_clock', byMs });
    return () => {
      if (conditions.skewMs === byMs) conditions.skewMs = 0;
    };
  }

  #limitReads(): () => void {
    const { venue, faults } = this.#options.exchange;
    const fault = { kind: 'refuse', answer: rateAnswers[venue] } as const;
    const rules = READS.map((operation) => ({
      ...{ name: `weather: ${operation} limited`, when: { operation }, fault },
    }));
    faults.script.count('reads_limited');
    for (const rule of rules) faults.script.stand(rule);
    return () => {
      for (const { name } of rules) faults.script.lift(name);
    };
  }
}

const READS = ['read_orders', 'read_fills', 'read_balance'] as const;

/** Polymarket numbers no changes of its books: nobody can miss one. */
function kindsAt(venue: VenueName): readonly WeatherKind[] {
  return venue === 'kalshi' ? weatherKinds : weatherKinds.filter((kind) => kind !== 'changes_lost');
}

function shuffled<Item>(items: readonly Item[], rankOf: (item: Item) => number): readonly Item[] {
  return items
    .map((item) => ({ item, rank: rankOf(item) }))
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}

interface Range {
  readonly least: number;
  readonly most: number;
}

const between = (unit: number, { least, most }: Range): number => drawWhole(unit, least, most);
