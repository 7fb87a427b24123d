import { assert } from './assert.js';
import type { Fixed, Side } from './child-order.js';
import type { Instrument, Market } from './instrument.js';
import type { Money, Price, Quantity } from './money.js';
import {
  contractsFor,
  divide,
  least,
  money,
  notional,
  ONE,
  price,
  quantity,
  toMultiple,
} from './money.js';
import { isLegalPrice, lowestPrice, tickAt } from './price-grid.js';

/** What is asked for, before the venue's own way of stating an order. */
export interface OrderWish {
  readonly market: Market;
  readonly instrument: Instrument;
  readonly side: Side;
  readonly limitPrice: Price;
  readonly contracts: Quantity;
  /** What the contracts should cost by the depth walked; absent = all of them at the limit. */
  readonly expectedCost?: Money;
}

/** What a legal order fixes, and the most contracts that it may legally fill (DESIGN §9). */
export interface SizedOrder {
  readonly kind: 'sized';
  readonly limitPrice: Price;
  readonly fixed: Fixed;
  readonly legalMaximum: Quantity;
}

/** `not_expressible`: the price is off the grid, or less than the smallest step would be left. */
export interface SizingRefusal {
  readonly kind: 'refused';
  readonly reason: 'below_minimum' | 'not_expressible';
}

/** What Polymarket signs, in its units of 10⁻⁶. */
export interface PolymarketAmounts {
  readonly makerAmount: bigint;
  readonly takerAmount: bigint;
}

export interface PolymarketTerms {
  readonly fixed: Fixed;
  readonly side: Side;
  readonly limitPrice: Price;
  readonly tick: Price;
}

/**
 * Decimals that Polymarket takes at a tick (reference 2.6): of the price, of shares, of dollars.
 */
export interface PolymarketDecimals {
  readonly price: number;
  readonly size: number;
  readonly amount: number;
}

const decimalsByTick = new Map<bigint, PolymarketDecimals>([
  [price('0.1'), { price: 1, size: 2, amount: 3 }],
  [price('0.01'), { price: 2, size: 2, amount: 4 }],
  [price('0.005'), { price: 3, size: 2, amount: 5 }],
  [price('0.0025'), { price: 4, size: 2, amount: 6 }],
  [price('0.001'), { price: 3, size: 2, amount: 5 }],
  [price('0.0001'), { price: 4, size: 2, amount: 6 }],
]);

/** Immediate orders state what they take in at most four decimals, whatever the tick allows. */
const IMMEDIATE_DECIMALS_MAX = 4;
const COLLATERAL_STEP = money('0.01');
const SHARE_STEP = quantity('0.01');
const DECIMALS = 9;
/** One unit of Polymarket's signed amounts, in our counts. */
const SIGNED_UNIT = 1_000n;

/** `undefined` for a tick that Polymarket has never had: such a market is not traded. */
export function polymarketDecimals(tick: Price): PolymarketDecimals | undefined {
  return decimalsByTick.get(tick);
}

/**
 * States an order as its venue takes it. Sizes are cut to the venue's steps, never raised: less
 * may be bought or sold than was wished, not more. The limit price is kept or refused. Polymarket
 * buys are immediate and fix what they spend: the cost of the depth walked, so that a better price
 * on the way does not buy more than was meant.
 */
export function sizedOrder(wish: OrderWish): SizedOrder | SizingRefusal {
  const { market, instrument, limitPrice } = wish;
  assert(instrument.market === market.market, 'an order is sized by its own market');
  if (!isLegalPrice(market, limitPrice)) return refused('not_expressible');
  const isCollateralSized = market.venue === 'polymarket' && wish.side === 'buy';
  return isCollateralSized ? byCollateral(wish) : byContracts(wish);
}

/**
 * The amounts that Polymarket signs, in its units of 10⁻⁶. What an immediate order takes has four
 * decimals, so it cannot always state the limit exactly: it is cut, and the implied price passes
 * the limit by less than a tick. Prices trade on the grid, so the worst price that can fill is the
 * limit itself: one tick worse cannot match, and the limit still can (cut the other way it could
 * not). `undefined` where the order is too small to be stated that exactly.
 */
export function polymarketAmounts(terms: PolymarketTerms): PolymarketAmounts | undefined {
  const { fixed, side, limitPrice } = terms;
  const decimals = polymarketDecimals(terms.tick);
  if (decimals === undefined) return undefined;
  const takenStep = stepOf(Math.min(decimals.amount, IMMEDIATE_DECIMALS_MAX));
  if (fixed.kind === 'collateral') {
    assert(side === 'buy', 'only a buy fixes its collateral');
    assert(fixed.collateral % COLLATERAL_STEP === 0n, 'a market buy spends whole cents');
    const shares = contractsFor(fixed.collateral, limitPrice, 'floor');
    return withinTick({ maker: fixed.collateral, taker: cut(shares, takenStep) }, terms);
  }
  assert(fixed.contracts % SHARE_STEP === 0n, 'shares have two decimals');
  const dollars = notional(limitPrice, fixed.contracts, 'floor');
  // A resting buy: shares × price fits the tick's decimals, so it is stated exactly.
  if (side === 'buy') return withinTick({ maker: dollars, taker: fixed.contracts }, terms);
  return withinTick({ maker: fixed.contracts, taker: cut(dollars, takenStep) }, terms);
}

function byContracts({ market, limitPrice, contracts, side }: OrderWish) {
  const whole = toMultiple(contracts, market.lot, 'floor');
  if (whole <= 0n) return refused('not_expressible');
  if (whole < market.minimumQuantity) return refused('below_minimum');
  const fixed: Fixed = { kind: 'contracts', contracts: whole };
  if (market.venue === 'polymarket') {
    const tick = tickAt(market, limitPrice);
    if (!polymarketAmounts({ fixed, side, limitPrice, tick })) return refused('not_expressible');
  }
  return sized({ limitPrice, fixed, legalMaximum: whole });
}

function byCollateral({ market, limitPrice, contracts, expectedCost, side }: OrderWish) {
  const atLimit = notional(limitPrice, contracts, 'floor');
  const cost = expectedCost === undefined ? atLimit : least(expectedCost, atLimit);
  const collateral = toMultiple(cost, COLLATERAL_STEP, 'floor');
  if (collateral <= 0n) return refused('not_expressible');
  const fixed: Fixed = { kind: 'collateral', collateral };
  const tick = tickAt(market, limitPrice);
  const amounts = polymarketAmounts({ fixed, side, limitPrice, tick });
  if (!amounts) return refused('not_expressible');
  // The venue measures the shares that the order claims, not those that a better price brings.
  if (amounts.takerAmount * SIGNED_UNIT < market.minimumQuantity) return refused('below_minimum');
  const legalMaximum = contractsFor(collateral, lowestPrice(market), 'ceil');
  return sized({ limitPrice, fixed, legalMaximum });
}

/** The amounts, if the price they imply is less than one tick on the far side of the limit. */
function withinTick(
  { maker, taker }: { readonly maker: bigint; readonly taker: bigint },
  { side, limitPrice, tick }: PolymarketTerms,
): PolymarketAmounts | undefined {
  const [dollars, shares] = side === 'buy' ? [maker, taker] : [taker, maker];
  const beyond = side === 'buy' ? limitPrice + tick : limitPrice - tick;
  const isWithin =
    side === 'buy' ? dollars * ONE < beyond * shares : dollars * ONE > beyond * shares;
  if (shares <= 0n || dollars <= 0n || !isWithin) return undefined;
  assert(maker % SIGNED_UNIT === 0n, 'the maker amount fits six decimals');
  assert(taker % SIGNED_UNIT === 0n, 'the taker amount fits six decimals');
  return { makerAmount: maker / SIGNED_UNIT, takerAmount: taker / SIGNED_UNIT };
}

const cut = (amount: bigint, step: bigint): bigint => divide(amount, step, 'floor') * step;
const stepOf = (decimals: number): bigint => 10n ** BigInt(DECIMALS - decimals);
const refused = (reason: SizingRefusal['reason']): SizingRefusal => ({ kind: 'refused', reason });
const sized = (order: Omit<SizedOrder, 'kind'>): SizedOrder => ({ kind: 'sized', ...order });
