import type {
  Level,
  Market,
  Money,
  Outcome,
  Price,
  Quantity,
  VenueName,
} from '../../domain/index.js';
import type { Faults } from './faults.js';
import type {
  CancelResult,
  OrderState,
  PlaceRequest,
  PlaceResult,
  SimulatedOrder,
} from './order.js';
import type { OrderGroupChange, OrderGroupCommands, SimulatedOrderGroup } from './order-group.js';
import type { VenueConditions } from './script/conditions.js';
import type { SimulatedSetChange, SimulatedSettlement, SimulatedTrade } from './trade.js';

/** The book of a market's YES side, best first; NO at p is YES at 1 − p. */
export interface BookSnapshot {
  readonly market: string;
  /** The sequence of the last book event that is in it; 0 before the first. */
  readonly sequence: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** What happened, in order; `book` sequences grow by one per market. */
export type ExchangeEvent =
  | {
      readonly kind: 'book';
      readonly market: string;
      readonly sequence: number;
      readonly atMs: number;
      readonly changes: readonly BookChange[];
    }
  | { readonly kind: 'order'; readonly order: SimulatedOrder }
  /** A new trade, or one whose status has changed. */
  | { readonly kind: 'trade'; readonly trade: SimulatedTrade }
  | { readonly kind: 'settlement'; readonly settlement: SimulatedSettlement }
  | { readonly kind: 'market'; readonly market: SimulatedMarket }
  | {
      readonly kind: 'order_group';
      readonly change: OrderGroupChange;
      readonly group: SimulatedOrderGroup;
      readonly atMs: number;
    };

/** One level of the YES book: what rests there now, and by how much that differs from before. */
export interface BookChange {
  readonly side: 'bid' | 'ask';
  readonly price: Price;
  readonly quantity: Quantity;
  readonly delta: bigint;
}

/** A listed market and where it stands. Settled markets stay listed, so that old rows can be read. */
export interface SimulatedMarket {
  readonly market: Market;
  readonly state: 'open' | 'closed' | 'settled';
  /** What one YES pays, once settled: a dollar, nothing, or a part where the market was voided. */
  readonly yesPays?: Price;
  /** The outcome that paid, once settled; absent where both did. */
  readonly winner?: Outcome;
}

/** An account's holding of one outcome; on a netting venue at most one outcome of a market is held. */
export interface SimulatedPosition {
  readonly market: string;
  readonly outcome: Outcome;
  readonly quantity: Quantity;
  /** Not CONFIRMED yet or promised to a resting sale: cannot be sold now. */
  readonly lockedQuantity: Quantity;
  /** The market is resolved: what each contract is redeemed for. */
  readonly redeemsAt?: Price;
}

export interface SimulatedBalance {
  readonly cash: Money;
  /** Of it free to spend: without resting orders' collateral and proceeds that may still fail. */
  readonly available: Money;
}

/** Rows at or after `sinceMs` (and before `untilMs`), oldest first. */
export interface RowsQuery {
  readonly account: string;
  readonly market?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly venueOrderId?: string;
  readonly state?: OrderState;
}

/**
 * The exchange that both simulators share: matching, money, people and faults. It is a pure core:
 * the clock and the ledger are handed in, and every operation is written to the ledger before it
 * returns, so what a client was told survives a kill. Front ends translate protocols, nothing else.
 */
export interface SimulatedExchange extends OrderGroupCommands {
  readonly venue: VenueName;
  /** What is to go wrong, for whoever stands in front of the exchange. */
  readonly faults: Faults;
  readonly conditions: VenueConditions;
  /** Epoch milliseconds. */
  now(): number;
  place(request: PlaceRequest): PlaceResult;
  cancel(account: string, venueOrderId: string): CancelResult;
  /** Cancels what rests, in one market or in all; returns the orders that are canceled now. */
  cancelAll(account: string, market?: string): readonly SimulatedOrder[];
  order(venueOrderId: string): SimulatedOrder | undefined;
  orders(query: RowsQuery): readonly SimulatedOrder[];
  trade(tradeId: string): SimulatedTrade | undefined;
  /** Trades with a part of this account (`venueOrderId`: with a part of that order). */
  trades(query: RowsQuery): readonly SimulatedTrade[];
  settlements(query: RowsQuery): readonly SimulatedSettlement[];
  setChanges(query: RowsQuery): readonly SimulatedSetChange[];
  positions(account: string): readonly SimulatedPosition[];
  balance(account: string): SimulatedBalance;
  market(market: string): SimulatedMarket | undefined;
  markets(): readonly SimulatedMarket[];
  book(market: string): BookSnapshot | undefined;
  /** Returns the function that takes the listener off again. */
  onEvent(listener: (event: ExchangeEvent) => void): () => void;
  /** Does all that is due by now: quotes, late fills, settlement on chain, expiry, resolution. */
  advance(): void;
}
