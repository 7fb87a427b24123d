import { assert } from './assert.js';
import type { Level } from './book.js';
import type { FeeSchedule, KalshiFees, PolymarketFees } from './instrument.js';
import type { Money, Price, Quantity } from './money.js';
import {
  add,
  divide,
  money,
  negate,
  notional,
  ONE,
  scaled,
  subtract,
  toMultiple,
  ZERO_MONEY,
} from './money.js';

const CENT = money('0.01');
const CENTICENT = money('0.0001');
/** Polymarket charges five decimals, and at least one unit of the fifth (reference 2.9). */
const POLYMARKET_STEP = money('0.00001');

/**
 * Planning bound, in dollars, of what taking `contracts` at `price` in one fill costs in fees, all
 * rounding included. What the venue reports is what is booked; this only decides.
 */
export function takerFee(fees: FeeSchedule, price: Price, contracts: Quantity): Money {
  return orderFee(fees, [{ price, quantity: contracts }]);
}

/** The same for one order that takes several levels. An order that takes nothing pays nothing. */
export function orderFee(fees: FeeSchedule, levels: readonly Level[]): Money {
  const taken = levels.filter((level) => level.quantity > 0n);
  if (fees.kind === 'kalshi_quadratic') return kalshiFeeUpperBound(fees, taken);
  return taken
    .map((level) => polymarketFee(fees, level.price, level.quantity))
    .reduce(add, ZERO_MONEY);
}

/**
 * The most that an order paying out `collateral` can be charged, at whatever price it trades: per
 * dollar spent the fee is rate × p^(e−1) × (1−p)^e, which is below the rate for every price.
 */
export function collateralFeeUpperBound(fees: FeeSchedule, collateral: Money): Money {
  if (fees.kind === 'polymarket_taker') {
    return toMultiple(scaled(collateral, fees.rate, 'ceil'), POLYMARKET_STEP, 'ceil');
  }
  const fee = scaled(scaled(collateral, fees.rate, 'ceil'), fees.multiplier, 'ceil');
  return add(toMultiple(fee, CENTICENT, 'ceil'), CENT);
}

/** What one contract more at `price` adds, per contract, before the rounding of its fill. */
export function marginalFee(fees: FeeSchedule, price: Price): Price {
  const variance = price * (ONE - price);
  if (fees.kind === 'kalshi_quadratic') {
    const product = fees.rate * fees.multiplier * variance;
    return divide(product, ONE ** 3n, 'ceil') as Price; // dollars per contract
  }
  const power = BigInt(fees.powerOfVariance);
  return divide(fees.rate * variance ** power, ONE ** (2n * power), 'ceil') as Price; // as above
}

/**
 * One fill's trade fee: rate × C × P × (1−P) × multiplier, rounded up to $0.0001.
 * Source: docs.kalshi.com "Fee Rounding" (reference 1.8).
 */
export function kalshiTradeFee(fees: KalshiFees, price: Price, contracts: Quantity): Money {
  const product = fees.rate * fees.multiplier * contracts * price * (ONE - price);
  return ceilTo(product, ONE ** 4n, CENTICENT);
}

/** Σ fills of the trade fee, and a cent per order for the rounding that is never refunded. */
export function kalshiFeeUpperBound(fees: KalshiFees, fills: readonly Level[]): Money {
  if (fills.length === 0) return ZERO_MONEY;
  return fills.map((fill) => kalshiTradeFee(fees, fill.price, fill.quantity)).reduce(add, CENT);
}

/**
 * One taker fill's fee: C × rate × (p × (1−p))^e. The rule for ties is undocumented, so it is
 * rounded up to five decimals (reference 2.9). A market without fees charges nothing at all.
 */
export function polymarketFee(fees: PolymarketFees, price: Price, contracts: Quantity): Money {
  const power = BigInt(fees.powerOfVariance);
  assert(power >= 1n, 'the power of a fee schedule is a whole number of at least 1');
  const variance = (price * (ONE - price)) ** power;
  return ceilTo(contracts * fees.rate * variance, ONE ** (2n * power + 1n), POLYMARKET_STEP);
}

/** One Kalshi fill with everything that its fee is made of; `cash` is what the balance moves by. */
export interface KalshiFillFee {
  readonly tradeFee: Money;
  readonly roundingFee: Money;
  readonly rebate: Money;
  /** Trade fee + rounding fee − rebate, never negative. */
  readonly fee: Money;
  readonly cash: Money;
  /** What the order's next fill starts from. */
  readonly accumulator: Money;
}

export interface KalshiFill {
  readonly side: 'buy' | 'sell';
  readonly price: Price;
  readonly contracts: Quantity;
  readonly tradeFee: Money;
  /** Rounding that this order has been charged and not been refunded yet. */
  readonly accumulator: Money;
  /** What balances are whole multiples of: $0.0001 for direct members, else $0.01. */
  readonly precision: Money;
}

/**
 * The order's rounding accumulator: a fill is charged what brings the balance back to its
 * precision, and a cent comes back once more than a cent has been charged that way. A rebate that
 * would make the fill's fee negative waits for the next fill: the venue says that it never is.
 * Source: docs.kalshi.com "Fee Rounding", with its worked examples as vectors.
 */
export function kalshiFillFee(fill: KalshiFill): KalshiFillFee {
  const { tradeFee, precision } = fill;
  const revenue = revenueOf(fill);
  const change = subtract(revenue, tradeFee);
  const roundingFee = subtract(change, toMultiple(change, precision, 'floor'));
  const charged = add(fill.accumulator, roundingFee);
  const isRefunded = charged > CENT && add(tradeFee, roundingFee) >= CENT;
  const rebate = isRefunded ? CENT : ZERO_MONEY;
  const fee = subtract(add(tradeFee, roundingFee), rebate);
  return {
    tradeFee,
    roundingFee,
    rebate,
    fee,
    cash: subtract(revenue, fee),
    accumulator: subtract(charged, rebate),
  };
}

function revenueOf({ side, price, contracts }: KalshiFill): Money {
  return side === 'buy'
    ? negate(notional(price, contracts, 'ceil'))
    : notional(price, contracts, 'floor');
}

/** product ÷ divisor dollars (in counts), rounded up to a multiple of `step`. */
function ceilTo(product: bigint, divisor: bigint, step: Money): Money {
  return (divide(product, divisor * step, 'ceil') * step) as Money; // factors with units cancelled
}
