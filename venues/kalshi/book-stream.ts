import type { KalshiBook } from './order-book.js';
import { createKalshiBook } from './order-book.js';
import type { Frame } from './wire.js';
import { orderbookDelta, orderbookSnapshot } from './wire.js';

/** What a frame did: the markets whose book (or whose trust in it) changed, and those to ask again. */
export interface StreamStep {
  readonly changed: readonly string[];
  readonly resync: readonly string[];
}

interface MarketState {
  readonly book: KalshiBook;
  hasSnapshot: boolean;
  hasGap: boolean;
}

/**
 * The books of one `orderbook_delta` subscription; knows frames, not sockets.
 * 1. Every frame of the subscription counts one up in `seq`, answers to commands too. A hole may hide
 *    a change of any market: all have a gap until the venue has sent their snapshots again.
 * 2. A snapshot replaces a book. A delta adds to one level; one that takes more than rests there
 *    means that we have the book wrong.
 * 3. Between two connections every book has a gap.
 */
export class BookStream {
  private readonly markets = new Map<string, MarketState>();
  private sid: number | undefined;
  private seq: number | undefined;

  /** Markets to follow; returns those that are new. */
  follow(tickers: readonly string[]): readonly string[] {
    const added = tickers.filter((ticker) => !this.markets.has(ticker));
    for (const ticker of added) {
      this.markets.set(ticker, { book: createKalshiBook(), hasSnapshot: false, hasGap: true });
    }
    return added;
  }

  /** The venue does not have it: nothing more is expected. */
  drop(ticker: string): void {
    this.markets.delete(ticker);
  }

  tickers(): readonly string[] {
    return [...this.markets.keys()];
  }

  /** `undefined` before the first snapshot. */
  book(ticker: string): { readonly book: KalshiBook; readonly hasGap: boolean } | undefined {
    const state = this.markets.get(ticker);
    return state?.hasSnapshot === true ? state : undefined;
  }

  subscription(): number | undefined {
    return this.sid;
  }

  hasGaps(): boolean {
    return [...this.markets.values()].some(({ hasSnapshot, hasGap }) => hasSnapshot && hasGap);
  }

  /** A new subscription under this number; its first frame says where `seq` starts. */
  start(sid: number): void {
    this.sid = sid;
    this.seq = undefined;
  }

  /** The connection is gone, and with it all that we knew of its order of frames. */
  stop(): readonly string[] {
    this.sid = undefined;
    return this.lose(this.tickers());
  }

  take(frame: Frame): StreamStep {
    if (frame.sid === undefined || frame.sid !== this.sid) return NOTHING;
    const isInOrder = this.isInOrder(frame.seq);
    const lost = isInOrder ? [] : this.lose(this.tickers());
    const step = this.apply(frame);
    const resync = isInOrder ? [] : this.tickers().filter((ticker) => this.isOpen(ticker));
    return { changed: [...lost, ...step.changed], resync: [...resync, ...step.resync] };
  }

  /** A first snapshot may have been lost in the hole as well. */
  private isOpen(ticker: string): boolean {
    return this.markets.get(ticker)?.hasGap === true;
  }

  private isInOrder(seq: number | undefined): boolean {
    if (seq === undefined) return true;
    const isNext = this.seq === undefined || seq === this.seq + 1;
    this.seq = seq;
    return isNext;
  }

  private apply(frame: Frame): StreamStep {
    if (frame.type === 'orderbook_snapshot') return this.snapshot(frame);
    if (frame.type === 'orderbook_delta') return this.delta(frame);
    return NOTHING;
  }

  private snapshot({ msg }: Frame): StreamStep {
    const read = orderbookSnapshot.safeParse(msg);
    if (!read.success) return this.unreadable();
    const { market_ticker: ticker, yes_dollars_fp: yes, no_dollars_fp: no } = read.data;
    const state = this.markets.get(ticker);
    if (!state) return NOTHING;
    state.book.replace({ yes, no });
    state.hasSnapshot = true;
    state.hasGap = false;
    return { changed: [ticker], resync: [] };
  }

  private delta({ msg }: Frame): StreamStep {
    const read = orderbookDelta.safeParse(msg);
    if (!read.success) return this.unreadable();
    const { market_ticker: ticker, side, price_dollars, delta_fp } = read.data;
    const state = this.markets.get(ticker);
    if (!state || state.hasGap) return NOTHING; // its snapshot is on the way and has this in it
    if (state.book.change(side, price_dollars, delta_fp)) return { changed: [ticker], resync: [] };
    const changed = this.lose([ticker]);
    return { changed, resync: changed };
  }

  /** A change that we cannot read is a change that we do not have. */
  private unreadable(): StreamStep {
    const lost = this.lose(this.tickers());
    return { changed: lost, resync: lost };
  }

  /** Returns the books that were good until now. */
  private lose(tickers: readonly string[]): readonly string[] {
    return tickers.filter((ticker) => {
      const state = this.markets.get(ticker);
      if (!state || state.hasGap) return false;
      state.hasGap = true;
      return true;
    });
  }
}

const NOTHING: StreamStep = { changed: [], resync: [] };
