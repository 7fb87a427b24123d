import type { VenueName } from '../../domain/index.js';
import { draw, drawWhole } from './draws.js';

/** Whose prices: everything is drawn from the seed and the pair's name, and moves with the time. */
export interface PricedPair {
  readonly seed: number;
  readonly pairId: string;
  /** How many times as often somebody is wrong; absent: once. Fair values move as they do. */
  readonly pace?: number;
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

const TURN = 2 * Math.PI;

/** One mispricing in each of these, starting within the first part of it. */
const PERIOD_MS = 12_500;
const START_SHARE = 0.2;
/** A mispricing ends before its period does, also where periods are short. */
const LASTS_LEAST = { ms: 2_500, share: 0.4 } as const;
const LASTS_MOST = { ms: 4_500, share: 0.7 } as const;
const EDGE_CENTS_LEAST = 1;
const EDGE_CENTS_MOST = 4;
/**
 * So many mispricings go against the pair's usual direction. Few, because whoever holds a netted
 * position of the one direction cannot take the other.
 */
const AGAINST = 0.06;

/** One pair's prices over time; what does not change is drawn once. */
export interface PriceProcess {
  /** What YES is worth, in whole cents, so long after the simulated world began. */
  fairCents(atMs: number): number;
  /** The mispricing at that time, if there is one. */
  mispricing(atMs: number): Mispricing | undefined;
}

export function priceProcess(pair: PricedPair): PriceProcess {
  const { seed, pairId } = pair;
  const periodMs = mispricingPeriodMs(pair.pace);
  const middle = drawWhole(draw(seed, pairId, 'middle'), MIDDLE_LEAST, MIDDLE_MOST);
  const waves = WAVES.map((wave) => ({ ...wave, phase: draw(seed, pairId, wave.name) }));
  const offsetMs = Math.floor(draw(seed, pairId, 'offset') * periodMs);
  let last = episodeOf(pair, 0);
  return {
    fairCents: (atMs) =>
      Math.round(
        waves
          .map(({ cents, periodMs, phase }) => cents * Math.sin(TURN * (atMs / periodMs + phase)))
          .reduce((sum, wave) => sum + wave, middle),
      ),
    mispricing: (atMs) => {
      const number = Math.floor((atMs + offsetMs) / periodMs);
      if (last.number !== number) last = episodeOf(pair, number);
      const sinceMs = atMs + offsetMs - number * periodMs;
      return sinceMs >= last.startMs && sinceMs < last.endMs ? last : undefined;
    },
  };
}

/** How often a pair is mispriced: once in so many milliseconds. */
export function mispricingPeriodMs(pace = 1): number {
  return Math.round(PERIOD_MS / pace);
}

/** What happens in one period of a pair: who is wrong, from when to when. */
function episodeOf({ seed, pairId, pace }: PricedPair, number: number) {
  const periodMs = mispricingPeriodMs(pace);
  const lasts = ({ ms, share }: { readonly ms: number; readonly share: number }) =>
    Math.min(ms, Math.floor(share * periodMs));
  const drawn = (what: string) => draw(seed, pairId, 'mispricing', number, what);
  const startMs = Math.floor(drawn('start') * START_SHARE * periodMs);
  // The usual direction names the venue whose YES is the cheaper one; either may be the wrong one.
  const usual: VenueName = draw(seed, pairId, 'cheaper') < 0.5 ? 'kalshi' : 'polymarket';
  const cheaper = drawn('against') < AGAINST ? otherVenue(usual) : usual;
  const venue: VenueName = drawn('venue') < 0.5 ? 'kalshi' : 'polymarket';
  const direction: Mispricing['direction'] = venue === cheaper ? -1 : 1;
  const edgeCents = drawWhole(drawn('edge'), EDGE_CENTS_LEAST, EDGE_CENTS_MOST);
  const endMs = startMs + drawWhole(drawn('lasts'), lasts(LASTS_LEAST), lasts(LASTS_MOST));
  return { number, venue, direction, edgeCents, startMs, endMs };
}

const otherVenue = (venue: VenueName): VenueName => (venue === 'kalshi' ? 'polymarket' : 'kalshi');
