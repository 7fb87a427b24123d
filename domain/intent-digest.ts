import type { ArbitrageIntent } from './arbitrage-intent.js';
import { assert } from './assert.js';
import { sha256Hex } from './ids.js';
import type { Wire } from './wire.js';

/**
 * SHA-256 (lower-case hex) of the intent's wire form as RFC 8785 JSON. A verdict carries it, so
 * that a second intent under a used id is refused unless it is the same one.
 */
export function intentDigest(intent: Wire<ArbitrageIntent>): string {
  return sha256Hex(canonicalJson(intent));
}

/**
 * RFC 8785 for the values that our payloads hold: strings, safe integers, booleans, null, arrays
 * and plain objects. Members are sorted by UTF-16 code units; absent ones are left out, as JSON
 * does. Throws `InvariantError` for a number whose text could differ between languages.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) return canonicalObject(value);
  if (typeof value === 'number') {
    assert(Number.isSafeInteger(value), `${value} is a safe integer`);
    return JSON.stringify(value);
  }
  const isPlain = value === null || typeof value === 'string' || typeof value === 'boolean';
  assert(isPlain, `a ${typeof value} has a place in JSON`);
  return JSON.stringify(value);
}

function canonicalObject(value: object): string {
  const members = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${members.join(',')}}`;
}
