import { expect, test } from 'vitest';
import { kalshiRates, kalshiTiers } from '../../domain/rate-limits.js';
import { review } from '../../domain/risk/review.js';
import { retryAfterMs } from '../../venues/kalshi/http.js';
import { tokenCost } from '../../venues/kalshi/rate.js';
import { account, inputOf, otherReservation } from '../domain/risk-fixture.js';

/** One entry is 10 tokens; a cancel and an exit are 12 for each open trade with a leg on Kalshi. */
const reviewedWith = (tokens: number, { refillPerSecond = 0, openTrades = 0 } = {}) =>
  review(
    inputOf({
      account: {
        ...account,
        reservations: Array.from({ length: openTrades }, (_, index) =>
          otherReservation({ workflowId: `arbitrage/other.${index}` }),
        ),
        rateTokens: { kalshi: { tokens, refillPerSecond } },
      },
    }),
  );

test.each([
  ['its entry and its own way out', 22, {}],
  ['the way out of an open trade, too', 34, { openTrades: 1 }],
  ['what comes back within two seconds counts', 10, { refillPerSecond: 6 }],
  ['of three trades, too', 20, { refillPerSecond: 13, openTrades: 2 }],
])('a trade needs tokens for %s', (_, tokens, options) => {
  expect(reviewedWith(tokens, options).kind).toBe('approved');
  const denial = {
    code: 'RATE_EXHAUSTED',
    venue: 'kalshi',
    tokens: tokens - 0.5,
    tokensNeeded: tokens,
  };
  expect(reviewedWith(tokens - 0.5, options)).toEqual({ kind: 'denied', denial });
});

test('where a venue counts nothing of ours, nothing is asked', () => {
  expect(review(inputOf()).kind).toBe('approved');
});

test.each([
  ['GET', '/portfolio/orders', 'read', 10],
  ['GET', '/portfolio/orders/a-b-c', 'read', 2],
  ['GET', '/portfolio/fills', 'read', 10],
  ['POST', '/portfolio/events/orders', 'write', 10],
  ['DELETE', '/portfolio/events/orders/a-b-c', 'write', 2],
  ['POST', '/portfolio/order_groups/create', 'write', 10],
] as const)('%s %s takes %s tokens: %d', (...row) => {
  const [method, path, kind, cost] = row;
  expect(tokenCost({ method, path })).toEqual({ kind, cost });
});

test('a bucket holds a second; that of writes two above Basic', () => {
  const seconds = kalshiTiers.map((tier) => {
    const { read, write } = kalshiRates(tier);
    return [read.capacity / read.refillPerSecond, write.capacity / write.refillPerSecond];
  });
  expect(seconds).toEqual([[1, 1], ...Array.from({ length: 6 }, () => [1, 2])]);
  expect(kalshiRates('basic').write.refillPerSecond).toBe(100);
});

test.each([
  ['3', 3_000],
  ['0', 0],
  [undefined, 1_000],
  ['Sat, 21 Nov 2026 12:00:00 GMT', 1_000],
  ['-1', 1_000],
])('Retry-After %s is %d ms', (header, forMs) => {
  expect(retryAfterMs(header)).toBe(forMs);
});
