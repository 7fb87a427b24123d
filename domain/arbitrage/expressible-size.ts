import type { Price, Quantity } from '../money.js';
import { ONE, toMultiple } from '../money.js';

export interface SizeRange {
  /** Sizes above this, which may be nothing, … */
  readonly above: Quantity;
  /** … up to this, … */
  readonly atMost: Quantity;
  /** … in whole lots. */
  readonly lot: Quantity;
  /**
   * The leg that fixes what it spends: the exact cost of `atMost` and the price of its last part.
   */
  readonly collateral?: { readonly cost: bigint; readonly price: Price };
}

/** A cent at the scale of price × quantity, 10⁻¹⁸ dollars. */
const EXACT_CENT = (ONE * ONE) / 100n;
/** A price has four decimals and a lot two, so whole cents return after this many lots. */
const PERIOD_LOTS = 10_000;

/**
 * The largest size in the range whose cost is whole cents. A collateral-sized leg can spend
 * nothing finer, and would buy a part of a contract less than the other leg.
 */
export function largestExpressible(range: SizeRange): Quantity | undefined {
  const { above, atMost, lot, collateral } = range;
  const first = toMultiple(atMost, lot, 'floor');
  if (!collateral) return first > above ? first : undefined;
  let size: bigint = first;
  let cost = collateral.cost - collateral.price * (atMost - first);
  for (let lots = 0; lots < PERIOD_LOTS && size > above; lots += 1) {
    if (cost % EXACT_CENT === 0n) return size as Quantity; // whole lots of a quantity
    size -= lot;
    cost -= collateral.price * lot;
  }
  return undefined;
}

/** The smallest quantity that is whole lots of both venues. */
export function commonLot(left: Quantity, right: Quantity): Quantity {
  let [a, b]: [bigint, bigint] = [left, right];
  while (b > 0n) [a, b] = [b, a % b];
  return ((left * right) / a) as Quantity; // the least common multiple of two quantities
}
