import { expect, test } from 'vitest';
import { admit } from '../../activities/admit.js';
import { intentDigest, toWire } from '../../domain/index.js';
import { intentOf, NOW_MS, openDesk } from '../store/desk.js';
import { quickPolicy, quickTerms } from '../support/desk-terms.js';

const books = openDesk();

const around = {
  mode: 'simulated',
  nowMs: () => NOW_MS,
  ...{ pairOf: () => undefined, bookOf: () => undefined, reached: () => undefined },
  ...{ terms: quickTerms, policy: quickPolicy },
} as const;

test('workers that admit the same trade at once all tell the one answer', async () => {
  const desk = { ...around, db: books.db };
  const intents = Array.from({ length: 4 }, (_, index) => intentOf(`twice-${index}`));
  const answers = await Promise.all(
    intents.map(async (intent) => {
      const workflowId = `arbitrage/${intent.intentId}`;
      const request = { intent, workflowId, digest: intentDigest(toWire(intent)) };
      return Promise.all([admit(desk, request), admit(desk, request)]);
    }),
  );
  for (const [first, ...others] of answers) {
    expect(first.kind).toBe('denied');
    expect(others).toEqual([first]);
  }
});
