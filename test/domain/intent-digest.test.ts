import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ArbitrageIntent } from '../../domain/arbitrage-intent.js';
import { canonicalJson, intentDigest } from '../../domain/intent-digest.js';
import type { Wire } from '../../domain/wire.js';

interface Vector {
  readonly intent: Wire<ArbitrageIntent>;
  readonly canonical: string;
  readonly digest: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/intent-digest.json', import.meta.url), 'utf8'),
) as readonly Vector[]; // shared with other languages; the tests below hold it to its shape

describe('the digest of an intent is the same in every language', () => {
  test.each(vectors)('$intent.intentId', ({ intent, canonical, digest }) => {
    expect(canonicalJson(intent)).toBe(canonical);
    expect(intentDigest(intent)).toBe(digest);
    expect(createHash('sha256').update(canonical).digest('hex')).toBe(digest);
  });

  test('the order of members does not count, their content does', () => {
    const [vector] = vectors;
    if (vector === undefined) throw new Error('there is a vector');
    const reversed = Object.fromEntries(Object.entries(vector.intent).toReversed());
    expect(canonicalJson(reversed)).toBe(vector.canonical);
    const later = { ...vector.intent, notAfterMs: vector.intent.notAfterMs + 1 };
    expect(intentDigest(later)).not.toBe(vector.digest);
    const bolder = { ...vector.intent, edgeMin: '0.009' };
    expect(intentDigest(bolder)).not.toBe(vector.digest);
  });
});

describe('canonical JSON is RFC 8785 for what our payloads hold', () => {
  test.each([
    [
      'members by UTF-16 code units',
      { '\ufb33': 1, '\ud83d\ude00': 2, é: 3, a: 4, A: 5, '1': 6 },
      '{"1":6,"A":5,"a":4,"é":3,"😀":2,"\ufb33":1}',
    ],
    [
      'nested',
      { b: [true, null, 'x'], a: { d: 1, c: -7 } },
      '{"a":{"c":-7,"d":1},"b":[true,null,"x"]}',
    ],
    ['absent members', { a: undefined, b: 0 }, '{"b":0}'],
    ['control characters', '\u20ac$\u000f\nA\'B"\\', '"€$\\u000f\\nA\'B\\"\\\\"'],
    ['empty', {}, '{}'],
    ['minus zero', -0, '0'],
  ])('%s', (_name, value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test.each([0.1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('%s has no place', (value) => {
    expect(() => canonicalJson({ value })).toThrow('safe integer');
  });

  test('nor has a bigint or an absent item', () => {
    expect(() => canonicalJson(1n)).toThrow('bigint');
    expect(() => canonicalJson([undefined])).toThrow('undefined');
  });

  test('it reads back to the same value, whatever the order of members', () => {
    const anyJson = fc.jsonValue({ noUnicodeString: false }).filter(hasSafeNumbers);
    fc.assert(
      fc.property(anyJson, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

function hasSafeNumbers(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(hasSafeNumbers);
}
