import type {
  Fixed,
  Money,
  Outcome,
  Price,
  Quantity,
  Side,
  TimeInForce,
} from '../../domain/index.js';
import type { SimulatedTrade } from './trade.js';

/** An order as a venue's front end hands it to the exchange, once its form and signature are checked. */
export interface PlaceRequest {
  readonly account: string;
  readonly market: string;
  readonly outcome: Outcome;
  readonly side: Side;
  /** Per contract of `outcome`, on the market's grid: an implied price is cut to it before. */
  readonly limitPrice: Price;
  readonly timeInForce: TimeInForce;
  /** GTD only, epoch milliseconds. */
  readonly expiresAtMs?: number;
  readonly fixed: Fixed;
  /** Made by the front end (Polymarket: the order's hash). */
  readonly venueOrderId: string;
  /** What the faults are drawn from. Kalshi: the clientOrderId; Polymarket: the salt. */
  readonly clientKey: string;
  /** Netting venues: never more than what makes the position smaller. */
  readonly isReduceOnly: boolean;
  readonly isPostOnly: boolean;
  readonly orderGroupId?: string;
}

/** What an injected fault has in store for an order that is not matched at once. */
export interface LateTerms {
  /** Shown as an order that rests, not as one that is held back. */
  readonly isShownLive: boolean;
  /** It will find nothing to trade with. */
  readonly isEmpty: boolean;
  /** Traded together with the others of this name, as makers of one trade. */
  readonly jointly?: string;
  /** Matched so long after its cancellation, and not before. */
  readonly afterCancelMs?: number;
  /** No fault: its market holds every taker back. */
  readonly isByRule?: true;
}

/** Working: it rests, or (`executesAtMs`) it is taken in and will be matched then. */
export type OrderState = 'working' | 'filled' | 'canceled' | 'expired';

/** An order that the exchange has taken in. Refused orders leave nothing behind. */
export interface SimulatedOrder extends PlaceRequest {
  /** Contracts asked for; for a collateral-sized buy the collateral ÷ the limit. */
  readonly quantity: Quantity;
  readonly state: OrderState;
  readonly filledQuantity: Quantity;
  /** Σ price × quantity of its fills, before fees. */
  readonly filledNotional: Money;
  readonly fees: Money;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** A late fill: until then nothing matches and a cancel is refused (`in_flight`). */
  readonly executesAtMs?: number;
  readonly late?: LateTerms;
  /** Grows with every order: what pages are cut by. */
  readonly sequence: number;
}

export type RefusalCode =
  | 'account_unknown'
  | 'market_unknown'
  | 'market_closed'
  | 'bad_tick'
  | 'bad_quantity'
  | 'below_minimum'
  /** An order with this `venueOrderId` or `clientKey` is here already: `existing` of the answer. */
  | 'duplicate'
  | 'insufficient_funds'
  /** Shares that are not held, not CONFIRMED yet, or promised to another order. */
  | 'insufficient_shares'
  | 'reduce_only'
  | 'post_only_cross'
  /** No such order group of this account. */
  | 'group_unknown'
  /** The order group takes no orders until it is reset. */
  | 'group_triggered'
  /** FOK that cannot fill; FAK without a match where the venue refuses those (Polymarket). */
  | 'no_match'
  /** The fault `reject`: the front end answers with a documented venue-state refusal of its own. */
  | 'rejected';

/** How the answer reaches the client: the fault `timeout_after_acceptance` delays or swallows it. */
export type Delivery =
  | { readonly kind: 'prompt' }
  | { readonly kind: 'late'; readonly afterMs: number }
  | { readonly kind: 'never' };

export type PlaceResult =
  | {
      readonly kind: 'accepted';
      /** As it stands after matching. */
      readonly order: SimulatedOrder;
      /** What it traded at once. */
      readonly trades: readonly SimulatedTrade[];
      readonly delivery: Delivery;
    }
  | {
      readonly kind: 'refused';
      readonly code: RefusalCode;
      readonly reason: string;
      readonly existing?: SimulatedOrder;
    };

export type CancelResult =
  | { readonly kind: 'canceled'; readonly order: SimulatedOrder }
  | { readonly kind: 'not_canceled'; readonly code: 'unknown' | 'terminal' | 'in_flight' };
