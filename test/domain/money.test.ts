import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Money, Price, Quantity, Ratio } from '../../domain/money.js';
import {
  add,
  contractsFor,
  divide,
  formatAmount,
  greatest,
  least,
  money,
  negate,
  notional,
  parseAmount,
  perContract,
  price,
  scaled,
  subtract,
  toMultiple,
} from '../../domain/money.js';

Decimal.set({ precision: 80 });
const roundings = { floor: Decimal.ROUND_FLOOR, ceil: Decimal.ROUND_CEIL } as const;
const anyRounding = fc.constantFrom('floor' as const, 'ceil' as const);

/** Up to a hundred million dollars or contracts, of either sign, to the last count. */
const anyCounts = fc.bigInt(-(10n ** 17n), 10n ** 17n);
const positiveCounts = fc.bigInt(1n, 10n ** 17n);
const decimal = (amount: bigint) => new Decimal(amount.toString()).div(1e9);
/** An amount that says what the oracle says, cut to nine decimals. */
const agrees = (amount: bigint, exact: Decimal, rounding: 'floor' | 'ceil') =>
  expect(formatAmount(amount)).toBe(exact.toDecimalPlaces(9, roundings[rounding]).toFixed());

describe('a decimal string is read exactly or refused', () => {
  test.each([
    ['0', 0n],
    ['0.52', 520_000_000n],
    ['007', 7_000_000_000n],
    ['-0.5', -500_000_000n],
    ['-0', 0n],
    ['1.000000001', 1_000_000_001n],
    ['0.520000000', 520_000_000n],
    ['999999999999999999.999999999', 10n ** 27n - 1n],
  ])('%s', (text, counts) => {
    expect(parseAmount(text)).toBe(counts);
  });

  test.each([
    '',
    ' ',
    '.5',
    '5.',
    '+1',
    '--1',
    '1e3',
    '0x10',
    '1,000',
    '1_000',
    ' 1',
    '1 ',
    '1\n',
    'NaN',
    'Infinity',
    '٣',
    '0.0000000001',
    '1.0000000000',
    '1000000000000000000',
  ])('%j is refused', (text) => {
    expect(parseAmount(text)).toBeUndefined();
    expect(() => price(text)).toThrow('is a decimal with at most nine decimals');
  });

  test('it is written in its shortest form and read back the same', () => {
    fc.assert(
      fc.property(anyCounts, (counts) => {
        const text = formatAmount(counts);
        expect(parseAmount(text)).toBe(counts);
        expect(text).toBe(decimal(counts).toFixed());
      }),
    );
  });
});

describe('arithmetic agrees with decimals, rounded as told', () => {
  test('a product: price × quantity, ratio × amount', () => {
    fc.assert(
      fc.property(anyCounts, positiveCounts, anyRounding, (left, right, rounding) => {
        const exact = decimal(left).mul(decimal(right));
        agrees(notional(left as Price, right as Quantity, rounding), exact, rounding); // a test's
        agrees(scaled(left as Money, right as Ratio, rounding), exact, rounding); // a test's
      }),
    );
  });

  test('a quotient: dollars per contract, contracts for dollars', () => {
    fc.assert(
      fc.property(anyCounts, positiveCounts, anyRounding, (left, right, rounding) => {
        const exact = decimal(left).div(decimal(right));
        agrees(perContract(left as Money, right as Quantity, rounding), exact, rounding); // a test's
        agrees(contractsFor(left as Money, right as Price, rounding), exact, rounding); // a test's
      }),
    );
  });

  test('a division towards −∞ or +∞, whatever the sign', () => {
    const rows = [7n, -7n, 6n, -6n].map((dividend) => [
      divide(dividend, 3n, 'floor'),
      divide(dividend, 3n, 'ceil'),
    ]);
    expect(rows).toEqual([
      [2n, 3n],
      [-3n, -2n],
      [2n, 2n],
      [-2n, -2n],
    ]);
    expect(() => divide(1n, 0n, 'floor')).toThrow('a divisor is positive');
    expect(() => divide(1n, -1n, 'floor')).toThrow('a divisor is positive');
  });

  test('a multiple is the nearest on its side', () => {
    fc.assert(
      fc.property(anyCounts, positiveCounts, (amount, step) => {
        const below = toMultiple(amount as Money, step as Money, 'floor'); // a test's
        const above = toMultiple(amount as Money, step as Money, 'ceil'); // a test's
        expect([below % step, above % step]).toEqual([0n, 0n]);
        expect(below <= amount && amount < below + step).toBe(true);
        expect(above - step < amount && amount <= above).toBe(true);
      }),
    );
  });
});

test('sums, differences and choices are those of the dollars', () => {
  const [two, three] = [money('2'), money('3')];
  expect(formatAmount(add(two, three))).toBe('5');
  expect(formatAmount(subtract(two, three))).toBe('-1');
  expect(formatAmount(negate(three))).toBe('-3');
  expect([least(two, three), greatest(two, three)]).toEqual([two, three]);
  expect([least(two, two), greatest(two, two)]).toEqual([two, two]);
});
