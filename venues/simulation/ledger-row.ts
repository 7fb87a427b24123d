import type { Money, Outcome, Price, Quantity, VenueName, Wire } from '../../domain/index.js';
import { fromWire, toWire } from '../../domain/index.js';
import type { LateTerms, OrderState, PlaceRequest } from './order.js';
import type { BookSide } from './order-book.js';
import type { SimulatedOrderGroup } from './order-group.js';
import type { ScriptedKind } from './script/fault.js';
import type {
  SimulatedSetChange,
  SimulatedSettlement,
  SimulatedTrade,
  TradePart,
  TradeStatus,
} from './trade.js';

/** An order as it was taken in, before anything matched. */
export interface AcceptedOrder extends PlaceRequest {
  readonly quantity: Quantity;
  readonly createdAtMs: number;
  readonly executesAtMs?: number;
  readonly late?: LateTerms;
  readonly sequence: number;
}

/** From a match to RETRYING and to FAILED. */
export interface FailureTimes {
  readonly retryingMs?: number | undefined;
  readonly failedMs?: number | undefined;
}

/** Crowd quotes that are gone, in terms of YES. */
export interface TakenQuote {
  readonly side: BookSide;
  readonly price: Price;
  readonly quantity: Quantity;
}

/** One fact. The rows of a ledger, in order, are all that the exchange knows of our accounts. */
export type LedgerRow = { readonly atMs: number } & (
  | {
      readonly kind: 'opened';
      readonly venue: VenueName;
      readonly seed: number;
      readonly accounts: readonly { readonly account: string; readonly cash: Money }[];
    }
  | { readonly kind: 'order'; readonly order: AcceptedOrder }
  | {
      readonly kind: 'order_status';
      readonly account: string;
      readonly venueOrderId: string;
      readonly state: OrderState;
    }
  | { readonly kind: 'trade'; readonly trade: SimulatedTrade }
  | { readonly kind: 'trade_status'; readonly tradeId: string; readonly status: TradeStatus }
  /** The trade FAILED: its parts' contracts and cash go back. Amounts are the trade's own. */
  | {
      readonly kind: 'reversal';
      readonly tradeId: string;
      readonly market: string;
      readonly parts: readonly TradePart[];
    }
  | { readonly kind: 'settlement'; readonly settlement: SimulatedSettlement }
  /** Somebody closed the market before its time. */
  | { readonly kind: 'market_closed'; readonly market: string }
  /** Somebody decided the event: what one YES will be paid, whatever the script says. */
  | { readonly kind: 'market_decided'; readonly market: string; readonly price: Price }
  /** Paid or, where shares are redeemed, redeemable from now on. `winner` of a plain yes or no. */
  | {
      readonly kind: 'market_settled';
      readonly market: string;
      readonly winner?: Outcome;
      /** What one YES is paid; absent, the winner says it. */
      readonly price?: Price;
    }
  /** Whether shares of resolved markets wait to be redeemed by hand. */
  | { readonly kind: 'redemptions'; readonly isHeldBack: boolean }
  | { readonly kind: 'set_change'; readonly change: SimulatedSetChange }
  /** A group as it is from now on. */
  | { readonly kind: 'order_group'; readonly group: SimulatedOrderGroup }
  /** What was traded in it before counts no more. */
  | { readonly kind: 'order_group_counted_anew'; readonly groupId: string }
  | { readonly kind: 'order_group_deleted'; readonly groupId: string }
  | {
      readonly kind: 'fault';
      readonly fault: ScriptedKind;
      readonly account: string;
      readonly market: string;
      readonly clientKey: string;
      readonly venueOrderId: string;
      /** The trade that will fail, and how long after its match: the rules' own times unless told. */
      readonly tradeId?: string;
      readonly failsAfterMs?: FailureTimes;
      /** The quotes that were pulled in front of the order. */
      readonly pulled?: readonly TakenQuote[];
    }
);

export type RowKind = LedgerRow['kind'];

/**
 * One line of the file. `hasMore`: the operation that it belongs to goes on in the next line, so a
 * file that ends here was cut by a kill and the whole operation never happened.
 */
export interface LedgerLine {
  readonly sequence: number;
  readonly hasMore: boolean;
  readonly row: LedgerRow;
}

export const encodeLine = (line: LedgerLine): string => JSON.stringify(toWire(line));

/** Throws where the text is not a line that `encodeLine` wrote: a ledger is never guessed at. */
export function decodeLine(text: string): LedgerLine {
  return fromWire<LedgerLine>(JSON.parse(text) as Wire<LedgerLine>); // we alone write this file
}
