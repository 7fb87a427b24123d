import { describe, expect, test } from 'vitest';
import { assert, InvariantError, unreachable } from '../../domain/assert.js';
import { instrumentKey, opposite } from '../../domain/instrument.js';
import type { ArbitrageType } from '../../domain/pair.js';
import { arbitrageTypes, legInstrument, legMarket } from '../../domain/pair.js';
import { pairOf } from '../support/markets.js';

const pair = pairOf();
const { market: condition } = pair.polymarket;

describe('a leg is named by the outcome that it buys', () => {
  test.each<[ArbitrageType, string, string]>([
    ['poly_yes_kalshi_no', `polymarket/${condition}/yes`, 'kalshi/KXRAIN-26NOV21/no'],
    ['kalshi_yes_poly_no', 'kalshi/KXRAIN-26NOV21/yes', `polymarket/${condition}/no`],
    ['poly_same_market', `polymarket/${condition}/yes`, `polymarket/${condition}/no`],
    ['kalshi_same_market', 'kalshi/KXRAIN-26NOV21/yes', 'kalshi/KXRAIN-26NOV21/no'],
  ])('%s buys %s and %s', (type, yes, no) => {
    expect(instrumentKey(legInstrument(pair, type, 'yes'))).toBe(yes);
    expect(instrumentKey(legInstrument(pair, type, 'no'))).toBe(no);
    expect(legMarket(pair, type, 'yes').venue).toBe(yes.split('/')[0]);
    expect(legMarket(pair, type, 'no').venue).toBe(no.split('/')[0]);
  });

  test('every type is in the table', () => {
    expect(arbitrageTypes).toHaveLength(4);
  });
});

test('the opposite of the opposite is where we were', () => {
  expect([opposite('yes'), opposite('no')]).toEqual(['no', 'yes']);
});

test('a broken promise is an InvariantError that says which', () => {
  expect(() => assert(true, 'never said')).not.toThrow();
  expect(() => assert(false, 'a fill has a quantity')).toThrow(InvariantError);
  expect(() => assert(false, 'a fill has a quantity')).toThrow('a fill has a quantity');
  expect(() => unreachable('maybe' as never)).toThrow('unreachable case: maybe'); // on purpose
});
