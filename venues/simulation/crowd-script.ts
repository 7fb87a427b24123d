import type { Level, Price, Quantity, Ratio, VenueName } from '../../domain/index.js';
import { assert, ONE } from '../../domain/index.js';
import { draw, drawWhole } from './draws.js';
import type { Listing, PairGeneration } from './listing.js';
import { generationsBetween, marketOf } from './listing.js';
import type { CrowdQuotes, MarketScript } from './market-script.js';
import type { BookSide } from './order-book.js';
import type { Mispricing } from './price-process.js';
import { mispricingPeriodMs, priceProcess } from './price-process.js';
import type { Topic } from './topics.js';

/** Cents beyond the best quote at which the crowd quotes more, deep enough to get out of a leg. */
const LADDER = [0, 1, 2, 6, 9, 13, 18] as const;
/** The ladder's first levels are what a mispricing offers: so many contracts on each. */
const TOP_LEVELS = 3;
const TOP_LEAST = 8;
const TOP_MOST = 20;
/** The others, and every level of a venue that is right. */
const DEEP_LEAST = 30;
const DEEP_MOST = 120;
/** Quotes stay between these, in cents. */
const LOWEST = 2;
const HIGHEST = 98;
const COUNTS_PER_CENT = ONE / 100n;
/** Kalshi's taker rate; what a topic's fees take is rate × p × (1 − p). */
const KALSHI_RATE = 0.07;
/** Both venues round fees up, by less than this per contract at the sizes that are offered. */
const FEE_ROUNDING_CENTS = 0.5;
/**
 * How long the crowd stays away from a level that was taken, at most: longer than a mispricing lasts.
 * No longer than until the next one, or that would find nobody.
 */
const RETURNS_AFTER_MS = 6_000;
/** The crowd looks at its prices so often. */
const STEP_MS = 250;

interface Script {
  readonly listing: Listing;
  readonly venue: VenueName;
  /** How many times as often the venues misprice; absent: once. */
  readonly pace?: number;
}

/** One venue's markets and the people who quote on them. Both venues' scripts tell one story. */
export function createMarketScript(script: Script): MarketScript {
  const { listing, venue, pace } = script;
  const crowds = new Map<string, (stepMs: number) => CrowdQuotes>();
  return {
    returnsAfterMs: Math.min(RETURNS_AFTER_MS, mispricingPeriodMs(pace)),
    listedBetween: (afterMs, untilMs) =>
      generationsBetween(listing, afterMs, untilMs).map((life) => {
        const market = marketOf(listing, life, venue);
        crowds.set(market.market, crowdOf(script, life));
        const { listedAtMs, resolvesAtMs, winner } = life;
        return { market, listedAtMs, resolvesAtMs, winner };
      }),
    quotes: (market, atMs) => {
      const crowd = crowds.get(market);
      assert(crowd !== undefined, `market ${market} was listed`);
      return crowd(Math.floor((atMs - listing.startedAtMs) / STEP_MS) * STEP_MS);
    },
  };
}

/** The people of one market: they quote anew when the fair value moves or somebody is wrong. */
function crowdOf(script: Script, life: PairGeneration): (stepMs: number) => CrowdQuotes {
  const prices = priceProcess({
    ...{ seed: script.listing.seed, pairId: life.pairId },
    ...(script.pace !== undefined && { pace: script.pace }),
  });
  let last: { readonly key: string; readonly quotes: CrowdQuotes } | undefined;
  return (stepMs) => {
    const opinion = { fair: prices.fairCents(stepMs), mispricing: prices.mispricing(stepMs) };
    const key = `${opinion.fair}/${opinion.mispricing?.number ?? ''}`;
    if (last?.key !== key) last = { key, quotes: quotesOf(script, life, opinion) };
    return last.quotes;
  };
}

interface Opinion {
  readonly fair: number;
  readonly mispricing: Mispricing | undefined;
}

function quotesOf(script: Script, life: PairGeneration, opinion: Opinion): CrowdQuotes {
  const { topic } = life;
  const { fair, mispricing } = opinion;
  const isWrong = mispricing?.venue === script.venue;
  const centre = isWrong ? fair + shiftCents(topic, fair, mispricing) : fair;
  const side = (bookSide: BookSide): readonly Level[] => {
    const sign = bookSide === 'bid' ? -1 : 1;
    return LADDER.map((away, rank) => ({
      cents: centre + sign * (topic.halfSpreadCents + away),
      quantity: contractsAt(script, life, {
        bookSide,
        rank,
        mispricing: isWrong ? mispricing : undefined,
      }),
    }))
      .filter(({ cents }) => cents >= LOWEST && cents <= HIGHEST)
      .map(({ cents, quantity }) => ({ price: priceOf(cents), quantity }));
  };
  return { bids: side('bid'), asks: side('ask') };
}

/**
 * How far the wrong venue's quotes are off: across both spreads and both fees, with the edge left
 * over. Everyone who sees both books can take it.
 */
function shiftCents(topic: Topic, fair: number, { direction, edgeCents }: Mispricing): number {
  const rate = KALSHI_RATE * asNumber(topic.kalshiMultiplier) + asNumber(topic.polymarketRate);
  const fees = Math.ceil((rate * fair * (100 - fair)) / 100 + FEE_ROUNDING_CENTS);
  return direction * (2 * topic.halfSpreadCents + fees + edgeCents);
}

/** A price process may use floats: it makes quotes in whole cents, it books nothing. */
const asNumber = (rate: Ratio): number => Number(rate) / Number(ONE);

interface LevelOf {
  readonly bookSide: BookSide;
  readonly rank: number;
  readonly mispricing: Mispricing | undefined;
}

/** Whole contracts, the same whenever the same level is quoted for the same reason. */
function contractsAt(script: Script, life: PairGeneration, level: LevelOf): Quantity {
  const { bookSide, rank, mispricing } = level;
  const isTop = mispricing !== undefined && rank < TOP_LEVELS;
  const name = [script.venue, life.pairId, 'size', bookSide, rank, mispricing?.number ?? ''];
  const unit = draw(script.listing.seed, ...name);
  const contracts = isTop
    ? drawWhole(unit, TOP_LEAST, TOP_MOST)
    : drawWhole(unit, DEEP_LEAST, DEEP_MOST);
  return (BigInt(contracts) * ONE) as Quantity; // whole contracts, in counts
}

const priceOf = (cents: number): Price => (BigInt(cents) * COUNTS_PER_CENT) as Price; // cents, in counts
