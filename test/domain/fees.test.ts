import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  collateralFeeUpperBound,
  kalshiFeeUpperBound,
  kalshiFillFee,
  kalshiTradeFee,
  orderFee,
  polymarketFee,
  takerFee,
} from '../../domain/fees.js';
import type { Price, Quantity, Ratio } from '../../domain/money.js';
import {
  contractsFor,
  formatAmount,
  money,
  price,
  quantity,
  ratio,
  ZERO_MONEY,
} from '../../domain/money.js';
import { kalshiFees, levels, polymarketFees } from '../support/markets.js';

describe('Kalshi: rate × C × P × (1−P) × multiplier, up to the next $0.0001', () => {
  test.for([
    ['100', '0.50', '0.07', '1', '1.75'],
    ['1', '0.50', '0.07', '1', '0.0175'],
    ['1', '0.01', '0.07', '1', '0.0007'],
    ['1', '0.99', '0.07', '1', '0.0007'],
    ['10', '0.33', '0.07', '1', '0.1548'],
    ['10', '0.33', '0.07', '0.5', '0.0774'],
    ['0.01', '0.50', '0.07', '1', '0.0002'],
    ['100', '0.50', '0', '1', '0'],
  ] as const)('%s @ %s, rate %s × %s: $%s', ([contracts, at, rate, multiplier, fee]) => {
    const fees = { ...kalshiFees, rate: ratio(rate), multiplier: ratio(multiplier) };
    expect(formatAmount(kalshiTradeFee(fees, price(at), quantity(contracts)))).toBe(fee);
  });

  test('planning adds a cent per order for rounding, and nothing to an order of nothing', () => {
    const ladder = levels('10 @ 0.33, 100 @ 0.50');
    expect(kalshiFeeUpperBound(kalshiFees, ladder)).toBe(money('1.9148'));
    expect(orderFee(kalshiFees, ladder)).toBe(money('1.9148'));
    expect(takerFee(kalshiFees, price('0.33'), quantity('10'))).toBe(money('0.1648'));
    expect(orderFee(kalshiFees, [])).toBe(ZERO_MONEY);
    expect(takerFee(kalshiFees, price('0.33'), quantity('0'))).toBe(ZERO_MONEY);
  });
});

describe('Kalshi: the rounding accumulator of an order, by the venue’s own examples', () => {
  test.each([
    {
      name: '3 × (1 @ 0.055)',
      fill: { price: '0.055', contracts: '1', tradeFee: '0.0085' },
      rows: [
        { rounding: '0.0065', rebate: '0', net: '0.015', change: '-0.07' },
        { rounding: '0.0065', rebate: '0.01', net: '0.005', change: '-0.07' },
        { rounding: '0.0065', rebate: '0', net: '0.015', change: '-0.07' },
      ],
    },
    {
      name: '3 × (0.30 @ 0.50)',
      fill: { price: '0.50', contracts: '0.30', tradeFee: '0.0041' },
      rows: [
        { rounding: '0.0059', rebate: '0', net: '0.01', change: '-0.16' },
        { rounding: '0.0059', rebate: '0.01', net: '0', change: '-0.16' },
        { rounding: '0.0059', rebate: '0', net: '0.01', change: '-0.16' },
      ],
    },
    {
      name: '3 × (0.03 @ 0.3301)',
      fill: { price: '0.3301', contracts: '0.03', tradeFee: '0.0005' },
      rows: [
        { rounding: '0.009597', rebate: '0', net: '0.010097', change: '-0.02' },
        { rounding: '0.009597', rebate: '0.01', net: '0.000097', change: '-0.02' },
        { rounding: '0.009597', rebate: '0.01', net: '0.000097', change: '-0.02' },
      ],
    },
  ])('$name', ({ fill, rows }) => {
    let accumulator = ZERO_MONEY;
    for (const row of rows) {
      const charged = kalshiFillFee({
        side: 'buy',
        price: price(fill.price),
        contracts: quantity(fill.contracts),
        tradeFee: money(fill.tradeFee),
        accumulator,
        precision: money('0.01'),
      });
      accumulator = charged.accumulator;
      expect({
        rounding: formatAmount(charged.roundingFee),
        rebate: formatAmount(charged.rebate),
        net: formatAmount(charged.fee),
        change: formatAmount(charged.cash - charged.rebate),
      }).toEqual(row);
    }
  });

  test('a cent comes back once more than a cent was charged, not before', () => {
    const fill = {
      side: 'buy',
      price: price('0.01'),
      contracts: quantity('0.5'),
      tradeFee: money('0.01'),
      precision: money('0.01'),
    } as const;
    const before = kalshiFillFee({ ...fill, accumulator: money('0.005') });
    expect([before.rebate, before.accumulator]).toEqual([ZERO_MONEY, money('0.01')]);
    const after = kalshiFillFee({ ...fill, accumulator: before.accumulator });
    expect([after.rebate, after.accumulator]).toEqual([money('0.01'), money('0.005')]);
  });

  test('balances stay whole, no fee is negative, the accumulator is what was charged', () => {
    const fills = fc.array(
      fc.record({
        side: fc.constantFrom('buy' as const, 'sell' as const),
        price: anyPrice,
        contracts: anyContracts,
      }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(fills, fc.constantFrom(money('0.01'), money('0.0001')), (rows, precision) => {
        let accumulator = ZERO_MONEY;
        let paid = 0n;
        let traded = 0n;
        for (const row of rows) {
          const tradeFee = kalshiTradeFee(kalshiFees, row.price, row.contracts);
          const charged = kalshiFillFee({ ...row, precision, tradeFee, accumulator });
          accumulator = charged.accumulator;
          paid += charged.fee;
          traded += tradeFee;
          expect(charged.cash % precision).toBe(0n);
          expect(charged.fee >= 0n).toBe(true);
          expect(charged.roundingFee < precision).toBe(true);
        }
        expect(paid - traded).toBe(accumulator);
        expect(accumulator >= 0n).toBe(true);
      }),
    );
  });

  test('an order whose fills owe a cent or more keeps at most a cent of rounding', () => {
    const contracts = fc.integer({ min: 10_000, max: 99_999 }).map(hundredths);
    const cents = fc.integer({ min: 1, max: 99 }).map((count) => price((count / 100).toFixed(2)));
    const fills = fc.array(fc.tuple(cents, contracts), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fills, (rows) => {
        let accumulator = ZERO_MONEY;
        let paid = 0n;
        for (const [at, size] of rows) {
          const tradeFee = kalshiTradeFee(kalshiFees, at, size);
          const precision = money('0.01');
          const fill = { side: 'buy', price: at, contracts: size, tradeFee, precision } as const;
          const charged = kalshiFillFee({ ...fill, accumulator });
          accumulator = charged.accumulator;
          paid += charged.fee;
        }
        const asLevels = rows.map(([at, size]) => ({ price: at, quantity: size }));
        expect(paid <= kalshiFeeUpperBound(kalshiFees, asLevels)).toBe(true);
      }),
    );
  });
});

describe('Polymarket: C × rate × (p(1−p))^e, up to the fifth decimal', () => {
  test.for([
    ['100', '0.50', '0.04', 1, '1'],
    ['100', '0.50', '0.07', 1, '1.75'],
    ['1', '0.33', '0.04', 1, '0.00885'],
    ['1', '0.01', '0.04', 1, '0.0004'],
    ['0.01', '0.01', '0.04', 1, '0.00001'],
    ['100', '0.50', '0.04', 2, '0.25'],
    ['100', '0.50', '0', 1, '0'],
  ] as const)('%s @ %s, rate %s, power %s: $%s', ([contracts, at, rate, powerOfVariance, fee]) => {
    const fees = { ...polymarketFees, rate: ratio(rate), powerOfVariance };
    expect(formatAmount(polymarketFee(fees, price(at), quantity(contracts)))).toBe(fee);
    expect(takerFee(fees, price(at), quantity(contracts))).toBe(money(fee));
  });

  test('an order pays for each level by itself', () => {
    expect(orderFee(polymarketFees, levels('1 @ 0.33, 100 @ 0.50'))).toBe(money('1.00885'));
  });
});

describe('the formulas agree with decimal arithmetic', () => {
  const decimal = (amount: bigint) => new Decimal(amount.toString()).div(1e9);
  const variance = (at: Price) => decimal(at).mul(new Decimal(1).sub(decimal(at)));

  test('Kalshi', () => {
    fc.assert(
      fc.property(anyPrice, anyContracts, anyRate, (at, contracts, rate) => {
        const fees = { ...kalshiFees, rate };
        const exact = decimal(rate).mul(decimal(contracts)).mul(variance(at));
        const expected = exact.toDecimalPlaces(4, Decimal.ROUND_UP);
        expect(formatAmount(kalshiTradeFee(fees, at, contracts))).toBe(expected.toFixed());
      }),
    );
  });

  test('Polymarket', () => {
    fc.assert(
      fc.property(anyPrice, anyContracts, anyRate, (at, contracts, rate) => {
        const fees = { ...polymarketFees, rate };
        const exact = decimal(rate).mul(decimal(contracts)).mul(variance(at));
        const expected = exact.toDecimalPlaces(5, Decimal.ROUND_UP);
        expect(formatAmount(polymarketFee(fees, at, contracts))).toBe(expected.toFixed());
      }),
    );
  });
});

test('what a sum of money can cost in fees is bounded at every price that it may trade at', () => {
  const sums = fc
    .integer({ min: 500, max: 100_000 })
    .map((cents) => money((cents / 100).toFixed(2)));
  fc.assert(
    fc.property(sums, anyPrice, fc.constantFrom(1, 2), (collateral, at, powerOfVariance) => {
      const contracts = contractsFor(collateral, at, 'floor');
      const fees = { ...polymarketFees, powerOfVariance };
      expect(takerFee(fees, at, contracts) <= collateralFeeUpperBound(fees, collateral)).toBe(true);
      const bound = collateralFeeUpperBound(kalshiFees, collateral);
      expect(takerFee(kalshiFees, at, contracts) <= bound).toBe(true);
    }),
  );
});

const hundredths = (count: number): Quantity => quantity((count / 100).toFixed(2));
const anyPrice: fc.Arbitrary<Price> = fc
  .integer({ min: 1, max: 9_999 })
  .map((tenthsOfMills) => price((tenthsOfMills / 10_000).toFixed(4)));
const anyContracts = fc.integer({ min: 1, max: 100_000 }).map(hundredths);
const anyRate: fc.Arbitrary<Ratio> = fc
  .integer({ min: 0, max: 100 })
  .map((percent) => ratio((percent / 1_000).toFixed(3)));
