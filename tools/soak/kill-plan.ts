import { createHash } from 'node:crypto';

/** Whoever can be killed. The supervisor is resumed on the same data; everything else it revives. */
export const victims = [
  'engine',
  'trading',
  'trading-2',
  'scanner',
  'simulator-kalshi',
  'simulator-polymarket',
  'temporal',
  'postgres',
  'supervisor',
] as const;
export type Victim = (typeof victims)[number];

export interface PlannedKill {
  readonly victim: Victim;
  /** How long nobody is killed before it, milliseconds. */
  readonly pauseMs: number;
  /** It does not wait until the victims before it are back: two wounds at once. */
  readonly isHasty: boolean;
}

/** Every later round: who does most dies most, and nobody is spared for longer than two rounds. */
const laterRound: readonly Victim[] = [
  ...(['engine', 'engine', 'engine'] as const),
  ...(['trading', 'trading', 'trading', 'trading-2', 'trading-2', 'trading-2'] as const),
  ...(['scanner', 'scanner', 'simulator-kalshi', 'simulator-kalshi'] as const),
  ...(['simulator-polymarket', 'simulator-polymarket', 'temporal', 'postgres'] as const),
  'supervisor',
];

const HASTE = 0.25;

/** How long nobody is killed between two kills. */
export interface Pauses {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Who is killed when, for ever, drawn from the seed alone. In the first round each of them once. */
export function* killPlan(
  seed: number,
  { leastMs, mostMs }: Pauses,
): Generator<PlannedKill, never> {
  for (let number = 0; ; number += 1) {
    const drawn = (what: string | number) => unit(`${seed}/${number}/${what}`);
    const order = (number === 0 ? victims : laterRound)
      .map((victim, index) => ({ victim, rank: drawn(index) }))
      .toSorted((one, other) => one.rank - other.rank);
    for (const [index, { victim }] of order.entries()) {
      const pauseMs = leastMs + drawn(`pause ${index}`) * (mostMs - leastMs);
      yield { victim, pauseMs, isHasty: drawn(`haste ${index}`) < HASTE };
    }
  }
}

const BYTES = 6;

/** In [0, 1). */
function unit(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, BYTES) / 2 ** (8 * BYTES);
}
