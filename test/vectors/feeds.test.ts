import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { FeedCase } from './feed-cases.js';
import { readAs } from './feed-cases.js';

const { cases } = JSON.parse(readFileSync(new URL('feeds.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly (FeedCase & { readonly read: unknown })[];
}; // the native engine reads it too (native/engine/tests/feeds.rs), and refuses another shape

describe('a market-data message says the same in every language', () => {
  test('there are at least sixty, and of each venue some that are refused', () => {
    expect(cases.length).toBeGreaterThan(60);
    for (const venue of ['kalshi', 'polymarket'] as const) {
      const refused = cases.filter((one) => one.venue === venue && one.read === null);
      expect(refused.length).toBeGreaterThan(4);
    }
  });

  test.each(cases)('$venue: $name', ({ read, ...one }) => {
    expect(readAs(one)).toEqual(read);
  });
});
