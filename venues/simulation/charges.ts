import type { Market, Money, Price, Quantity } from '../../domain/index.js';
import {
  add,
  collateralFeeUpperBound,
  kalshiFillFee,
  kalshiTradeFee,
  notional,
  ONE_DOLLAR,
  polymarketFee,
  subtract,
  ZERO_MONEY,
} from '../../domain/index.js';
import type { PlaceRequest } from './order.js';
import type { TradePart } from './trade.js';
import type { VenueRules } from './venue-rules.js';

/** One fill to be charged; `earlier` are the parts that the same order has had before. */
export interface Fill {
  readonly role: TradePart['role'];
  readonly side: TradePart['side'];
  readonly price: Price;
  readonly quantity: Quantity;
  readonly earlier: readonly TradePart[];
}

/**
 * What the venue charges for a fill. Polymarket: takers only. Kalshi: takers, and whoever trades
 * pays what brings the balance back to whole cents, refunded by the order's rounding accumulator.
 */
export function feeOf(market: Market, rules: VenueRules, fill: Fill): Money {
  const { fees } = market;
  const isTaker = fill.role === 'taker';
  if (fees.kind === 'polymarket_taker') {
    return isTaker ? polymarketFee(fees, fill.price, fill.quantity) : ZERO_MONEY;
  }
  const tradeFeeOf = (price: Price, quantity: Quantity) =>
    isTaker ? kalshiTradeFee(fees, price, quantity) : ZERO_MONEY;
  if (rules.cashPrecision === undefined) return tradeFeeOf(fill.price, fill.quantity);
  // What an order has been charged beyond its trade fees is its rounding, less the refunds.
  const accumulator = fill.earlier
    .map((part) => subtract(part.fee, tradeFeeOf(part.price, part.quantity)))
    .reduce(add, ZERO_MONEY);
  return kalshiFillFee({
    side: fill.side,
    price: fill.price,
    contracts: fill.quantity,
    tradeFee: tradeFeeOf(fill.price, fill.quantity),
    accumulator,
    precision: rules.cashPrecision,
  }).fee;
}

/**
 * The most cash that an order can take, fees included. `opening` are the contracts of it that close
 * nothing; selling what is not held (netting venues) puts by the price of the other outcome.
 */
export function costMax(market: Market, request: PlaceRequest, opening: Quantity): Money {
  const { fixed, side, limitPrice } = request;
  const price = side === 'buy' ? limitPrice : subtract(ONE_DOLLAR, limitPrice);
  const collateral =
    fixed.kind === 'collateral' ? fixed.collateral : notional(price, opening, 'ceil');
  return add(collateral, collateralFeeUpperBound(market.fees, collateral));
}
