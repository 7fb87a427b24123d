import type { VenueName } from '../../domain/instrument.js';
import { draw, drawWhole } from './draws.js';

/** Whose prices: everything is drawn from the seed and the pair's name, and moves with the time. */
export interface PricedPair {
  readonly seed: number;
  readonly pairId: string;
}

/** For a while one venue is wrong about a pair, which makes a real arbitrage. */
export interface Mispricing {
  /** Counts the pair's mispricings. */
  readonly number: number;
  readonly venue: VenueName;
  /** The wrong venue's YES is this many cents too dear; negative: too cheap. */
  readonly direction: 1 | -1;
  /** What is left per contract after fees at the best prices, in cents. */
  readonly edgeCents: number;
}

/** Fair values wander around a middle of 30 to 70 cents. */
const MIDDLE_LEAST = 30;
const MIDDLE_MOST = 70;
const WAVES = [
  { name: 'slow', cents: 3, periodMs: 210_000 },
  { name: 'slower', cents: 2, periodMs: 470_000 },
] as const;

/** One mispricing in each of these, starting within the first part of it. */
const PERIOD_MS = 14_000;
const START_SPREAD_MS = 4_000;
const LASTS_LEAST_MS = 2_500;
const LASTS_MOST_MS = 4_500;
const EDGE_CENTS_LEAST = 1;
const EDGE_CENTS_MOST = 4;
/**
 * So many mispricings go against the pair's usual direction. Few, because whoever holds a netted
 * position of the one direction cannot take the other.
 */
const AGAINST = 0.1;

/** What YES of the pair is worth, in whole cents, `atMs` after the simulated world began. */
export function fairCents({ seed, pairId }: PricedPair, atMs: number): number {
  const middle = drawWhole(draw(seed, pairId, 'middle'), MIDDLE_LEAST, MIDDLE_MOST);
  const waves = WAVES.map(({ name, cents, periodMs }) => {
    const phase = draw(seed, pairId, name);
    return cents * Math.sin(2 * Math.PI * (atMs / periodMs + phase));
  });
  return Math.round(waves.reduce((sum, wave) => sum + wave, middle));
}

/** The mispricing of a pair at that time, if there is one. */
export function mispricingAt(pair: PricedPair, atMs: number): Mispricing | undefined {
  const { seed, pairId } = pair;
  const offsetMs = Math.floor(draw(seed, pairId, 'offset') * PERIOD_MS);
  const number = Math.floor((atMs + offsetMs) / PERIOD_MS);
  const sinceMs = atMs + offsetMs - number * PERIOD_MS;
  const drawn = (what: string) => draw(seed, pairId, 'mispricing', number, what);
  const startMs = Math.floor(drawn('start') * START_SPREAD_MS);
  const lastsMs = drawWhole(drawn('lasts'), LASTS_LEAST_MS, LASTS_MOST_MS);
  if (sinceMs < startMs || sinceMs >= startMs + lastsMs) return undefined;
  // The usual direction names the venue whose YES is the cheaper one; either may be the wrong one.
  const usual: VenueName = draw(seed, pairId, 'cheaper') < 0.5 ? 'kalshi' : 'polymarket';
  const cheaper = drawn('against') < AGAINST ? otherVenue(usual) : usual;
  const venue: VenueName = drawn('venue') < 0.5 ? 'kalshi' : 'polymarket';
  return {
    number,
    venue,
    direction: venue === cheaper ? -1 : 1,
    edgeCents: drawWhole(drawn('edge'), EDGE_CENTS_LEAST, EDGE_CENTS_MOST),
  };
}

const otherVenue = (venue: VenueName): VenueName => (venue === 'kalshi' ? 'polymarket' : 'kalshi');
