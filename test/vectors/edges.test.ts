import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { BestCase, EdgeCase } from './edge-cases.js';
import { bestOf, decided } from './edge-cases.js';

interface Vectors {
  readonly cases: readonly (EdgeCase & { readonly outcome: unknown })[];
  readonly best: readonly (BestCase & { readonly outcome: unknown })[];
}

const vectors = JSON.parse(readFileSync(new URL('edges.json', import.meta.url), 'utf8')) as Vectors; // held to its shape by what is made of it

test('the engine is held to at least 300 decisions, of every kind', () => {
  expect(vectors.cases.length + vectors.best.length).toBeGreaterThan(300);
  const kinds = new Set(vectors.cases.map(({ outcome }) => kindOf(outcome)));
  expect([...kinds].toSorted()).toEqual([
    'book_crossed',
    'book_missing',
    'edge_too_small',
    'liquidity_too_small',
    'opportunity',
  ]);
});

test.each(vectors.cases)('$name', ({ outcome, ...one }) => {
  expect(decided(one)).toEqual(outcome);
});

test.each(vectors.best)('$name', ({ outcome, ...one }) => {
  expect(bestOf(one)).toEqual(outcome);
});

const kindOf = (outcome: unknown): unknown =>
  Object.entries(outcome as object).find(([name]) => name === 'reason')?.[1] ?? 'opportunity';
