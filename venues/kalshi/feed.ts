import type { Book } from '../../domain/book.js';
import type { Instrument, Market } from '../../domain/instrument.js';
import type { MarketFeed } from '../../domain/venue.js';
import { BookStream } from './book-stream.js';
import type { KalshiConnection, KalshiConnectionOptions } from './connection.js';
import { createKalshiConnection } from './connection.js';
import type { KalshiCredentials } from './credentials.js';
import { bookOf } from './order-book.js';
import { createKalshiSigner } from './signing.js';
import type { Frame } from './wire.js';
import { commandError, subscribed } from './wire.js';

export interface KalshiFeedOptions extends Omit<KalshiConnectionOptions, 'signer'> {
  /** Any key of ours: every connection is signed, for public data too. */
  readonly credentials: KalshiCredentials;
  /** How long the venue may take to fill a hole before the connection is made anew; 2 s. */
  readonly resyncMsMax?: number;
}

const CHANNEL = 'orderbook_delta';
const RESYNC_MS_MAX = 2_000;
/** Markets sometimes close later than they were listed to. */
const CLOSED_MS_MAX = 600_000;

/** Books by the venue's public stream. */
export function createKalshiFeed(options: KalshiFeedOptions): MarketFeed {
  return new KalshiFeed(options);
}

/** One connection, one subscription, both outcomes of each market. */
class KalshiFeed implements MarketFeed {
  readonly venue = 'kalshi';
  private readonly stream = new BookStream();
  private readonly listeners = new Set<(instrument: Instrument) => void>();
  /** Commands without an answer yet, and the markets that each one names. */
  private readonly asked = new Map<number, readonly string[]>();
  private readonly closesAtMs = new Map<string, number>();
  private readonly connection: KalshiConnection;
  private readonly nowMs: () => number;
  private readonly resyncMsMax: number;
  private overdue: NodeJS.Timeout | undefined;

  constructor(options: KalshiFeedOptions) {
    this.nowMs = options.nowMs;
    this.resyncMsMax = options.resyncMsMax ?? RESYNC_MS_MAX;
    this.connection = createKalshiConnection(
      { ...options, signer: createKalshiSigner(options.credentials) },
      {
        onOpen: () => this.ask(this.stream.tickers()),
        onFrame: (frame) => this.take(frame),
        onDown: () => this.down(),
      },
    );
  }

  /** Adds markets; those that closed a while ago are let go, or a feed of weeks would never shrink. */
  subscribe(markets: readonly Market[]): void {
    for (const { market, closesAtMs } of markets) this.closesAtMs.set(market, closesAtMs);
    this.letGo(this.nowMs() - CLOSED_MS_MAX);
    const open = markets.filter(({ market }) => this.closesAtMs.has(market));
    this.ask(this.stream.follow(open.map(({ market }) => market)));
  }

  book({ market, outcome }: Instrument): Book | undefined {
    const state = this.stream.book(market);
    if (!state) return undefined;
    const heardAtMs = this.connection.heardAtMs();
    return bookOf({ venue: 'kalshi', market, outcome }, state.book, {
      heardAtMs,
      hasGap: state.hasGap,
    });
  }

  onChange(listener: (instrument: Instrument) => void): void {
    this.listeners.add(listener);
  }

  async close(): Promise<void> {
    clearTimeout(this.overdue);
    await this.connection.close();
  }

  private letGo(closedBeforeMs: number): void {
    const closed = [...this.closesAtMs].filter(([, atMs]) => atMs < closedBeforeMs);
    for (const [ticker] of closed) {
      this.closesAtMs.delete(ticker);
      this.stream.drop(ticker);
    }
    const sid = this.stream.subscription();
    const tickers = closed.map(([ticker]) => ticker);
    if (sid === undefined || tickers.length === 0) return;
    this.update(sid, { market_tickers: tickers, action: 'delete_markets' });
  }

  /** The first command opens the subscription; the others wait for it, and then add to it. */
  private ask(tickers: readonly string[]): void {
    if (tickers.length === 0 || !this.connection.isOpen()) return;
    const sid = this.stream.subscription();
    if (sid === undefined && this.asked.size > 0) return;
    const id =
      sid === undefined
        ? this.connection.command('subscribe', { channels: [CHANNEL], market_tickers: tickers })
        : this.update(sid, { market_tickers: tickers, action: 'add_markets' });
    this.asked.set(id, tickers);
  }

  private update(sid: number, params: object): number {
    return this.connection.command('update_subscription', { sids: [sid], ...params });
  }

  private take(frame: Frame): void {
    if (frame.type === 'subscribed') this.subscribed(frame);
    else if (frame.type === 'error') this.refused(frame);
    else if (frame.id !== undefined) this.asked.delete(frame.id);
    const { changed, resync } = this.stream.take(frame);
    if (resync.length > 0) this.fill(resync);
    this.announce(changed);
  }

  private subscribed({ id = NO_COMMAND, msg }: Frame): void {
    const read = subscribed.safeParse(msg);
    if (!read.success || read.data.channel !== CHANNEL) return;
    const named = new Set(this.asked.get(id));
    this.asked.clear();
    this.stream.start(read.data.sid);
    this.ask(this.stream.tickers().filter((ticker) => !named.has(ticker)));
  }

  /** One market that the venue does not know must not cost us the others: each is asked for alone. */
  private refused({ id = NO_COMMAND, msg }: Frame): void {
    const tickers = this.asked.get(id) ?? [];
    this.asked.delete(id);
    if (!isUnknownMarket(msg)) {
      this.connection.restart();
      return;
    }
    const [only, ...others] = tickers;
    if (only !== undefined && others.length === 0) this.stream.drop(only);
    else for (const ticker of tickers) this.ask([ticker]);
    if (this.stream.subscription() === undefined) this.ask(this.stream.tickers());
  }

  /** A hole that is not filled in time is closed by a new connection, which starts from snapshots. */
  private fill(tickers: readonly string[]): void {
    const sid = this.stream.subscription();
    if (sid !== undefined) this.update(sid, { market_tickers: tickers, action: 'get_snapshot' });
    this.overdue ??= setTimeout(() => {
      this.overdue = undefined;
      if (this.stream.hasGaps()) this.connection.restart();
    }, this.resyncMsMax);
  }

  private down(): void {
    this.asked.clear();
    this.announce(this.stream.stop());
  }

  private announce(tickers: readonly string[]): void {
    for (const market of tickers) {
      for (const outcome of ['yes', 'no'] as const) {
        for (const listener of this.listeners) listener({ venue: 'kalshi', market, outcome });
      }
    }
  }
}

const NO_COMMAND = -1;

/** WebSocket error 16: market not found (reference/venues.md 1.6). */
const MARKET_NOT_FOUND = 16;

function isUnknownMarket(message: unknown): boolean {
  return commandError.safeParse(message).data?.code === MARKET_NOT_FOUND;
}
