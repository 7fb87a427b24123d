import type { Market, Outcome, Pair, VenueName } from '../../domain/index.js';
import { price, quantity, ratio } from '../../domain/index.js';
import { draw, drawHex } from './draws.js';
import { priceProcess } from './price-process.js';
import { ruleTextSha256 } from './rule-text.js';
import type { Topic } from './topics.js';
import { topics } from './topics.js';

/** Which markets there are is a function of this and the time: both venues' processes agree. */
export interface Listing {
  readonly seed: number;
  /** When the simulated world began, epoch milliseconds; the same after every restart. */
  readonly startedAtMs: number;
}

/** One life of a topic: both venues list it, close it and pay on it together. */
export interface PairGeneration {
  readonly topic: Topic;
  readonly pairId: string;
  readonly generation: number;
  readonly listedAtMs: number;
  readonly closesAtMs: number;
  readonly resolvesAtMs: number;
  /** What the event turns out to be: the same on both venues. */
  readonly winner: Outcome;
}

/** The first generation of the first topic closes this soon, so that a short session sees it pay. */
const FIRST_CLOSE_MS = 60_000;
const LIFETIME_MS = 360_000;
const DECIDED_LEAST_MS = 4_000;
const DECIDED_SPREAD_MS = 4_000;
/** A dollar, in the cents that fair values are counted in. */
const CENTS = 100;

/** The pairs whose markets are listed and not paid yet, as Legwork's pair file states them. */
export function simulatedPairs(listing: Listing & { readonly nowMs: number }): readonly Pair[] {
  const { nowMs } = listing;
  // Whatever was listed earlier than that has been paid.
  return generationsBetween(listing, nowMs - 2 * LIFETIME_MS, nowMs)
    .filter((life) => life.resolvesAtMs > nowMs)
    .map((life) => pairOf(listing, life));
}

/** Generations listed after `afterMs` and not after `untilMs`, in the order of their listing. */
export function generationsBetween(
  listing: Listing,
  afterMs: number,
  untilMs: number,
): readonly PairGeneration[] {
  return topics
    .flatMap((topic, slot) => {
      const stagger = Math.round((slot * LIFETIME_MS) / topics.length);
      const firstCloseMs = listing.startedAtMs + FIRST_CLOSE_MS + stagger;
      const slotLife = { startedAtMs: listing.startedAtMs, firstCloseMs };
      const first = newestAt(slotLife, afterMs) + 1;
      const count = Math.max(newestAt(slotLife, untilMs) - first + 1, 0);
      return Array.from({ length: count }, (_, index) => {
        const generation = first + index;
        const closesAtMs = firstCloseMs + generation * LIFETIME_MS;
        return lifeOf(listing, { topic, generation, closesAtMs });
      });
    })
    .toSorted((one, other) => one.listedAtMs - other.listedAtMs);
}

interface SlotLife {
  readonly startedAtMs: number;
  readonly firstCloseMs: number;
}

/** The newest generation that is listed by then, −1 before the first: each is when the last closes. */
function newestAt({ startedAtMs, firstCloseMs }: SlotLife, atMs: number): number {
  if (atMs < startedAtMs) return -1;
  if (atMs < firstCloseMs) return 0;
  return Math.floor((atMs - firstCloseMs) / LIFETIME_MS) + 1;
}

function lifeOf(
  { seed, startedAtMs }: Listing,
  life: Pick<PairGeneration, 'topic' | 'generation' | 'closesAtMs'>,
): PairGeneration {
  const { topic, generation, closesAtMs } = life;
  const pairId = `${topic.name}.${generation}`;
  const decidedAfterMs = Math.round(draw(seed, pairId, 'decided') * DECIDED_SPREAD_MS);
  const fair = priceProcess({ seed, pairId }).fairCents(closesAtMs - startedAtMs);
  return {
    ...life,
    pairId,
    listedAtMs: generation === 0 ? startedAtMs : closesAtMs - LIFETIME_MS,
    resolvesAtMs: closesAtMs + DECIDED_LEAST_MS + decidedAfterMs,
    winner: draw(seed, pairId, 'winner') * CENTS < fair ? 'yes' : 'no',
  };
}

export function pairOf(listing: Listing, life: PairGeneration): Pair {
  const { topic, pairId } = life;
  const kalshi = marketOf(listing, life, 'kalshi');
  const polymarket = marketOf(listing, life, 'polymarket');
  return {
    pairId,
    description: `${topic.title} (${life.generation})`,
    ...{ kalshi, polymarket },
    ruleTextSha256: { kalshi: ruleTextSha256(kalshi), polymarket: ruleTextSha256(polymarket) },
    approval: topic.isApproved
      ? { by: 'simulation', atMs: listing.startedAtMs }
      : { by: '', atMs: 0 },
  };
}

export function marketOf(listing: Listing, life: PairGeneration, venue: VenueName): Market {
  const { topic, closesAtMs } = life;
  const title = `${topic.title}, round ${life.generation}`;
  const base = { title, closesAtMs, lot: quantity('0.01') };
  return venue === 'kalshi'
    ? { ...base, ...kalshiTerms(life) }
    : { ...base, ...polymarketTerms(listing, life) };
}

function kalshiTerms({ topic, generation }: PairGeneration) {
  const { kalshiMultiplier: multiplier } = topic;
  return {
    venue: 'kalshi',
    market: `${topic.series}-R${generation.toString().padStart(4, '0')}`,
    priceBands: topic.kalshiBands,
    minimumQuantity: quantity('0.01'),
    fees: { kind: 'kalshi_quadratic', rate: ratio('0.07'), multiplier },
    isTakerDelayed: false,
    netsOutcomes: true,
  } as const;
}

function polymarketTerms({ seed }: Listing, { topic, pairId }: PairGeneration) {
  const { polymarketTick: step, isNegRisk, domainVersion, isTakerDelayed } = topic;
  const token = (outcome: Outcome) => BigInt(`0x${drawHex(seed, 'token', pairId, outcome)}`);
  return {
    venue: 'polymarket',
    market: `0x${drawHex(seed, 'condition', pairId)}`,
    priceBands: [{ start: price('0'), end: price('1'), step }],
    minimumQuantity: topic.polymarketMinimum,
    fees: { kind: 'polymarket_taker', rate: topic.polymarketRate, powerOfVariance: 1 },
    isTakerDelayed,
    netsOutcomes: false,
    tokens: {
      yesToken: token('yes').toString(),
      noToken: token('no').toString(),
      isNegRisk,
      domainVersion,
    },
  } as const;
}
