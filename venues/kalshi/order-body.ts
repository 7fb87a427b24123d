import { assert } from '../../domain/assert.js';
import type { ChildOrder, TimeInForce } from '../../domain/child-order.js';
import { formatAmount, quantity } from '../../domain/money.js';
import { toBookSide } from './book-side.js';

/**
 * The body of `POST /portfolio/events/orders`, in the order that it goes on the wire.
 * Source: reference/venues.md 1.3.
 */
export interface OrderBody {
  readonly ticker: string;
  readonly client_order_id: string;
  readonly side: 'bid' | 'ask';
  readonly count: string;
  readonly price: string;
  readonly time_in_force: 'fill_or_kill' | 'good_till_canceled' | 'immediate_or_cancel';
  readonly self_trade_prevention_type: 'taker_at_cross';
  readonly reduce_only: boolean;
  /** Entries only: a group that is triggered must not stop an exit. */
  readonly order_group_id?: string;
}

/**
 * 1. The order fixes contracts; the price is the price of YES, whatever outcome was meant.
 * 2. Nothing is rounded: what the wire cannot say exactly breaks a promise of ours (it throws).
 * 3. `taker_at_cross`: rather than trade with ourselves, our new order ends and keeps its fills.
 */
export function orderBody(order: ChildOrder): OrderBody {
  assert(order.instrument.venue === 'kalshi', 'a Kalshi order is for Kalshi');
  const { orderGroupId: order_group_id } = order;
  const isGrouped = order_group_id !== undefined;
  assert(!isGrouped || order.purpose.kind === 'entry', 'only an entry is in an order group');
  assert(order.fixed.kind === 'contracts', 'a Kalshi order fixes contracts');
  const { bookSide, yesPrice } = toBookSide({
    outcome: order.instrument.outcome,
    side: order.side,
    price: order.limitPrice,
  });
  return {
    ticker: order.instrument.market,
    client_order_id: order.clientOrderId,
    side: bookSide,
    count: countText(order.fixed.contracts),
    price: priceText(yesPrice),
    time_in_force: timeInForce(order.timeInForce),
    self_trade_prevention_type: 'taker_at_cross',
    reduce_only: order.isReduceOnly,
    ...(isGrouped && { order_group_id }),
  };
}

const HUNDREDTH = quantity('0.01');
const FOUR_DECIMALS = 100_000n;

/** "12.00": two decimals, the venue's smallest lot. */
export function countText(contracts: bigint): string {
  assert(contracts >= HUNDREDTH, 'a count is at least 0.01 contract');
  assert(contracts % HUNDREDTH === 0n, 'a count has at most two decimals');
  return withDecimals(contracts, 2);
}

/** "0.5200": four decimals, the most that a request may have. */
export function priceText(price: bigint): string {
  assert(price > 0n, 'a price is above zero');
  assert(price % FOUR_DECIMALS === 0n, 'a price has at most four decimals');
  return withDecimals(price, 4);
}

function withDecimals(amount: bigint, decimals: number): string {
  const [whole = '0', fraction = ''] = formatAmount(amount).split('.');
  return `${whole}.${fraction.padEnd(decimals, '0')}`;
}

function timeInForce(text: TimeInForce): OrderBody['time_in_force'] {
  if (text === 'IOC') return 'immediate_or_cancel';
  if (text === 'FOK') return 'fill_or_kill';
  assert(text === 'GTC', `Kalshi has no ${text} order: rest it as GTC with an owner`);
  return 'good_till_canceled';
}
