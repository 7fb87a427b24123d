import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Money, Price, Quantity } from '../../domain/money.js';
import { formatAmount, money, ONE, price, quantity } from '../../domain/money.js';
import { entriesOfMarket } from '../../venues/kalshi/fill-history.js';
import { settlements } from '../../venues/kalshi/settlements.js';
import type { FillRow, SettlementRow } from '../../venues/kalshi/wire.js';

function row(bookSide: 'bid' | 'ask', count: string, at: string): FillRow {
  return {
    trade_id: 'T1',
    order_id: 'K1',
    ticker: 'KXRAIN-26NOV21',
    book_side: bookSide,
    count_fp: quantity(count),
    yes_price_dollars: price(at),
    fee_cost: money('0'),
    created_time: 1,
  };
}

/** Lines of "bid 10 @ 0.45" → lines of "buy yes 10 @ 0.45, cash -4.5". */
function play(story: string): string[] {
  const rows = story
    .trim()
    .split('\n')
    .map((line) => {
      const [, side, count = '', at = ''] = /(bid|ask) +(\S+) @ (\S+)/.exec(line) ?? [];
      return row(side === 'bid' ? 'bid' : 'ask', count, at);
    });
  return entriesOfMarket('main', rows).map(
    ({ side, instrument, quantity: count, price: at, cash }) =>
      `${side} ${instrument.outcome} ${formatAmount(count)} @ ${formatAmount(at)}, cash ${formatAmount(cash)}`,
  );
}

describe('what a row of a netting venue means depends on what was held', () => {
  test('a flat account buys', () => {
    expect(play('bid 10 @ 0.45')).toEqual(['buy yes 10 @ 0.45, cash -4.5']);
    expect(play('ask 10 @ 0.45')).toEqual(['buy no 10 @ 0.55, cash -5.5']);
  });

  test('what is held is sold', () => {
    const story = `
      bid 10 @ 0.45
      ask  4 @ 0.40
      ask  6 @ 0.50`;
    expect(play(story)).toEqual([
      'buy yes 10 @ 0.45, cash -4.5',
      'sell yes 4 @ 0.4, cash 1.6',
      'sell yes 6 @ 0.5, cash 3',
    ]);
  });

  test('NO that is held is sold by a bid', () => {
    const story = `
      ask 10 @ 0.45
      bid 10 @ 0.60`;
    expect(play(story)).toEqual(['buy no 10 @ 0.55, cash -5.5', 'sell no 10 @ 0.4, cash 4']);
  });

  test('a row that crosses flat buys, and the netted dollars come back with it', () => {
    const story = `
      bid  5 @ 0.45
      ask  8 @ 0.40`;
    expect(play(story)).toEqual([
      'buy yes 5 @ 0.45, cash -2.25',
      'buy no 8 @ 0.6, cash 0.2', // 5 × 0.40 came in, 3 × 0.60 went out
    ]);
  });

  test('a fee is paid in every direction', () => {
    const rows = [{ ...row('ask', '10', '0.45'), fee_cost: money('0.18') }];
    expect(entriesOfMarket('main', rows).map(({ cash }) => cash)).toEqual([money('-5.68')]);
  });

  test('however a market is traded, holding cash and a position to the end is worth the same', () => {
    const trade = fc.record({
      side: fc.constantFrom('bid' as const, 'ask' as const),
      cents: fc.bigInt(1n, 99n),
      hundredths: fc.bigInt(1n, 5_000n),
    });
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 12 }), (trades) => {
        const rows = trades.map(({ side, cents, hundredths }) => ({
          ...row(side, '1', '0.5'),
          count_fp: (hundredths * 10_000_000n) as Quantity,
          yes_price_dollars: (cents * 10_000_000n) as Price,
        }));
        const cash = entriesOfMarket('main', rows).reduce((sum, entry) => sum + entry.cash, 0n);
        const signedCounts = rows.map((one) => (one.book_side === 'bid' ? 1n : -1n) * one.count_fp);
        const position = signedCounts.reduce((sum, count) => sum + count, 0n);
        const cost = rows.reduce(
          (sum, one, index) => sum + (one.yes_price_dollars * (signedCounts[index] ?? 0n)) / ONE,
          0n,
        );
        // Paid out at YES = 1: YES pays a dollar each, NO nothing.
        const payout = position > 0n ? position : 0n;
        expect(cash + payout).toBe(position - cost);
      }),
    );
  });
});

describe('a settlement', () => {
  const settled: SettlementRow = {
    ticker: 'KXRAIN-26NOV21',
    market_result: 'yes',
    yes_count_fp: quantity('10'),
    no_count_fp: quantity('0'),
    revenue: 1000,
    fee_cost: money('0'),
    value: 100,
    settled_time: 5,
  };
  const paid = (changes: Partial<SettlementRow>) =>
    settlements('main', { ...settled, ...changes }).map(
      ({ instrument, quantity: count, price: at, cash }) =>
        `${formatAmount(count)} ${instrument.outcome} at ${formatAmount(at)} = ${formatAmount(cash)}`,
    );

  test.each<[string, Partial<SettlementRow>, string[]]>([
    ['a YES that won', {}, ['10 yes at 1 = 10']],
    ['a YES that lost', { market_result: 'no', value: 0, revenue: 0 }, ['10 yes at 0 = 0']],
    ['without a value', { value: null }, ['10 yes at 1 = 10']],
    ['its fee', { fee_cost: money('0.05') }, ['10 yes at 1 = 9.95']],
    [
      'a NO that won',
      {
        market_result: 'no',
        value: 0,
        yes_count_fp: quantity('0'),
        no_count_fp: quantity('3'),
        revenue: 300,
      },
      ['3 no at 1 = 3'],
    ],
    [
      'a scalar with both outcomes',
      { market_result: 'scalar', value: 37, no_count_fp: quantity('2'), revenue: 496 },
      ['10 yes at 0.37 = 3.7', '2 no at 0.63 = 1.26'],
    ],
    ['nothing held', { yes_count_fp: quantity('0') }, []],
  ])('%s', (_, changes, expected) => {
    expect(paid(changes)).toEqual(expected);
  });

  test('sums to what the venue paid', () => {
    const rows = settlements('main', {
      ...settled,
      value: 33,
      no_count_fp: quantity('0.01'),
      revenue: 330,
    });
    const total = rows.reduce((sum, { cash }) => sum + cash, 0n);
    expect(total).toBe(money('3.3') satisfies Money);
  });
});
