import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instrument, Market } from '../../domain/instrument.js';
import type { Price } from '../../domain/money.js';
import { formatAmount, money, price, quantity } from '../../domain/money.js';
import type { OrderWish, PolymarketTerms } from '../../domain/order-sizing.js';
import { polymarketAmounts, polymarketDecimals, sizedOrder } from '../../domain/order-sizing.js';
import { tickAt } from '../../domain/price-grid.js';
import { band, kalshiMarket, polymarketMarket } from '../support/markets.js';

const markets = {
  kalshi: kalshiMarket(),
  kalshiWhole: kalshiMarket({ minimumQuantity: quantity('1') }),
  polymarket: polymarketMarket(),
  mills: polymarketMarket({ priceBands: [band('0.001', '0.999', '0.001')] }),
  oddTick: polymarketMarket({ priceBands: [band('0.02', '0.98', '0.02')] }),
};
const instrumentOf = ({ venue, market }: Market): Instrument => ({ venue, market, outcome: 'yes' });

interface Row {
  readonly market: keyof typeof markets;
  readonly side: 'buy' | 'sell';
  readonly contracts: string;
  readonly limit: string;
  readonly cost?: string;
}

function wishOf({ market: name, side, contracts, limit, cost }: Row): OrderWish {
  const market = markets[name];
  return {
    market,
    instrument: instrumentOf(market),
    side,
    contracts: quantity(contracts),
    limitPrice: price(limit),
    ...(cost === undefined ? {} : { expectedCost: money(cost) }),
  };
}

describe('Kalshi orders and Polymarket sales fix their contracts', () => {
  test.each([
    [{ market: 'kalshi', side: 'buy', contracts: '30', limit: '0.41' }, '30'],
    [{ market: 'kalshi', side: 'sell', contracts: '0.01', limit: '0.41' }, '0.01'],
    [{ market: 'kalshi', side: 'buy', contracts: '30.019', limit: '0.41' }, '30.01'],
    [{ market: 'polymarket', side: 'sell', contracts: '5', limit: '0.41' }, '5'],
    [{ market: 'polymarket', side: 'sell', contracts: '12.345', limit: '0.41' }, '12.34'],
  ] as const satisfies readonly (readonly [Row, string])[])('%# %j', (row, contracts) => {
    expect(sizedOrder(wishOf(row))).toEqual({
      kind: 'sized',
      limitPrice: price(row.limit),
      fixed: { kind: 'contracts', contracts: quantity(contracts) },
      legalMaximum: quantity(contracts),
    });
  });
});

describe('a Polymarket buy fixes its collateral: whole cents of the depth walked', () => {
  test.for([
    // contracts, limit, expected cost -> collateral, legal maximum (÷ the lowest tick)
    ['polymarket', '30', '0.41', '12.10', '12.1', '1210'],
    ['polymarket', '30', '0.41', undefined, '12.3', '1230'],
    ['polymarket', '30', '0.41', '12.30', '12.3', '1230'],
    ['polymarket', '30', '0.41', '99', '12.3', '1230'],
    ['polymarket', '30', '0.41', '12.109', '12.1', '1210'],
    ['mills', '13', '0.371', undefined, '4.82', '4820'],
  ] as const)('%# %s', ([market, contracts, limit, cost, collateral, legalMaximum]) => {
    const row: Row = { market, side: 'buy', contracts, limit };
    const sized = sizedOrder(wishOf(cost === undefined ? row : { ...row, cost }));
    expect(sized).toEqual({
      kind: 'sized',
      limitPrice: price(limit),
      fixed: { kind: 'collateral', collateral: money(collateral) },
      legalMaximum: quantity(legalMaximum),
    });
  });
});

describe('what a venue would refuse is refused before', () => {
  test.each([
    ['not_expressible', { market: 'kalshi', side: 'buy', contracts: '0.009', limit: '0.41' }],
    ['not_expressible', { market: 'kalshi', side: 'buy', contracts: '10', limit: '0.415' }],
    ['not_expressible', { market: 'kalshi', side: 'buy', contracts: '10', limit: '1' }],
    ['not_expressible', { market: 'polymarket', side: 'buy', contracts: '0.02', limit: '0.41' }],
    ['below_minimum', { market: 'polymarket', side: 'sell', contracts: '4.99', limit: '0.41' }],
    ['below_minimum', { market: 'polymarket', side: 'buy', contracts: '4.97', limit: '0.41' }],
    // Enough contracts at the expected price, but the order would claim too few at its limit.
    [
      'below_minimum',
      { market: 'polymarket', side: 'buy', contracts: '5', limit: '0.41', cost: '2.04' },
    ],
  ] as const satisfies readonly (readonly [string, Row])[])('%s: %j', (reason, row) => {
    expect(sizedOrder(wishOf(row))).toEqual({ kind: 'refused', reason });
  });

  test('a Kalshi order below its market’s minimum', () => {
    const row = { market: 'kalshiWhole', side: 'buy', limit: '0.41' } as const;
    expect(sizedOrder(wishOf({ ...row, contracts: '0.99' })).kind).toBe('refused');
    expect(sizedOrder(wishOf({ ...row, contracts: '1' })).kind).toBe('sized');
  });

  test('a Polymarket market with a tick that was never seen', () => {
    const row = { market: 'oddTick', contracts: '10', limit: '0.42' } as const;
    expect(sizedOrder(wishOf({ ...row, side: 'buy' })).kind).toBe('refused');
    expect(sizedOrder(wishOf({ ...row, side: 'sell' })).kind).toBe('refused');
  });
});

describe('signed amounts', () => {
  test.for([
    // tick, side, fixed, limit -> maker, taker (10⁻⁶)
    ['0.01', 'buy', '$12.10', '0.41', 12_100_000n, 29_512_100n],
    ['0.01', 'buy', '$12.30', '0.41', 12_300_000n, 30_000_000n],
    ['0.1', 'buy', '$10.00', '0.3', 10_000_000n, 33_333_000n],
    ['0.001', 'buy', '$4.82', '0.371', 4_820_000n, 12_991_900n],
    ['0.0001', 'buy', '$9.99', '0.2951', 9_990_000n, 33_852_900n],
    ['0.01', 'sell', '33.89', '0.29', 33_890_000n, 9_828_100n],
    ['0.001', 'sell', '33.89', '0.295', 33_890_000n, 9_997_500n],
    ['0.01', 'buy', '33.89', '0.29', 9_828_100n, 33_890_000n],
  ] as const)('tick %s, %s %s at %s', ([tick, side, fixed, limit, makerAmount, takerAmount]) => {
    const amounts = polymarketAmounts({
      tick: price(tick),
      side,
      limitPrice: price(limit),
      fixed: fixed.startsWith('$')
        ? { kind: 'collateral', collateral: money(fixed.slice(1)) }
        : { kind: 'contracts', contracts: quantity(fixed) },
    });
    expect(amounts).toEqual({ makerAmount, takerAmount });
  });

  test('on the grid, the worst price that can fill is the limit itself', () => {
    fc.assert(
      fc.property(anyTerms, (terms) => {
        const amounts = polymarketAmounts(terms);
        if (amounts === undefined) return;
        const { side, limitPrice, tick } = terms;
        expect(canFillAt(amounts, side, limitPrice)).toBe(true);
        const worse = side === 'buy' ? limitPrice + tick : limitPrice - tick;
        expect(canFillAt(amounts, side, worse)).toBe(false);
      }),
    );
  });

  test('every order of a dollar or of a contract can be stated', () => {
    fc.assert(
      fc.property(anyTerms, (terms) => {
        const { fixed } = terms;
        const size = fixed.kind === 'collateral' ? fixed.collateral : fixed.contracts;
        if (size < 1_000_000_000n) return;
        expect(polymarketAmounts(terms)).toBeDefined();
      }),
    );
  });

  test('they have the decimals that the tick allows, and at most four where it matters', () => {
    fc.assert(
      fc.property(anyTerms, (terms) => {
        const amounts = polymarketAmounts(terms);
        const decimals = polymarketDecimals(terms.tick);
        if (amounts === undefined || decimals === undefined) return;
        const takerDecimals = Math.min(4, decimals.amount);
        expect(amounts.makerAmount % 10_000n).toBe(0n);
        expect(amounts.takerAmount % 10n ** BigInt(6 - takerDecimals)).toBe(0n);
      }),
    );
  });
});

test('a sized order never says more than was wished', () => {
  fc.assert(
    fc.property(anyTerms, fc.integer({ min: 1, max: 99_999 }), ({ tick, side, limitPrice }, n) => {
      const market = polymarketMarket({
        priceBands: [{ start: tick, end: price('1'), step: tick }],
        minimumQuantity: quantity('1'),
      });
      const contracts = quantity((n / 1_000).toFixed(3));
      const wish = { market, instrument: instrumentOf(market), side, limitPrice, contracts };
      const sized = sizedOrder(wish);
      if (sized.kind === 'refused') return;
      const { fixed } = sized;
      if (fixed.kind === 'contracts') expect(fixed.contracts <= contracts).toBe(true);
      else expect(fixed.collateral * 1_000_000_000n <= contracts * limitPrice).toBe(true);
      expect(tickAt(market, sized.limitPrice)).toBe(tick);
      if (fixed.kind === 'collateral') {
        expect(formatAmount(sized.legalMaximum * tick)).toBe(
          formatAmount(fixed.collateral * 1_000_000_000n),
        );
      }
    }),
  );
});

/** Whether amounts cross a counterparty that quotes exactly `at`. */
function canFillAt(
  { makerAmount, takerAmount }: { makerAmount: bigint; takerAmount: bigint },
  side: 'buy' | 'sell',
  at: bigint,
): boolean {
  return side === 'buy'
    ? makerAmount * 1_000_000_000n >= at * takerAmount
    : takerAmount * 1_000_000_000n <= at * makerAmount;
}

const anyTick = fc
  .constantFrom('0.1', '0.01', '0.005', '0.0025', '0.001', '0.0001')
  .map((text) => price(text));
const anyTerms: fc.Arbitrary<PolymarketTerms> = fc
  .record({
    tick: anyTick,
    place: fc.integer({ min: 1, max: 9_999 }),
    hundredths: fc.integer({ min: 1, max: 2_000_000 }),
    side: fc.constantFrom('buy' as const, 'sell' as const),
  })
  .map(({ tick, place, hundredths, side }) => {
    const places = 1_000_000_000n / tick - 1n;
    const limitPrice = (((BigInt(place) % places) + 1n) * tick) as Price; // a multiple of the tick
    const size = (hundredths / 100).toFixed(2);
    const fixed: PolymarketTerms['fixed'] =
      side === 'buy'
        ? { kind: 'collateral', collateral: money(size) }
        : { kind: 'contracts', contracts: quantity(size) };
    return { tick, side, limitPrice, fixed };
  });
