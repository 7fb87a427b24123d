import type { Fixed, TimeInForce } from '../../../domain/child-order.js';
import type { Market } from '../../../domain/instrument.js';
import {
  add,
  divide,
  formatAmount,
  type Money,
  ONE,
  type Price,
  type Quantity,
  subtract,
  toMultiple,
} from '../../../domain/money.js';
import { polymarketDecimals } from '../../../domain/order-sizing.js';
import { isLegalPrice } from '../../../domain/price-grid.js';
import type { Hex } from '../contracts.js';
import { tickOf } from './listing.js';
import type { SentOrder } from './sent-order.js';

/** What the signed amounts mean to the matching engine. */
export interface OrderTerms {
  readonly limitPrice: Price;
  readonly fixed: Fixed;
}

export type TermsOf =
  | { readonly kind: 'terms'; readonly terms: OrderTerms }
  | { readonly kind: 'refused'; readonly error: string };

/** One unit of the signed amounts, in our counts. */
const MICRO = 1_000n;
/** Clients cut what an immediate order takes to at most four decimals. */
const IMMEDIATE_DECIMALS_MAX = 4;

/**
 * Reads price and size from the two signed amounts, as the venue does.
 *
 * 1. Both amounts fit the decimals of the market's tick; a market buy gives whole cents.
 * 2. The price is their ratio. What rounding of the taken amount explains is forgiven; more than
 *    that is off the tick.
 * 3. It trades at ticks that the ratio reaches: a ratio a hair too tight trades one tick worse.
 */
export function termsOf(order: SentOrder, market: Market, id: Hex): TermsOf {
  const tick = tickOf(market);
  const decimals = polymarketDecimals(tick);
  if (!decimals) return refused('Invalid order payload');
  const isBuy = order.order.side === 'BUY';
  const isImmediate = order.orderType === 'FAK' || order.orderType === 'FOK';
  const maker = order.order.makerAmount * MICRO;
  const taker = order.order.takerAmount * MICRO;
  // What is fixed has the size's decimals, what follows from the price has the amount's.
  const isMakerFixed = isImmediate || !isBuy;
  const [fixed, derived] = isMakerFixed ? [maker, taker] : [taker, maker];
  if (!fits(fixed, decimals.size) || !fits(derived, decimals.amount)) {
    return refused(accuracyText({ isBuy, isImmediate, isMakerFixed }, decimals));
  }
  const [dollars, shares] = isBuy ? [maker, taker] : [taker, maker];
  if (dollars <= 0n || shares <= 0n) return refused('Invalid order payload');
  const unit = 10n ** BigInt(9 - Math.min(decimals.amount, IMMEDIATE_DECIMALS_MAX));
  // A ratio between two ticks can meet nothing nearer than the tick on its own side.
  const rounding = isBuy ? 'floor' : 'ceil';
  const price = divide(dollars * ONE, shares, rounding) as Price; // dollars ÷ shares
  const limitPrice = toMultiple(price, tick, rounding);
  const nextTick = isBuy ? add(limitPrice, tick) : subtract(limitPrice, tick);
  if (
    !isLegalPrice(market, limitPrice) ||
    !isExplained({ dollars, shares, ticks: [limitPrice, nextTick], unit })
  ) {
    const tickText = formatAmount(tick);
    return refused(
      `order ${id} is invalid. Price (${formatAmount(price)}) breaks minimum tick size rule: ${tickText}`,
    );
  }
  return {
    kind: 'terms',
    terms: { limitPrice, fixed: fixedOf({ isBuy, isMakerFixed, maker, shares }) },
  };
}

export const timesInForce: Readonly<Record<SentOrder['orderType'], TimeInForce>> = {
  FAK: 'IOC',
  FOK: 'FOK',
  GTC: 'GTC',
  GTD: 'GTD',
};

interface Sides {
  readonly isBuy: boolean;
  readonly isMakerFixed: boolean;
  readonly maker: bigint;
  readonly shares: bigint;
}

function fixedOf({ isBuy, isMakerFixed, maker, shares }: Sides): Fixed {
  return isBuy && isMakerFixed
    ? { kind: 'collateral', collateral: maker as Money } // a market buy gives dollars
    : { kind: 'contracts', contracts: shares as Quantity }; // everything else names its shares
}

interface Ratio {
  readonly dollars: bigint;
  readonly shares: bigint;
  /** The ticks on both sides of it. */
  readonly ticks: readonly Price[];
  /** What the taken amount was cut to. */
  readonly unit: bigint;
}

/** The distance from a tick is less than what cutting the taken amount makes of it. */
function isExplained({ dollars, shares, ticks, unit }: Ratio): boolean {
  return ticks.some((tick) => {
    const difference = dollars * ONE - tick * shares;
    return (difference < 0n ? -difference : difference) < unit * ONE;
  });
}

const fits = (amount: bigint, decimals: number): boolean =>
  amount % 10n ** BigInt(9 - decimals) === 0n;

function accuracyText(
  {
    isBuy,
    isImmediate,
    isMakerFixed,
  }: { isBuy: boolean; isImmediate: boolean; isMakerFixed: boolean },
  { size, amount }: { readonly size: number; readonly amount: number },
): string {
  const [maker, taker] = isMakerFixed ? [size, amount] : [amount, size];
  const kind = `${isImmediate ? 'market ' : ''}${isBuy ? 'buy' : 'sell'}`;
  return `invalid amounts, the ${kind} orders maker amount supports a max accuracy of ${maker} decimals, taker amount a max of ${taker} decimals`;
}

const refused = (error: string): TermsOf => ({ kind: 'refused', error });
