import type { Instrument } from '../../domain/instrument.js';
import type { MarketFeed } from '../../domain/venue.js';
import { parsed } from './answers.js';
import {
  openStreamSocket,
  type StreamSocket,
  type StreamTimings,
  streamTimings,
} from './stream-socket.js';
import { type BooksChange, TokenBooks } from './token-books.js';
import { eventsShape } from './wire.js';

export interface PolymarketFeedOptions {
  /** Origin of the streams, `wss://…` without a path. */
  readonly wsUrl: string;
  readonly nowMs: () => number;
  readonly timings?: Partial<StreamTimings>;
  /** The least time between two requests for the full book of one token. */
  readonly rebookMs?: number;
}

/**
 * Books of both outcomes of the markets that are subscribed to.
 *
 * 1. A full book comes with every subscription; changes carry absolute sizes and no sequence.
 * 2. After a lost connection, a cross or a strange hash the book has a gap until a full one comes.
 * 3. The full book is asked for on the same stream: an answer by REST could be older than a change
 *    that the stream has brought already.
 * 4. A resolved market is forgotten: its book says nothing any more.
 */
export function createPolymarketFeed(options: PolymarketFeedOptions): MarketFeed {
  const { nowMs, rebookMs = 1_000 } = options;
  const books = new TokenBooks();
  const askedAtMs = new Map<string, number>();
  const listeners: ((instrument: Instrument) => void)[] = [];
  let socket: StreamSocket | undefined;

  const say = (message: object) => socket?.send(JSON.stringify(message));
  const settle = ({ changed, lost, gone }: BooksChange) => {
    const isDue = (token: string) => nowMs() - (askedAtMs.get(token) ?? 0) >= rebookMs;
    const asked = lost.filter(isDue);
    for (const token of asked) askedAtMs.set(token, nowMs());
    for (const token of gone) askedAtMs.delete(token);
    const left = [...asked, ...gone];
    if (left.length > 0) say({ operation: 'unsubscribe', assets_ids: left });
    if (asked.length > 0) say({ operation: 'subscribe', assets_ids: asked });
    for (const instrument of changed) for (const listener of listeners) listener(instrument);
  };
  // A quiet token whose full book was asked for too soon, or got lost, is asked for again.
  const asking = setInterval(() => settle({ changed: [], lost: books.lost, gone: [] }), rebookMs);
  const connect = () =>
    openStreamSocket({
      url: `${options.wsUrl}/ws/market`,
      nowMs,
      timings: { ...streamTimings, ...options.timings },
      onOpen: () => say({ assets_ids: books.tokens, type: 'market', custom_feature_enabled: true }),
      onText: (text) => {
        const events = eventsShape.safeParse(parsed(text)); // "PONG" is no JSON, and no event
        for (const event of events.success ? events.data : []) settle(books.apply(event));
      },
      onDown: () => settle(books.lose()),
    });

  return {
    venue: 'polymarket',
    subscribe: (markets) => {
      const added = books.add(markets);
      if (socket && added.length > 0) say({ operation: 'subscribe', assets_ids: added });
      socket ??= connect();
    },
    book: (instrument) => books.find(instrument, socket?.heardAtMs ?? 0),
    onChange: (listener) => {
      listeners.push(listener);
    },
    close: async () => {
      clearInterval(asking);
      await socket?.close();
    },
  };
}
