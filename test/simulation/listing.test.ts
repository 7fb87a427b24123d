import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Book, Instrument, PricedArbitrage } from '../../domain/index.js';
import { bestArbitrage, mirror, price, quantity, venueNames } from '../../domain/index.js';
import { parsePairFile } from '../../schemas/index.js';
import type { Listing } from '../../venues/simulation/index.js';
import {
  createFaults,
  createMarketScript,
  memoryLedger,
  openExchange,
  simulatedPairs,
  venueRules,
  writePairFile,
} from '../../venues/simulation/index.js';

const folder = mkdtempSync(join(tmpdir(), 'legwork-listing-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const startedAtMs = 1_700_000_000_000;
const STEP_MS = 250;
const SESSION_MS = 150_000;
const seeds = [7, 1, 4_294_967_295];

interface Seen {
  readonly pairId: string;
  readonly atMs: number;
  readonly priced: PricedArbitrage;
}

/** Both venues, each by itself as in its own process, looked at as a scanner would. */
function watch(listing: Listing) {
  const clock = { nowMs: startedAtMs };
  const venues = venueNames.map((venue) => {
    const script = createMarketScript({ listing, venue });
    return openExchange({
      venue,
      seed: listing.seed,
      now: () => clock.nowMs,
      ledger: memoryLedger(),
      accounts: [],
      script,
      faults: createFaults({ seed: listing.seed, profile: 'none' }),
      rules: venueRules[venue],
    });
  });
  const bookOf = (instrument: Instrument): Book | undefined => {
    const snapshot = venues
      .find(({ venue }) => venue === instrument.venue)
      ?.book(instrument.market);
    if (!snapshot) return undefined;
    const yes: Book = {
      instrument: { ...instrument, outcome: 'yes' },
      bids: snapshot.bids,
      asks: snapshot.asks,
      heardAtMs: clock.nowMs,
      hasGap: false,
    };
    return instrument.outcome === 'yes' ? yes : mirror(yes);
  };
  const seen: Seen[] = [];
  let pairs = simulatedPairs({ ...listing, nowMs: clock.nowMs });
  for (; clock.nowMs < startedAtMs + SESSION_MS; clock.nowMs += STEP_MS) {
    for (const exchange of venues) exchange.advance();
    const isNewSecond = clock.nowMs % 1_000 === 0;
    if (isNewSecond) pairs = simulatedPairs({ ...listing, nowMs: clock.nowMs });
    for (const pair of pairs) {
      const edgeMin = price('0.01');
      const priced = bestArbitrage({ pair, bookOf, contractsMax: quantity('1000'), edgeMin });
      if (priced) seen.push({ pairId: pair.pairId, atMs: clock.nowMs, priced });
    }
  }
  return { seen, venues };
}

/** Sightings of one pair without a pause between them are one opportunity. */
function opportunities(seen: readonly Seen[]): readonly Seen[] {
  const lastAt = new Map<string, number>();
  return seen.filter(({ pairId, atMs }) => {
    const isNew = atMs - (lastAt.get(pairId) ?? 0) > STEP_MS;
    lastAt.set(pairId, atMs);
    return isNew;
  });
}

describe.each(seeds)('seed %i', (seed) => {
  const { seen, venues } = watch({ seed, startedAtMs });
  const found = opportunities(seen);

  test('about one arbitrage a second comes up, in both directions', () => {
    const perSecond = found.length / (SESSION_MS / 1_000);
    expect(perSecond).toBeGreaterThan(0.9);
    expect(perSecond).toBeLessThan(1.4);
    const types = found.map(({ priced }) => priced.type);
    for (const type of ['poly_yes_kalshi_no', 'kalshi_yes_poly_no']) {
      expect(types.filter((one) => one === type).length).toBeGreaterThan(found.length / 5);
    }
  });

  test('each is worth one to six cents a contract, and some contracts deep', () => {
    for (const { priced } of found) {
      expect(priced.edge).toBeGreaterThanOrEqual(price('0.01'));
      expect(priced.edge).toBeLessThanOrEqual(price('0.06'));
      expect(priced.contracts).toBeGreaterThanOrEqual(quantity('5'));
      expect(priced.contracts).toBeLessThanOrEqual(quantity('60'));
    }
  });

  test('no book is ever crossed, and every one is deep enough to get out', () => {
    for (const exchange of venues) {
      for (const { market, state } of exchange.markets()) {
        const book = exchange.book(market.market);
        if (state !== 'open' || !book) continue;
        const [bid] = book.bids;
        const [ask] = book.asks;
        expect(bid && ask && bid.price < ask.price).toBe(true);
        expect(Math.min(book.bids.length, book.asks.length)).toBeGreaterThanOrEqual(3);
      }
    }
  });

  test('markets pay within a short session, the same on both venues, and new ones come', () => {
    const [kalshi, polymarket] = venues;
    const settled = (exchange = kalshi) =>
      exchange?.markets().flatMap(({ winner }) => (winner === undefined ? [] : [winner]));
    expect(settled()?.length).toBeGreaterThanOrEqual(3);
    expect(settled(polymarket)).toEqual(settled(kalshi));
    expect(kalshi?.markets().filter(({ state }) => state === 'open')).toHaveLength(16);
  });
});

test('the pair file is what the desk reads, and is written when its pairs are others', () => {
  const path = join(folder, 'pairs.json');
  const listing = { seed: 7, startedAtMs };
  const written = (nowMs: number) => {
    writePairFile(path, { ...listing, nowMs });
    return statSync(path).ino;
  };
  const first = written(startedAtMs);
  const parsed = parsePairFile(JSON.parse(readFileSync(path, 'utf8')));
  expect(parsed).toEqual({ ok: true, pairs: simulatedPairs({ ...listing, nowMs: startedAtMs }) });
  expect(written(startedAtMs + 1_000)).toBe(first);
  expect(written(startedAtMs + 60_000)).not.toBe(first);
});

test('pairs have markets of their own that close together, after any time', () => {
  const pairs = simulatedPairs({ seed: 7, startedAtMs, nowMs: startedAtMs + 86_400_000 });
  expect(pairs.length).toBeGreaterThanOrEqual(16);
  expect(new Set(pairs.map(({ kalshi }) => kalshi.market)).size).toBe(pairs.length);
  for (const pair of pairs) expect(pair.kalshi.closesAtMs).toBe(pair.polymarket.closesAtMs);
});

test('pairs that must be denied by name are always listed', () => {
  const pairs = simulatedPairs({ seed: 7, startedAtMs, nowMs: startedAtMs });
  expect(pairs.filter(({ polymarket }) => polymarket.isTakerDelayed)).toHaveLength(1);
  expect(pairs.filter(({ approval }) => approval.by === '')).toHaveLength(1);
});
