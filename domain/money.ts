import { assert } from './assert.js';

declare const unit: unique symbol;

/** Dollars per contract, counted in 10⁻⁹. */
export type Price = bigint & { readonly [unit]: 'price' };
/** Contracts (shares), counted in 10⁻⁹. */
export type Quantity = bigint & { readonly [unit]: 'quantity' };
/** Dollars, counted in 10⁻⁹; may be negative. */
export type Money = bigint & { readonly [unit]: 'money' };
/** A pure number such as a fee rate, counted in 10⁻⁹. */
export type Ratio = bigint & { readonly [unit]: 'ratio' };
export type Amount = Price | Quantity | Money | Ratio;

/** How a product that does not fit the scale is cut: towards −∞ or towards +∞. */
export type Rounding = 'floor' | 'ceil';

/** One unit of anything: 10⁹ counts. */
export const ONE = 1_000_000_000n;
const DECIMALS = 9;
const DECIMAL_FORM = /^(-?)(\d{1,18})(?:\.(\d{1,9}))?$/;

/**
 * Reads a decimal string such as "0.52". Returns `undefined` for anything that is not a plain
 * decimal or has more than nine decimals: a number that does not fit is refused, never rounded.
 */
export function parseAmount(text: string): bigint | undefined {
  const match = DECIMAL_FORM.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '0', fraction = ''] = match;
  const counts = BigInt(whole) * ONE + BigInt(fraction.padEnd(DECIMALS, '0'));
  return sign === '-' ? -counts : counts;
}

/** The shortest decimal string that `parseAmount` reads back: 520000000n is "0.52". */
export function formatAmount(amount: bigint): string {
  const sign = amount < 0n ? '-' : '';
  const counts = amount < 0n ? -amount : amount;
  const fraction = (counts % ONE).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  const whole = (counts / ONE).toString();
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** A price from a literal or a trusted wire; throws where the text is not a decimal that fits. */
export const price = (text: string): Price => parsed(text) as Price; // brands are born here only
export const quantity = (text: string): Quantity => parsed(text) as Quantity; // as above
export const money = (text: string): Money => parsed(text) as Money; // as above
export const ratio = (text: string): Ratio => parsed(text) as Ratio; // as above

/** TypeScript takes the operators of a branded bigint for those of a number. */
const plus = (left: bigint, right: bigint): bigint => left + right;

function parsed(text: string): bigint {
  const amount = parseAmount(text);
  assert(amount !== undefined, `"${text}" is a decimal with at most nine decimals`);
  return amount;
}

export const ZERO_QUANTITY = 0n as Quantity; // zero needs no parsing
export const ZERO_MONEY = 0n as Money; // as above
export const ONE_DOLLAR = ONE as Price; // what a winning contract pays

/** Sum, difference and negation keep the brand: 2 dollars and 3 dollars are 5 dollars. */
export const add = <A extends Amount>(left: A, right: A): A => plus(left, right) as A; // same unit
export const negate = <A extends Amount>(amount: A): A => -BigInt(amount) as A; // same unit
export const subtract = <A extends Amount>(left: A, right: A): A => add(left, negate(right));
export const least = <A extends Amount>(left: A, right: A): A => (left < right ? left : right);
export const greatest = <A extends Amount>(left: A, right: A): A => (left > right ? left : right);

/** price × quantity, rounded as told. */
export function notional(price: Price, quantity: Quantity, rounding: Rounding): Money {
  return divide(price * quantity, ONE, rounding) as Money; // price × contracts is dollars
}

/** ratio × amount, rounded as told. */
export function scaled<A extends Amount>(amount: A, by: Ratio, rounding: Rounding): A {
  return divide(amount * by, ONE, rounding) as A; // a ratio has no unit
}

/** money ÷ quantity: what one contract cost, rounded as told. The quantity must not be zero. */
export function perContract(total: Money, quantity: Quantity, rounding: Rounding): Price {
  return divide(total * ONE, quantity, rounding) as Price; // dollars ÷ contracts is a price
}

/** money ÷ price: how many contracts a sum buys, rounded as told. The price must not be zero. */
export function contractsFor(total: Money, price: Price, rounding: Rounding): Quantity {
  return divide(total * ONE, price, rounding) as Quantity; // dollars ÷ price is contracts
}

/** The nearest multiple of `step` that is not above (floor) or not below (ceil) the amount. */
export function toMultiple<A extends Amount>(amount: A, step: A, rounding: Rounding): A {
  return (divide(amount, step, rounding) * step) as A; // same unit
}

/** Integer division that says how it rounds; BigInt's own cuts towards zero. */
export function divide(dividend: bigint, divisor: bigint, rounding: Rounding): bigint {
  assert(divisor > 0n, 'a divisor is positive');
  const quotient = dividend / divisor;
  const isExact = quotient * divisor === dividend;
  if (isExact) return quotient;
  if (rounding === 'floor') return dividend < 0n ? quotient - 1n : quotient;
  return dividend < 0n ? quotient : quotient + 1n;
}
