import { Decimal } from 'decimal.js';
import type { ChildOrder } from '../../domain/child-order.js';
import type { FeeSchedule, KalshiFees, PolymarketFees } from '../../domain/instrument.js';

// What both venues charge, written from their pages (reference/venues.md 1.8 and 2.9) in decimals,
// so that the model does not check the domain's formulas by the domain's formulas.

const Exact = Decimal.clone({ precision: 80 });
const NOTHING = new Exact(0);
const ONE = new Exact(1);
const CENT = new Exact('0.01');

export interface Match {
  readonly price: bigint;
  readonly quantity: bigint;
}

/** What the last fill of an order is charged; on Kalshi the ones before it have a say in it. */
export function chargedFor(
  fees: FeeSchedule,
  side: ChildOrder['side'],
  fills: readonly Match[],
): bigint {
  if (fees.kind === 'kalshi_quadratic') return kalshiCharge(fees, side, fills);
  const last = fills.at(-1);
  return last ? counts(polymarketFee(fees, last)) : 0n;
}

/**
 * 1.8: a fill's balance change, revenue less trade fee, is floored to a whole cent, and the
 * difference is charged as well. The order remembers what it was charged so, and gets a cent back
 * whenever that is more than a cent, but no fill's fee is less than nothing.
 */
function kalshiCharge(fees: KalshiFees, side: ChildOrder['side'], fills: readonly Match[]): bigint {
  let remembered = NOTHING;
  let fee = NOTHING;
  for (const fill of fills) {
    const traded = kalshiTradeFee(fees, fill);
    const value = decimal(fill.price).mul(decimal(fill.quantity));
    const change = (side === 'buy' ? value.neg() : value).minus(traded);
    const rounding = change.minus(change.toDecimalPlaces(2, Decimal.ROUND_FLOOR));
    remembered = remembered.plus(rounding);
    fee = traded.plus(rounding);
    if (remembered.lte(CENT) || fee.lt(CENT)) continue;
    remembered = remembered.minus(CENT);
    fee = fee.minus(CENT);
  }
  return counts(fee);
}

/** 1.8: `0.07 × C × P × (1−P)`, times the series' multiplier, up to $0.0001. */
function kalshiTradeFee({ rate, multiplier }: KalshiFees, { price, quantity }: Match): Decimal {
  const p = decimal(price);
  const exact = decimal(rate).mul(decimal(quantity)).mul(p).mul(ONE.minus(p));
  return exact.mul(decimal(multiplier)).toDecimalPlaces(4, Decimal.ROUND_CEIL);
}

/** 2.9: `C × rate × (p(1−p))^exponent`, five decimals; up, as nobody tells the rule for ties. */
function polymarketFee(
  { rate, powerOfVariance }: PolymarketFees,
  { price, quantity }: Match,
): Decimal {
  const p = decimal(price);
  const variance = p.mul(ONE.minus(p)).pow(powerOfVariance);
  const exact = decimal(quantity).mul(decimal(rate)).mul(variance);
  return exact.toDecimalPlaces(5, Decimal.ROUND_CEIL);
}

/** What says what an order may cost. */
export interface Sized {
  readonly limitPrice: bigint;
  readonly fixed:
    | { readonly kind: 'contracts'; readonly contracts: bigint }
    | { readonly kind: 'collateral'; readonly collateral: bigint };
}

/** What an order may pay before fees: its dollars, or its contracts at its limit. */
export function mostSpend({ fixed, limitPrice }: Sized): bigint {
  if (fixed.kind === 'collateral') return fixed.collateral;
  return counts(decimal(limitPrice).mul(decimal(fixed.contracts)));
}

/**
 * The most that an order may be charged. Contracts: one fill at the limit, on Kalshi a cent for its
 * rounding besides (1.8). Dollars buy the more contracts the cheaper they are, and of each dollar
 * the fee is rate × (1−p) × (p(1−p))^(exponent−1), which is less than the rate.
 */
export function mostFee(fees: FeeSchedule, { fixed, limitPrice: price }: Sized): bigint {
  if (fixed.kind === 'contracts') {
    const fill = { price, quantity: fixed.contracts };
    if (fees.kind === 'polymarket_taker') return counts(polymarketFee(fees, fill));
    return counts(kalshiTradeFee(fees, fill).plus(CENT));
  }
  const ofAll = decimal(fees.rate).mul(decimal(fixed.collateral));
  if (fees.kind === 'polymarket_taker') {
    return counts(ofAll.toDecimalPlaces(5, Decimal.ROUND_CEIL));
  }
  const ofSeries = ofAll.mul(decimal(fees.multiplier));
  return counts(ofSeries.toDecimalPlaces(4, Decimal.ROUND_CEIL).plus(CENT));
}

const NINE = new Exact('1e9');
const decimal = (amount: bigint): Decimal => new Exact(amount.toString()).div(NINE);

/** Counts of 10⁻⁹ again, up where there is a part of one. */
const counts = (amount: Decimal): bigint => BigInt(amount.mul(NINE).ceil().toFixed(0));
