import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Purpose } from '../../domain/child-order.js';
import {
  arbitrageWorkflowId,
  clientOrderIdFor,
  clientOrderIdOf,
  polymarketSalt,
  purposeLine,
  sha256Hex,
} from '../../domain/ids.js';

interface Vector {
  readonly workflowId: string;
  readonly what: string;
  readonly attempt: number;
  readonly clientOrderId: string;
  readonly polymarketSalt: number;
}

// The vectors are data that other languages read too, hence a file and not code.
const vectors = JSON.parse(
  readFileSync(new URL('../vectors/ids.json', import.meta.url), 'utf8'),
) as readonly Vector[]; // the file's shape is fixed by the test below

describe('an order has one name in every process and language', () => {
  test.each(vectors)('$workflowId, $what, attempt $attempt', (vector) => {
    const id = clientOrderIdOf(vector.workflowId, vector.what, vector.attempt);
    expect(id).toBe(vector.clientOrderId);
    expect(polymarketSalt(id)).toBe(vector.polymarketSalt);
  });

  test('the vectors are worth having', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(8);
    expect(new Set(vectors.map((vector) => vector.clientOrderId)).size).toBe(vectors.length);
  });

  test('it agrees with another implementation of SHA-256 and base32', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.nat(50), (workflow, what, n) => {
        expect(clientOrderIdOf(workflow, what, n)).toBe(byNode(`${workflow}\n${what}\n${n}`));
        expect(sha256Hex(workflow)).toBe(createHash('sha256').update(workflow).digest('hex'));
      }),
    );
  });
});

test.each<[Purpose, string, number]>([
  [{ kind: 'entry', leg: 'yes' }, 'entry/yes', 0],
  [{ kind: 'entry', leg: 'no' }, 'entry/no', 0],
  [{ kind: 'exit', leg: 'no', rung: 3, attempt: 0 }, 'exit/no/3', 0],
  [{ kind: 'exit', leg: 'yes', rung: 0, attempt: 2 }, 'exit/yes/0', 2],
])('%j is the line "%s", attempt %i', (purpose, line, attempt) => {
  expect(purposeLine(purpose)).toBe(line);
  const workflowId = arbitrageWorkflowId('dawn.7.1');
  expect(workflowId).toBe('arbitrage/dawn.7.1');
  expect(clientOrderIdFor(workflowId, purpose)).toBe(clientOrderIdOf(workflowId, line, attempt));
});

test('every name fits Kalshi’s ClOrdID and every salt a JSON number', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(9), (workflow, attempt) => {
      const id = clientOrderIdOf(workflow, 'entry/yes', attempt);
      expect(id).toMatch(/^[a-z2-7]{26}$/);
      expect(Number.isSafeInteger(polymarketSalt(id))).toBe(true);
      expect(BigInt(polymarketSalt(id))).toBe(
        BigInt(`0x${createHash('sha256').update(id).digest('hex')}`) / 2n ** 203n,
      );
    }),
  );
});

/** Base32 by the RFC's text: five bits at a time from the left, as one big number. */
function byNode(text: string): string {
  const digits = 'abcdefghijklmnopqrstuvwxyz234567';
  const hash = BigInt(`0x${createHash('sha256').update(text).digest('hex')}`);
  const places = Array.from({ length: 26 }, (_, place) => 256n - 5n * BigInt(place + 1));
  return places.map((shift) => digits.charAt(Number((hash >> shift) & 31n))).join('');
}
