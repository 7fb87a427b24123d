import type { PrivateStream, VenueOrder } from '../../domain/venue.js';
import type { Fill, VenueEntry } from '../../domain/venue-entry.js';
import type { KalshiConnection, KalshiConnectionOptions } from './connection.js';
import { createKalshiConnection } from './connection.js';
import type { KalshiCredentials } from './credentials.js';
import { nettedEntry, signedCount } from './fill-history.js';
import { venueOrder } from './order-reads.js';
import { createKalshiSigner } from './signing.js';
import type { Frame } from './wire.js';
import { fillMessage, subscribed, userOrderMessage } from './wire.js';

export interface KalshiPrivateStreamOptions extends Omit<KalshiConnectionOptions, 'signer'> {
  /** Our account; the credentials are of its Kalshi account. */
  readonly account: string;
  readonly credentials: KalshiCredentials;
}

const CHANNELS = ['fill', 'user_orders'] as const;

/**
 * What happens to an account's orders, as it happens. Nothing is replayed after a break: once both
 * channels stand again `onConnect` says so, and whoever books reads what was missed from the pages.
 */
export function createKalshiPrivateStream(options: KalshiPrivateStreamOptions): PrivateStream {
  return new KalshiPrivateStream(options);
}

class KalshiPrivateStream implements PrivateStream {
  private readonly entryListeners = new Set<(entry: VenueEntry) => void>();
  private readonly orderListeners = new Set<(order: VenueOrder) => void>();
  private readonly connectListeners = new Set<() => void>();
  private readonly standing = new Set<string>();
  private readonly account: string;
  private readonly connection: KalshiConnection;

  constructor(options: KalshiPrivateStreamOptions) {
    this.account = options.account;
    this.connection = createKalshiConnection(
      { ...options, signer: createKalshiSigner(options.credentials) },
      {
        onOpen: () => this.connection.command('subscribe', { channels: CHANNELS }),
        onFrame: (frame) => this.take(frame),
        onDown: () => this.standing.clear(),
      },
    );
  }

  onEntry(listener: (entry: VenueEntry) => void): void {
    this.entryListeners.add(listener);
  }

  onOrder(listener: (order: VenueOrder) => void): void {
    this.orderListeners.add(listener);
  }

  /** A listener that comes after the connection is told at once. */
  onConnect(listener: () => void): void {
    this.connectListeners.add(listener);
    if (this.standing.size === CHANNELS.length) listener();
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** What cannot be read may be a fill: a new connection brings the catch-up that finds it. */
  private take(frame: Frame): void {
    if (frame.type === 'subscribed') this.subscribed(frame);
    else if (frame.type === 'fill') this.tell(this.entryListeners, readFill(this.account, frame));
    else if (frame.type === 'user_order') this.tell(this.orderListeners, readOrder(frame));
    else if (frame.type === 'error') this.connection.restart();
  }

  private subscribed({ msg }: Frame): void {
    const channel = subscribed.safeParse(msg).data?.channel;
    if (channel === undefined) return;
    this.standing.add(channel);
    if (this.standing.size < CHANNELS.length) return;
    for (const listener of this.connectListeners) listener();
  }

  private tell<T>(listeners: ReadonlySet<(news: T) => void>, news: T | undefined): void {
    if (news === undefined) this.connection.restart();
    else for (const listener of listeners) listener(news);
  }
}

/** The message tells the position after the fill, and so which way Kalshi netted it. */
function readFill(account: string, { msg }: Frame): Fill | undefined {
  const read = fillMessage.safeParse(msg);
  if (!read.success) return undefined;
  const fill = read.data;
  return nettedEntry({
    account,
    ticker: fill.market_ticker,
    venueOrderId: fill.order_id,
    executionId: fill.trade_id,
    ...(fill.client_order_id !== undefined && { clientOrderId: fill.client_order_id }),
    bookSide: fill.book_side,
    yesPrice: fill.yes_price_dollars,
    quantity: fill.count_fp,
    fee: fill.fee_cost,
    positionBefore: fill.post_position_fp - signedCount(fill.book_side, fill.count_fp),
    atMs: fill.ts_ms,
  });
}

function readOrder({ msg }: Frame): VenueOrder | undefined {
  const read = userOrderMessage.safeParse(msg);
  if (!read.success) return undefined;
  const { created_ts_ms, ...order } = read.data;
  return venueOrder({ ...order, created_time: created_ts_ms });
}
