import { assert } from './assert.js';
import { formatAmount, parseAmount } from './money.js';

/**
 * The plain-JSON form of a domain value: every amount is a decimal string, so that a history reads
 * "0.52" in Temporal Web and any language can follow it. Everything else stays as it is.
 */
export type Wire<T> = T extends bigint
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Wire<T[Key]> }
      : T;

const amountFields = [
  'balance',
  'basis',
  'cash',
  'collateral',
  'contracts',
  'contractsMax',
  'contractsPerPairMax',
  'cost',
  'cumulativeQuantity',
  'edge',
  'edgeMin',
  'end',
  'exitCash',
  'exitCost',
  'expected',
  'exposure',
  'exposureContractSeconds',
  'exposureMax',
  'fee',
  'fees',
  'filled',
  'gross',
  'held',
  'legalMaximum',
  'limit',
  'limitPrice',
  'lossMax',
  'lossPerDayMax',
  'lot',
  'minimumQuantity',
  'multiplier',
  'net',
  'no',
  'positionMax',
  'price',
  'priceMin',
  'quantity',
  'rate',
  'realisedToday',
  'sellable',
  'start',
  'step',
  'yes',
] as const;

/**
 * The names under which domain values hold an amount, and nothing but an amount. A type test
 * (`test/domain/wire.test.ts`) proves for every payload type that its bigint fields are named here
 * and its string fields are not, so the names alone say how to read a payload back.
 */
export type AmountField = (typeof amountFields)[number];
const AMOUNTS: ReadonlySet<string> = new Set(amountFields);

/** Writes a domain value as plain JSON. A `bigint` becomes a decimal string; nothing is rounded. */
export function toWire<T>(value: T): Wire<T> {
  return encoded(value) as Wire<T>; // `encoded` does at run time what `Wire` says of the type
}

/**
 * Reads a value back from its wire form. Throws `InvariantError` where an amount is not a decimal.
 */
export function fromWire<T>(wire: Wire<T>): T {
  return decoded(wire, '') as T; // `decoded` is the inverse of `encoded`, proved by a property test
}

function encoded(value: unknown): unknown {
  if (typeof value === 'bigint') return formatAmount(value);
  if (Array.isArray(value)) return value.map(encoded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encoded(item)]));
}

function decoded(wire: unknown, key: string): unknown {
  if (typeof wire === 'string' && AMOUNTS.has(key)) return amountOf(wire, key);
  if (Array.isArray(wire)) return wire.map((item) => decoded(item, key));
  if (typeof wire !== 'object' || wire === null) return wire;
  return Object.fromEntries(
    Object.entries(wire).map(([name, item]) => [name, decoded(item, name)]),
  );
}

function amountOf(text: string, key: string): bigint {
  const amount = parseAmount(text);
  assert(amount !== undefined, `${key} "${text}" is a decimal amount`);
  return amount;
}
