import { expect, test } from 'vitest';
import { isAccountedFor, money, price, quantity, resultOf } from '../../domain/index.js';
import { fillOf, orderOf } from './trade-fixture.js';
import { play } from './trade-story.js';

const matched = `
  fired   poly filled 100 | kalshi filled 100
  poly    filled 100 @ 0.52
  kalshi  filled 100 @ 0.45
  poly    confirmed
`;

test('a result holds the rows that it was made of, and misses one that came after the end', () => {
  const { state, nowMs } = play(matched);
  const result = resultOf(state, nowMs);
  expect(isAccountedFor(result, state.rows)).toBe(true);
  const late = fillOf(orderOf({ clientOrderId: 'late' }), {
    executionId: 'late',
    contracts: quantity('1'),
    price: price('0.50'),
    atMs: nowMs,
  });
  expect(isAccountedFor(result, [...state.rows, late])).toBe(false);
  expect(isAccountedFor({ ...result, net: money('0') }, state.rows)).toBe(false);
});
