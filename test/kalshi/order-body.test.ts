import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../domain/assert.js';
import type { Price } from '../../domain/money.js';
import { money, price, quantity } from '../../domain/money.js';
import { fromBookSide, toBookSide } from '../../venues/kalshi/book-side.js';
import { orderBody } from '../../venues/kalshi/order-body.js';
import { order, orderOf } from './fixtures/orders.js';

const instrument = order().instrument;
const ofNo = { instrument: { ...instrument, outcome: 'no' } } as const;

describe('one book, prices of YES', () => {
  test.each([
    // what we mean                               what Kalshi is told
    ['buy yes at 0.52', {}, 'bid', '0.5200'],
    ['sell yes at 0.52', { side: 'sell' }, 'ask', '0.5200'],
    ['buy no at 0.52', { ...ofNo }, 'ask', '0.4800'],
    ['sell no at 0.52', { ...ofNo, side: 'sell' }, 'bid', '0.4800'],
  ] as const)('%s', (...[, changes, side, yesPrice]) => {
    expect(orderBody(order(changes))).toMatchObject({ side, price: yesPrice });
  });

  test('reading an order back for the outcome that was meant gives what was meant', () => {
    const prices = fc.bigInt(1n, 9_999n).map((ticks) => (ticks * 100_000n) as Price);
    const direction = fc.record({
      outcome: fc.constantFrom('yes' as const, 'no' as const),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      price: prices,
    });
    fc.assert(
      fc.property(direction, (meant) => {
        const { bookSide, yesPrice } = toBookSide(meant);
        expect(fromBookSide(bookSide, yesPrice, meant.outcome)).toEqual(meant);
      }),
    );
  });
});

describe('the body of an order', () => {
  test('says every field that the venue asks for', () => {
    expect(orderBody(orderOf('12.5', { limitPrice: price('0.455') }))).toEqual({
      ticker: 'KXRAIN-26NOV21',
      client_order_id: 'client-1',
      side: 'bid',
      count: '12.50',
      price: '0.4550',
      time_in_force: 'immediate_or_cancel',
      self_trade_prevention_type: 'taker_at_cross',
      reduce_only: false,
    });
  });

  test.each([
    ['IOC', 'immediate_or_cancel'],
    ['FOK', 'fill_or_kill'],
    ['GTC', 'good_till_canceled'],
  ] as const)('%s is %s', (timeInForce, wire) => {
    expect(orderBody(order({ timeInForce })).time_in_force).toBe(wire);
  });

  test('an exit may only reduce', () => {
    expect(orderBody(order({ isReduceOnly: true })).reduce_only).toBe(true);
  });

  test.each([
    ['a price of five decimals', { limitPrice: price('0.52001') }],
    ['a price of nothing', { limitPrice: price('0') }],
    ['a count of three decimals', { fixed: { kind: 'contracts', contracts: quantity('1.005') } }],
    ['no count', { fixed: { kind: 'contracts', contracts: quantity('0') } }],
    ['a sum of money', { fixed: { kind: 'collateral', collateral: money('5') } }],
    ['a day order', { timeInForce: 'DAY' }],
    ['another venue', { instrument: { ...instrument, venue: 'polymarket' } }],
  ] as const)('%s is a promise that we broke, and is never rounded', (_, changes) => {
    expect(() => orderBody(order(changes))).toThrow(InvariantError);
  });
});
