import { formatAmount, parseAmount } from '../../domain/money.js';
import {
  commandError,
  frame,
  orderbookDelta,
  orderbookSnapshot,
  subscribed,
} from '../../venues/kalshi/wire.js';
import { parsed } from '../../venues/polymarket/answers.js';
import type { StreamEvent } from '../../venues/polymarket/wire.js';
import {
  bookShape,
  eventsShape,
  marketResolvedShape,
  priceChangeShape,
  tickSizeChangeShape,
} from '../../venues/polymarket/wire.js';

export interface FeedCase {
  readonly name: string;
  readonly venue: 'kalshi' | 'polymarket';
  /** The very text of the frame. */
  readonly text: string;
  /** TypeScript takes it and the engine does not, which costs it its books and nothing else. */
  readonly isRefusedByEngine?: true;
}

const UNREADABLE = 'unreadable';

/** What the adapters of TypeScript read, as any language tells it; `null`: no message at all. */
export function readAs({ venue, text }: FeedCase): unknown {
  return venue === 'kalshi' ? kalshiFrame(text) : polymarketEvents(text);
}

function kalshiFrame(text: string): unknown {
  const read = frame.safeParse(parsed(text));
  if (!read.success) return null;
  const { type, id = null, sid = null, seq = null, msg } = read.data;
  return { type, id, sid, seq, message: kalshiMessage(type, msg) };
}

function kalshiMessage(type: string, msg: unknown): unknown {
  if (type === 'subscribed') return told(subscribed.safeParse(msg), (message) => message);
  if (type === 'error') return told(commandError.safeParse(msg), ({ code }) => ({ code }));
  if (type === 'orderbook_snapshot') {
    return told(orderbookSnapshot.safeParse(msg), (book) => ({
      market: book.market_ticker,
      yes: book.yes_dollars_fp.map((level) => level.map(formatAmount)),
      no: book.no_dollars_fp.map((level) => level.map(formatAmount)),
    }));
  }
  if (type === 'orderbook_delta') {
    return told(orderbookDelta.safeParse(msg), (delta) => ({
      market: delta.market_ticker,
      side: delta.side,
      price: formatAmount(delta.price_dollars),
      delta: formatAmount(delta.delta_fp),
    }));
  }
  return 'other';
}

function polymarketEvents(text: string): unknown {
  const read = eventsShape.safeParse(parsed(text));
  return read.success ? read.data.map(polymarketEvent) : null;
}

function polymarketEvent(event: StreamEvent): unknown {
  switch (event.event_type) {
    case 'book':
      return told(
        bookShape.safeParse(event),
        ({ asset_id, market, timestamp, hash, bids, asks }) => ({
          ...{ market, token: asset_id, timestamp, hash: hash ?? null },
          bids: levelsTold(bids),
          asks: levelsTold(asks),
        }),
      );
    case 'price_change':
      return told(priceChangeShape.safeParse(event), ({ timestamp, price_changes }) => ({
        timestamp,
        changes: price_changes.map(({ asset_id, side, hash, price, size }) => {
          const [level = UNREADABLE] = levelsTold([{ price, size }]);
          return { token: asset_id, side, hash: hash ?? null, level };
        }),
      }));
    case 'tick_size_change':
      return told(tickSizeChangeShape.safeParse(event), ({ asset_id, new_tick_size }) => ({
        token: asset_id,
        tick: formatAmount(new_tick_size),
      }));
    case 'market_resolved':
      return told(marketResolvedShape.safeParse(event), ({ market }) => ({ market }));
    default:
      return 'other';
  }
}

const levelsTold = (levels: readonly { readonly price: string; readonly size: string }[]) =>
  levels.map(({ price, size }) => {
    const [at, of] = [parseAmount(price), parseAmount(size)];
    return at === undefined || of === undefined ? UNREADABLE : [formatAmount(at), formatAmount(of)];
  });

function told<Shape>(
  read: { readonly success: boolean; readonly data?: Shape | undefined },
  tell: (shape: Shape) => unknown,
): unknown {
  return read.data === undefined ? UNREADABLE : tell(read.data);
}
