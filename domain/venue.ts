import type { Book } from './book.js';
import type { ChildOrder, Side } from './child-order.js';
import type { Instrument, Market, VenueName } from './instrument.js';
import type { Money, Price, Quantity } from './money.js';
import type { Approved } from './risk/approved.js';
import type { VenueEntry } from './venue-entry.js';

/**
 * An order with everything that will be on the wire, made and recorded before a byte leaves.
 * `venueOrderId` is known ahead where the venue derives it from the signed order (Polymarket).
 */
export interface PreparedOrder {
  readonly order: ChildOrder;
  readonly venueOrderId?: string;
  /** The exact body bytes, UTF-8. Headers with timestamps are added at the send. */
  readonly body: string;
}

/** Why a venue said no, as far as the caller's next step depends on it. */
export type Refusal =
  /** Balance or allowance: may pass once a cache or a settlement catches up. */
  | 'funds'
  | 'rate'
  /** Paused, restarting, post-only, closed for now: the same order may pass later. */
  | 'venue_state'
  /** The market does not trade any more. */
  | 'market_closed'
  /** Nothing to trade against (FOK/FAK no match): an answer, not a fault. */
  | 'no_match'
  /** This order will never pass as it is. */
  | 'terminal';

/**
 * What an order that the venue knows looks like. `cumulativeQuantity` is the venue's own figure.
 */
export interface VenueOrder {
  readonly venueOrderId: string;
  readonly clientOrderId?: string;
  readonly instrument: Instrument;
  readonly side: Side;
  readonly limitPrice: Price;
  /** Contracts that were asked for; a stream may leave it unsaid. */
  readonly quantity?: Quantity;
  readonly state: 'working' | 'filled' | 'canceled' | 'rejected';
  readonly cumulativeQuantity: Quantity;
  /** Epoch milliseconds, the venue's clock. */
  readonly createdAtMs: number;
}

/** An answer to a placement, by class (DESIGN §9). Never thrown: the world's answers are values. */
export type PlaceAnswer =
  | {
      readonly kind: 'accepted';
      readonly venueOrderId: string;
      readonly state: 'working' | 'filled' | 'canceled';
      /** An expectation: only trade rows are fills. */
      readonly cumulativeQuantity: Quantity;
    }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      readonly code: string;
      readonly reason: string;
    }
  /** The venue has this order already (409, "Duplicated"): find it, compare, adopt it. */
  | { readonly kind: 'exists'; readonly code: string }
  | { readonly kind: 'unknown'; readonly code: string; readonly reason: string };

export type CancelAnswer =
  | { readonly kind: 'canceled' }
  /** Terminal already, or not there (which proves nothing). */
  | { readonly kind: 'not_canceled'; readonly code: string }
  | { readonly kind: 'unknown'; readonly code: string };

/**
 * `readAsOfMs`: the venue-clock time up to which the answer is complete, where the venue says so.
 */
export type FindAnswer =
  | { readonly kind: 'found'; readonly order: VenueOrder }
  | { readonly kind: 'not_found'; readonly readAsOfMs?: number }
  | { readonly kind: 'unavailable'; readonly code: string };

/**
 * How to name one of our orders to a venue; `createdAtMs` bounds how far back its pages are read.
 */
export interface OrderReference {
  readonly clientOrderId: string;
  readonly venueOrderId?: string;
  readonly instrument: Instrument;
  readonly createdAtMs: number;
}

/**
 * Signed contracts per instrument, never negative: a netting venue states the side that is left.
 */
export interface VenuePosition {
  readonly instrument: Instrument;
  readonly quantity: Quantity;
  /** Its market is resolved and this is what each contract can be redeemed for (Polymarket). */
  readonly redeemsAt?: Price;
}

/** A time in which a venue takes no orders: announced, or running. */
export interface Pause {
  readonly fromMs: number;
  /** Absent: nobody has said. */
  readonly untilMs?: number;
}

/** A read that a venue may fail to give. */
export type Read<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'unavailable'; readonly code: string };

/**
 * A venue's order groups, where it has them (Kalshi): orders under one limit and one switch. A group
 * is triggered (what rests in it is canceled, what comes is refused) until it is reset.
 */
export interface OrderGroups {
  /** The limit counts contracts within the venue's window. The venue names the group. */
  create(limit: Quantity): Promise<Read<string>>;
  all(): Promise<Read<readonly string[]>>;
  /** The venue's ids of the orders that are in it. */
  ordersIn(groupId: string): Promise<Read<readonly string[]>>;
  /** Where more has been traded within the window already, it triggers. */
  limit(groupId: string, limit: Quantity): Promise<GroupAnswer>;
  trigger(groupId: string): Promise<GroupAnswer>;
  reset(groupId: string): Promise<GroupAnswer>;
  /** Cancels what rests in it, too. */
  remove(groupId: string): Promise<GroupAnswer>;
}

export type GroupAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'not_found' }
  /** Nobody knows whether it was done: each of these may be asked for again. */
  | { readonly kind: 'unknown'; readonly code: string };

/**
 * One of our accounts at one venue. An adapter translates, calls and translates back; it decides
 * nothing and never resends on its own.
 */
export interface Venue {
  readonly name: VenueName;
  readonly account: string;
  /** Makes and signs the request; touches no network. */
  prepare(order: Approved<ChildOrder>, market: Market): Promise<PreparedOrder>;
  /** One attempt on a connection that is in hand. `timeoutMs` bounds the whole answer. */
  place(prepared: PreparedOrder, timeoutMs: number): Promise<PlaceAnswer>;
  cancel(reference: OrderReference): Promise<CancelAnswer>;
  findOrder(reference: OrderReference): Promise<FindAnswer>;
  openOrders(): Promise<Read<readonly VenueOrder[]>>;
  /**
   * Every fill, reversal, settlement, merge and split at or after `sinceMs` (venue clock), oldest
   * first, all pages.
   */
  entriesSince(sinceMs: number): Promise<Read<readonly VenueEntry[]>>;
  /** The trade rows of one order, all pages. */
  entriesOf(reference: OrderReference): Promise<Read<readonly VenueEntry[]>>;
  positions(): Promise<Read<readonly VenuePosition[]>>;
  /** Cash that can be spent now. */
  balance(): Promise<Read<Money>>;
  book(market: Market): Promise<Read<readonly [yes: Book, no: Book]>>;
  /** What decides this market, in the venue's own words: an equivalence is approved by them. */
  ruleText(market: Market): Promise<Read<string>>;
  /** Pauses that run or are announced for the next two days, earliest first. */
  pauses(): Promise<Read<readonly Pause[]>>;
  /** Epoch milliseconds by the venue's clock. */
  serverTime(): Promise<Read<number>>;
  cancelAll(): Promise<CancelAnswer>;
  /** Absent where the venue has none. */
  readonly orderGroups?: OrderGroups;
  /**
   * Opens (or keeps) idle connections, so that a shot waits for no handshake. For an exit it waits for
   * what the venue's rate asks of it, too, no longer than the order may leave.
   */
  warm(order?: ChildOrder): Promise<void>;
  close(): Promise<void>;
}

/**
 * Books by the venue's public stream. Reconnects and rebooks by itself; a hole shows as `hasGap`.
 */
export interface MarketFeed {
  readonly venue: VenueName;
  subscribe(markets: readonly Market[]): void;
  /** `undefined` until the first snapshot. */
  book(instrument: Instrument): Book | undefined;
  onChange(listener: (instrument: Instrument) => void): void;
  close(): Promise<void>;
}

/** What an account's private stream says, after catch-up by REST on every reconnect. */
export interface PrivateStream {
  onEntry(listener: (entry: VenueEntry) => void): void;
  onOrder(listener: (order: VenueOrder) => void): void;
  /** The stream (re)connected: whoever books must read `entriesSince` the last booked time. */
  onConnect(listener: () => void): void;
  close(): Promise<void>;
}
