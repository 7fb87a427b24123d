import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Price } from '../../domain/money.js';
import { formatAmount, price } from '../../domain/money.js';
import {
  highestPrice,
  isLegalPrice,
  lowestPrice,
  tickAt,
  toLegalPrice,
} from '../../domain/price-grid.js';
import { band, kalshiMarket, taperedBands } from '../support/markets.js';

const tapered = kalshiMarket({ priceBands: taperedBands });
const cents = kalshiMarket({ priceBands: [band('0.00', '1.00', '0.01')] });
const quarters = kalshiMarket({ priceBands: [band('0.0025', '0.9975', '0.0025')] });
const shown = (amount: Price | undefined) => amount && formatAmount(amount);

describe('a price is legal strictly between 0 and 1 dollar, on the step of its band', () => {
  test.for([
    ['cents', cents, '0', false],
    ['cents', cents, '0.009', false],
    ['cents', cents, '0.01', true],
    ['cents', cents, '0.011', false],
    ['cents', cents, '0.99', true],
    ['cents', cents, '0.991', false],
    ['cents', cents, '1', false],
    ['tapered', tapered, '0.001', true],
    ['tapered', tapered, '0.0005', false],
    ['tapered', tapered, '0.099', true],
    ['tapered', tapered, '0.1', true],
    ['tapered', tapered, '0.101', false],
    ['tapered', tapered, '0.899', false],
    ['tapered', tapered, '0.901', true],
    ['tapered', tapered, '0.999', true],
    ['quarters', quarters, '0.0025', true],
    ['quarters', quarters, '0.003', false],
    ['quarters', quarters, '0.9975', true],
  ] as const)('%s: %s', ([, market, at, isLegal]) => {
    expect(isLegalPrice(market, price(at))).toBe(isLegal);
  });
});

describe('a price is moved to the nearest legal one, on the side that was asked for', () => {
  test.for([
    [cents, '0.005', undefined, '0.01'],
    [cents, '0.415', '0.41', '0.42'],
    [cents, '0.41', '0.41', '0.41'],
    [cents, '0.995', '0.99', undefined],
    [tapered, '0.0995', '0.099', '0.1'],
    [tapered, '0.1005', '0.1', '0.11'],
    [tapered, '0.8999', '0.89', '0.9'],
    [tapered, '0.9001', '0.9', '0.901'],
  ] as const)('%# %s: floor %s, ceil %s', ([market, at, floor, ceil]) => {
    expect(shown(toLegalPrice(market, price(at), 'floor'))).toBe(floor);
    expect(shown(toLegalPrice(market, price(at), 'ceil'))).toBe(ceil);
  });

  test('nothing legal lies between a price and its floor or ceiling', () => {
    const anyPrice = fc.bigInt(1n, 999_999_999n).map((counts) => counts as Price); // a test's price
    fc.assert(
      fc.property(anyPrice, fc.constantFrom(cents, tapered, quarters), (at, market) => {
        for (const rounding of ['floor', 'ceil'] as const) {
          const legal = toLegalPrice(market, at, rounding);
          if (legal === undefined) continue;
          expect(isLegalPrice(market, legal)).toBe(true);
          expect(rounding === 'floor' ? legal <= at : legal >= at).toBe(true);
          const distance = legal > at ? legal - at : at - legal;
          expect(distance < tickAt(market, legal)).toBe(true);
        }
      }),
    );
  });
});

test('the lowest and highest prices are one step inside the dollar', () => {
  expect([cents, tapered, quarters].map((market) => shown(lowestPrice(market)))).toEqual([
    '0.01',
    '0.001',
    '0.0025',
  ]);
  expect([cents, tapered, quarters].map((market) => shown(highestPrice(market)))).toEqual([
    '0.99',
    '0.999',
    '0.9975',
  ]);
});

test('where two bands meet the tick is the larger one', () => {
  const ticks = ['0.05', '0.1', '0.5', '0.9', '0.95'].map((at) => tickAt(tapered, price(at)));
  expect(ticks.map(formatAmount)).toEqual(['0.001', '0.01', '0.01', '0.01', '0.001']);
});
