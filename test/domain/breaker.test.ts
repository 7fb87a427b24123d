import { describe, expect, test } from 'vitest';
import { money } from '../../domain/money.js';
import { openBreaker } from '../../domain/risk/breaker.js';
import { review } from '../../domain/risk/review.js';
import type { BreakerState } from '../../domain/risk/risk-input.js';
import { account, calm, inputOf, limits, NOW_MS } from './risk-fixture.js';

const LAST_MS = 1_000;
const RESET_MS = 300_000;
const DAY_MS = 86_400_000;
const errors = (count: number, hasOpenUnknown = false): BreakerState => ({
  ...calm,
  errors: { count, lastAtMs: LAST_MS, hasOpenUnknown },
});
const loss = (realised: string): BreakerState => ({ ...calm, realisedToday: money(realised) });
const at = (state: BreakerState, nowMs: number) =>
  openBreaker(state, { scope: 'pair rain', limits, breakerResetMs: RESET_MS, nowMs });

describe('the errors breaker', () => {
  test('opens at the fifth error in a row', () => {
    expect(at(errors(4), LAST_MS)).toBeUndefined();
    expect(at(errors(5), LAST_MS)).toEqual({
      code: 'BREAKER_OPEN',
      breaker: 'errors',
      scope: 'pair rain',
      untilMs: LAST_MS + RESET_MS,
    });
  });

  test('closes five minutes after the last of them', () => {
    expect(at(errors(9), LAST_MS + RESET_MS - 1)).toMatchObject({ breaker: 'errors' });
    expect(at(errors(9), LAST_MS + RESET_MS)).toBeUndefined();
  });

  test('counts from one again after a reset, and only then', () => {
    const row = (...atMs: number[]): BreakerState => ({
      ...calm,
      errors: { count: atMs.length, lastAtMs: atMs.at(-1) ?? 0, atMs, hasOpenUnknown: false },
    });
    const reset = 5 + RESET_MS;
    expect(at(row(1, 2, 3, 4, 5, reset), reset)).toBeUndefined();
    expect(at(row(1, 2, 3, 4, 5, reset - 1), reset)).toMatchObject({ breaker: 'errors' });
    const second = [0, 1, 2, 3, 4].map((ms) => reset + ms);
    expect(at(row(1, 2, 3, 4, 5, ...second), reset + 4)).toMatchObject({ breaker: 'errors' });
    // Four are no reason for a reset: the fifth opens it, however late.
    expect(at(row(1, 2, 3, 4, reset), reset)).toMatchObject({ breaker: 'errors' });
  });

  test('never over open unknowns', () => {
    expect(at(errors(5, true), LAST_MS + DAY_MS)).toMatchObject({
      breaker: 'errors',
      untilMs: null,
    });
    expect(at(errors(4, true), LAST_MS)).toBeUndefined();
  });
});

describe('the loss breaker', () => {
  test('opens at the limit, until the next day begins in UTC', () => {
    expect(at(loss('-499.999999999'), 5)).toBeUndefined();
    expect(at(loss('-500'), 5)).toEqual({
      code: 'BREAKER_OPEN',
      breaker: 'loss',
      scope: 'pair rain',
      untilMs: DAY_MS,
    });
    expect(at(loss('-500'), DAY_MS)).toMatchObject({ untilMs: 2 * DAY_MS });
    expect(at(loss('900'), 5)).toBeUndefined();
  });
});

test('a breaker of the pair and one of all pairs both deny', () => {
  const broken = loss('-500');
  const ofPair = inputOf({ account: { ...account, breakers: { pair: broken, total: calm } } });
  const ofAll = inputOf({ account: { ...account, breakers: { pair: calm, total: broken } } });
  const untilMs = Math.ceil(NOW_MS / DAY_MS) * DAY_MS;
  expect(review(ofPair)).toMatchObject({
    denial: { code: 'BREAKER_OPEN', scope: 'pair rain', untilMs },
  });
  expect(review(ofAll)).toMatchObject({
    denial: { code: 'BREAKER_OPEN', scope: 'all pairs', untilMs },
  });
});
