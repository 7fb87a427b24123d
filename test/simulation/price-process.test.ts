import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mispricingPeriodMs, priceProcess } from '../../venues/simulation/price-process.js';

const STEP_MS = 50;

/** The numbers of the mispricings of so long a time, each with how long it lasted. */
function mispricings(pace: number, seed: number): ReadonlyMap<number, number> {
  const prices = priceProcess({ seed, pairId: 'rain.0', pace });
  const lasted = new Map<number, number>();
  for (let atMs = 0; atMs < 10 * mispricingPeriodMs(pace); atMs += STEP_MS) {
    const number = prices.mispricing(atMs)?.number;
    if (number !== undefined) lasted.set(number, (lasted.get(number) ?? 0) + STEP_MS);
  }
  return lasted;
}

describe('at every pace', () => {
  test('there is one mispricing in each period, and right prices between two', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(), (pace, seed) => {
        const lasted = mispricings(pace, seed);
        // The first and the last period may be cut by where we look.
        expect(lasted.size).toBeGreaterThanOrEqual(9);
        for (const ms of lasted.values()) expect(ms).toBeLessThan(mispricingPeriodMs(pace));
      }),
      { numRuns: 50 },
    );
  });

  test('fair values are the same', () => {
    const [slow, fast] = [1, 5].map((pace) => priceProcess({ seed: 7, pairId: 'rain.0', pace }));
    for (let atMs = 0; atMs < 60_000; atMs += 1_000) {
      expect(fast?.fairCents(atMs)).toBe(slow?.fairCents(atMs));
    }
  });
});

test('a pace of three misprices three times as often', () => {
  expect(mispricingPeriodMs(3) * 3).toBeCloseTo(mispricingPeriodMs(1), -1);
  expect(mispricingPeriodMs()).toBe(mispricingPeriodMs(1));
});
