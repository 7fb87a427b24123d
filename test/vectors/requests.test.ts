import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { givens, markets, refusals } from './fixtures/request-cases.js';
import { madeOf, type Vectors } from './fixtures/request-vectors.js';

const vectors = JSON.parse(
  readFileSync(new URL('./requests.json', import.meta.url), 'utf8'),
) as Vectors; // the native engine reads it too (native/engine/tests/orders.rs), and refuses another shape

describe('a request has the same bytes in every language', () => {
  test.each(vectors.cases)('$name', async (vector) => {
    const made = await madeOf(vector, vectors);
    expect(made).toEqual('made' in vector ? vector.made : undefined);
  });
});

test('the vectors are those of every case, on both venues and all four directions', () => {
  expect(vectors.markets).toEqual(markets);
  expect(vectors.cases.map(({ name }) => name)).toEqual(
    [...refusals, ...givens].map(({ name }) => name),
  );
  const directions = vectors.cases.map(({ market, side, outcome }) => {
    return `${vectors.markets[market]?.venue ?? '?'} ${side} ${outcome}`;
  });
  expect(new Set(directions).size).toBe(8);
  expect(givens.length).toBeGreaterThan(40);
});
