import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Level } from '../../domain/book.js';
import { isCrossed, levelsFor, mirror, walk } from '../../domain/book.js';
import type { Instrument } from '../../domain/instrument.js';
import type { Price, Quantity } from '../../domain/money.js';
import { formatAmount, price, quantity } from '../../domain/money.js';
import { bookOf, levels } from '../support/markets.js';

const yes: Instrument = { venue: 'kalshi', market: 'KXRAIN-26NOV21', outcome: 'yes' };
const ladder = levels('20 @ 0.40, 10 @ 0.41, 30 @ 0.45');

describe('a walk takes level by level, from the best to the limit', () => {
  test.for([
    //            side    limit        at most  taken   dollars   worst   average
    ['first only', 'buy', '0.40', '100', '20', '8', '0.4', '0.4'],
    ['two levels', 'buy', '0.44', '100', '30', '12.1', '0.41', '0.403333334'],
    ['limit at a level', 'buy', '0.45', '100', '60', '25.6', '0.45', '0.426666667'],
    ['part of a level', 'buy', '0.45', '25', '25', '10.05', '0.41', '0.402'],
    ['exactly a level', 'buy', '0.45', '20', '20', '8', '0.4', '0.4'],
    ['no limit', 'buy', undefined, '100', '60', '25.6', '0.45', '0.426666667'],
  ] as const)('%s', ([, side, limit, max, taken, dollars, worst, average]) => {
    const walked = walk(ladder, {
      side,
      quantityMax: quantity(max),
      ...(limit === undefined ? {} : { limitPrice: price(limit) }),
    });
    expect(walked && formatAmount(walked.quantity)).toBe(taken);
    expect(walked && formatAmount(walked.notional)).toBe(dollars);
    expect(walked && formatAmount(walked.worstPrice)).toBe(worst);
    expect(walked && formatAmount(walked.averagePrice)).toBe(average);
  });

  test('a sale walks the bids down and rounds its average down', () => {
    const bids = levels('20 @ 0.40, 10 @ 0.39, 30 @ 0.35');
    const walked = walk(bids, {
      side: 'sell',
      limitPrice: price('0.36'),
      quantityMax: quantity('100'),
    });
    expect(walked).toMatchObject({
      quantity: quantity('30'),
      worstPrice: price('0.39'),
      averagePrice: price('0.396666666'),
    });
  });

  test('nothing within the limit is no walk at all', () => {
    const terms = { side: 'buy', quantityMax: quantity('5') } as const;
    expect(walk(ladder, { ...terms, limitPrice: price('0.39') })).toBeUndefined();
    expect(walk([], terms)).toBeUndefined();
    expect(walk(ladder, { side: 'buy', quantityMax: quantity('0') })).toBeUndefined();
  });

  test('it never takes more than is there, than was asked, or past the limit', () => {
    fc.assert(
      fc.property(anyLadder, anyPrice, anyQuantity, (asks, limitPrice, quantityMax) => {
        const walked = walk(asks, { side: 'buy', limitPrice, quantityMax });
        const within = asks.filter((level) => level.price <= limitPrice);
        const depth = within.reduce((sum, level) => sum + level.quantity, 0n);
        const expected = depth < quantityMax ? depth : quantityMax;
        expect(walked?.quantity ?? 0n).toBe(expected);
        if (!walked) return;
        expect(walked.worstPrice <= limitPrice).toBe(true);
        expect(walked.averagePrice <= walked.worstPrice).toBe(true);
        const bruteForce = walked.levels.reduce((sum, one) => sum + one.price * one.quantity, 0n);
        expect(walked.notional * 1_000_000_000n - bruteForce).toBeLessThan(
          1_000_000_000n * BigInt(walked.levels.length),
        );
        expect(walked.notional * 1_000_000_000n >= bruteForce).toBe(true);
      }),
    );
  });
});

test('a bid for YES at p is an offer of NO at 1 − p, best first', () => {
  const book = bookOf(yes, { bids: '5 @ 0.40, 7 @ 0.38', asks: '9 @ 0.43, 2 @ 0.47' });
  const no = mirror(book);
  expect(no.instrument.outcome).toBe('no');
  expect(no.asks).toEqual(levels('5 @ 0.60, 7 @ 0.62'));
  expect(no.bids).toEqual(levels('9 @ 0.57, 2 @ 0.53'));
  expect(mirror(no)).toEqual(book);
  expect(levelsFor(no, 'buy')).toEqual(no.asks);
  expect(levelsFor(no, 'sell')).toEqual(no.bids);
});

test('a book is crossed once its best bid reaches its best ask', () => {
  const crossed = (bids: string, asks: string) => isCrossed(bookOf(yes, { bids, asks }));
  expect(crossed('1 @ 0.42', '1 @ 0.43')).toBe(false);
  expect(crossed('1 @ 0.43', '1 @ 0.43')).toBe(true);
  expect(crossed('1 @ 0.44', '1 @ 0.43')).toBe(true);
  expect(crossed('', '1 @ 0.43')).toBe(false);
  expect(crossed('1 @ 0.43', '')).toBe(false);
});

const anyPrice = fc
  .integer({ min: 1, max: 999 })
  .map((mills) => (BigInt(mills) * 1_000_000n) as Price); // a test's price
const anyQuantity = fc
  .integer({ min: 0, max: 50_000 })
  .map((hundredths) => (BigInt(hundredths) * 10_000_000n) as Quantity); // a test's quantity
const anyLadder: fc.Arbitrary<readonly Level[]> = fc
  .uniqueArray(fc.tuple(anyPrice, anyQuantity), { selector: ([at]) => at, maxLength: 6 })
  .map((rows) => rows.map(([at, size]) => ({ price: at, quantity: size })))
  .map((rows) => rows.toSorted((left, right) => (left.price < right.price ? -1 : 1)));
