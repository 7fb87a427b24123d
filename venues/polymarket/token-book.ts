import { createHash } from 'node:crypto';
import type { Book, Level } from '../../domain/book.js';
import type { Instrument } from '../../domain/instrument.js';
import { type Price, parseAmount, type Quantity } from '../../domain/money.js';
import type { WireBook, WirePriceChange } from './wire.js';

type PriceChange = WirePriceChange['price_changes'][number];

/** What became of a token's book with the last message. */
export type BookHealth = 'whole' | 'crossed' | 'hash_mismatch' | 'unreadable' | 'empty';

/** One token's book as the stream builds it: a full book, then absolute sizes level by level. */
export interface TokenBook {
  readonly instrument: Instrument;
  /** Takes a full book in place of whatever was there. */
  replace(book: WireBook): BookHealth;
  /** Applies one event's levels; without a full book before it there is nothing to apply them to. */
  change(levels: readonly PriceChange[], timestamp: string): BookHealth;
  /** Messages may have been missed: the book stands, but nothing may be priced from it. */
  lose(): void;
  /** `undefined` before the first full book. */
  book(heardAtMs: number): Book | undefined;
  readonly hasGap: boolean;
}

/** Whether a change's hash says anything: it does once one of them was ours. */
type HashUse = 'untried' | 'ours' | 'not_ours';

/**
 * 1. Sizes are absolute; "0" takes a level away.
 * 2. The venue sends no sequence. A crossed book, or a hash that is not ours, means that a message
 *    is missing.
 * 3. A hash is believed only after the full book's own hash and one change's were recomputed: what
 *    exactly a change's hash covers is not documented, and a recipe that fails would prove nothing.
 */
export function createTokenBook(instrument: Instrument): TokenBook {
  let full: WireBook | undefined;
  let hashUse: HashUse = 'untried';
  let hasGap = true;
  const bids = new Map<string, string>();
  const asks = new Map<string, string>();
  const current = (book: WireBook, timestamp: string): WireBook => ({
    ...book,
    timestamp,
    bids: wireLevels(bids, 1),
    asks: wireLevels(asks, -1),
  });
  const settled = (health: BookHealth): BookHealth => {
    hasGap = health !== 'whole';
    return health;
  };
  const isHashStrange = (hash: string | undefined, book: WireBook): boolean => {
    if (hash === undefined || hash === '' || hashUse === 'not_ours') return false;
    const isOurs = hash === bookHash(book);
    const wasOurs = hashUse === 'ours';
    hashUse = isOurs || wasOurs ? 'ours' : 'not_ours';
    return !isOurs && wasOurs;
  };

  return {
    instrument,
    get hasGap() {
      return hasGap;
    },
    replace: (book) => {
      full = book;
      refill(bids, book.bids);
      refill(asks, book.asks);
      const isOurs = book.hash === bookHash(current(book, book.timestamp));
      if (!isOurs) hashUse = 'not_ours';
      else if (hashUse === 'not_ours') hashUse = 'untried';
      return settled(healthOf(bids, asks));
    },
    change: (levels, timestamp) => {
      if (!full) return 'empty';
      for (const level of levels) {
        const size = parseAmount(level.size);
        if (size === undefined) return settled('unreadable');
        setLevel(level.side === 'BUY' ? bids : asks, level, size);
      }
      const health = healthOf(bids, asks);
      if (health !== 'whole') return settled(health);
      // A gap stays until a full book closes it, however plausible the levels look.
      if (hasGap) return 'empty';
      const isStrange = isHashStrange(levels.at(-1)?.hash, current(full, timestamp));
      return isStrange ? settled('hash_mismatch') : 'whole';
    },
    lose: () => {
      hasGap = true;
    },
    book: (heardAtMs) =>
      full && bookOf(current(full, full.timestamp), { instrument, heardAtMs, hasGap }),
  };
}

export interface BookSetting {
  readonly instrument: Instrument;
  readonly heardAtMs: number;
  readonly hasGap?: boolean;
}

/** A book of the venue in our terms, best level first whatever order it came in. */
export function bookOf(
  wire: WireBook,
  { instrument, heardAtMs, hasGap = false }: BookSetting,
): Book {
  const bids = levelsOf(wire.bids, -1);
  const asks = levelsOf(wire.asks, 1);
  const isReadable = bids !== undefined && asks !== undefined;
  return {
    instrument,
    bids: bids ?? [],
    asks: asks ?? [],
    heardAtMs,
    hasGap: hasGap || !isReadable || isCrossed(bids, asks),
  };
}

/**
 * SHA-1 of the book's JSON with an empty hash, keys in the order in which they came. Source: the
 * venue's own client (`generateOrderBookSummaryHash`).
 */
export function bookHash(book: WireBook): string {
  const fields = Object.entries(book).filter(([key]) => key !== 'event_type');
  const summary = { ...Object.fromEntries(fields), hash: '' };
  return createHash('sha1').update(JSON.stringify(summary)).digest('hex');
}

type WireLevel = WireBook['bids'][number];

function refill(side: Map<string, string>, levels: readonly WireLevel[]): void {
  side.clear();
  for (const { price, size } of levels) side.set(price, size);
}

/** The same price may be written "0.5" or "0.50": a level is found by its value. */
function setLevel(side: Map<string, string>, { price, size }: PriceChange, quantity: bigint): void {
  const value = parseAmount(price);
  const known = [...side.keys()].find((key) => parseAmount(key) === value) ?? price;
  if (quantity > 0n) side.set(known, size);
  else side.delete(known);
}

function healthOf(bids: Map<string, string>, asks: Map<string, string>): BookHealth {
  const bidLevels = levelsOf(wireLevels(bids, 1), -1);
  const askLevels = levelsOf(wireLevels(asks, -1), 1);
  if (!bidLevels || !askLevels) return 'unreadable';
  return isCrossed(bidLevels, askLevels) ? 'crossed' : 'whole';
}

function isCrossed(bids: readonly Level[], asks: readonly Level[]): boolean {
  const [bid] = bids;
  const [ask] = asks;
  return bid !== undefined && ask !== undefined && bid.price >= ask.price;
}

/** In the venue's order: bids ascending, asks descending, best last. */
function wireLevels(side: Map<string, string>, direction: 1 | -1): WireLevel[] {
  return [...side]
    .map(([price, size]) => ({ price, size }))
    .sort((left, right) => direction * compared(left.price, right.price));
}

function levelsOf(levels: readonly WireLevel[], direction: 1 | -1): Level[] | undefined {
  const read: Level[] = [];
  for (const { price, size } of levels) {
    const [at, of] = [parseAmount(price), parseAmount(size)];
    if (at === undefined || of === undefined) return undefined;
    if (of > 0n) read.push({ price: at as Price, quantity: of as Quantity }); // as their names say
  }
  return read.sort((left, right) => direction * (left.price < right.price ? -1 : 1));
}

function compared(left: string, right: string): number {
  const [a, b] = [parseAmount(left) ?? 0n, parseAmount(right) ?? 0n];
  return a < b ? -1 : 1;
}
