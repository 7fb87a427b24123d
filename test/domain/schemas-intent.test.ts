import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { intentDigest } from '../../domain/intent-digest.js';
import { price, quantity } from '../../domain/money.js';
import { parseIntent } from '../../schemas/index.js';

const good = {
  intentId: 'dawn.7.1',
  door: 'workflow',
  pairId: 'rain-seattle.0',
  type: 'poly_yes_kalshi_no',
  contractsMax: '30',
  limitPrice: { yes: '0.41', no: '0.55' },
  observedAtMs: { yesMs: 1_795_220_000_000, noMs: 1_795_220_000_003 },
  edgeMin: '0.01',
  account: 'main',
  strategy: 'dawn',
  notAfterMs: 1_795_220_002_000,
  dryRun: false,
};

const fromEngine = { ...good, door: 'fire_first', host: 'engine-1' };

/** "path: message" of every problem, or nothing. */
function problemsOf(given: unknown): readonly string[] {
  const parsed = parseIntent(given);
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
}

test('a complete intent passes, as amounts and as we would write it', () => {
  const parsed = parseIntent({ ...good, contractsMax: '30.50' });
  expect(parsed).toMatchObject({
    ok: true,
    intent: {
      contractsMax: quantity('30.5'),
      limitPrice: { yes: price('0.41'), no: price('0.55') },
      notAfterMs: 1_795_220_002_000,
    },
    wire: { ...good, contractsMax: '30.5' },
  });
});

test('the same intent has the same digest, however its amounts were written', () => {
  const digestOf = (given: unknown) => {
    const parsed = parseIntent(given);
    return parsed.ok ? intentDigest(parsed.wire) : undefined;
  };
  const digest = digestOf(good);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(digestOf({ ...good, edgeMin: '0.010', contractsMax: '030.0' })).toBe(digest);
  expect(digestOf({ ...good, host: undefined })).toBe(digest);
  expect(digestOf({ ...good, edgeMin: '0.011' })).not.toBe(digest);
});

describe('each rule of the door, on both of its sides', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['64 characters of id', { ...good, intentId: 'a'.repeat(64) }, []],
    [
      '65 are too many',
      { ...good, intentId: 'a'.repeat(65) },
      ['intentId: is 1 to 64 of A-Z a-z 0-9 . _ -'],
    ],
    ['an empty id', { ...good, intentId: '' }, ['intentId: is 1 to 64 of A-Z a-z 0-9 . _ -']],
    [
      'a slash in an id',
      { ...good, intentId: 'a/b' },
      ['intentId: is 1 to 64 of A-Z a-z 0-9 . _ -'],
    ],
    ['nine decimals', { ...good, edgeMin: '0.010000001' }, []],
    [
      'ten decimals',
      { ...good, edgeMin: '0.0100000001' },
      ['edgeMin: is a plain decimal with at most nine decimals'],
    ],
    [
      'a number for an amount',
      { ...good, edgeMin: 0.01 },
      ['edgeMin: is a decimal string, e.g. "0.52"'],
    ],
    [
      'an exponent',
      { ...good, contractsMax: '1e3' },
      ['contractsMax: is a plain decimal with at most nine decimals'],
    ],
    [
      'less than a cent of edge',
      { ...good, edgeMin: '0.009999999' },
      ['edgeMin: is at least 0.01'],
    ],
    ['no contracts', { ...good, contractsMax: '0' }, ['contractsMax: is above 0']],
    ['negative contracts', { ...good, contractsMax: '-1' }, ['contractsMax: is above 0']],
    [
      'a price of nothing',
      { ...good, limitPrice: { yes: '0', no: '0.5' } },
      ['limitPrice.yes: is above 0'],
    ],
    [
      'a price of a dollar',
      { ...good, limitPrice: { yes: '0.5', no: '1' } },
      ['limitPrice.no: is below 1'],
    ],
    ['almost a dollar', { ...good, limitPrice: { yes: '0.5', no: '0.999999999' } }, []],
    [
      'a fraction of a millisecond',
      { ...good, notAfterMs: 1.5 },
      ['notAfterMs: is a whole number of epoch milliseconds'],
    ],
    [
      'a time as text',
      { ...good, notAfterMs: '1' },
      ['notAfterMs: is a number of epoch milliseconds'],
    ],
    [
      'an unknown type',
      { ...good, type: 'poly_no_kalshi_no' },
      [
        'type: is one of poly_yes_kalshi_no, kalshi_yes_poly_no, poly_same_market, kalshi_same_market',
      ],
    ],
    ['a crossed book may be reported', { ...good, type: 'kalshi_same_market' }, []],
    ['truth as text', { ...good, dryRun: 'false' }, ['dryRun: is true or false']],
    ['an unknown member', { ...good, slippage: '1' }, ['slippage: is not known']],
    [
      'an unknown member inside',
      { ...good, limitPrice: { ...good.limitPrice, maybe: '1' } },
      ['limitPrice.maybe: is not known'],
    ],
    [
      'a host at door workflow',
      { ...good, host: 'engine-1' },
      ['host: has no place at door workflow'],
    ],
    ['a host that fired first', fromEngine, []],
    [
      'nobody who fired first',
      { ...fromEngine, host: undefined },
      ['host: is missing: door fire_first has one'],
    ],
    ['nobody who is armed', { ...good, door: 'armed' }, ['host: is missing: door armed has one']],
  ])('%s', (_name, given, problems) => {
    expect(problemsOf(given)).toEqual(problems);
  });

  test.each(Object.keys(good))('an intent without %s', (name) => {
    const rest = Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
    expect(problemsOf(rest).join()).toContain(`${name}: is`);
  });
});

test('every problem is listed at once, each with its path', () => {
  const bad = {
    ...good,
    intentId: 'a b',
    host: 'engine-1',
    limitPrice: { yes: '1.5' },
    observedAtMs: { yesMs: -1, noMs: 0 },
    colour: 'red',
  };
  expect(problemsOf(bad).toSorted()).toEqual([
    'colour: is not known',
    'host: has no place at door workflow',
    'intentId: is 1 to 64 of A-Z a-z 0-9 . _ -',
    'limitPrice.no: is missing',
    'limitPrice.yes: is below 1',
    'observedAtMs.yesMs: is not before 1970',
  ]);
});

test.each([[null], [undefined], ['dawn'], [7], [[]], [[good]]])('%j is no intent', (given) => {
  expect(problemsOf(given)).toHaveLength(1);
  expect(problemsOf(given)[0]).toMatch(/^\(whole\): /);
});

test('nothing that comes in makes it throw', () => {
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom(...Object.keys(good)), (anything, name) => {
      expect(parseIntent(anything).ok).toBe(false);
      expect(typeof parseIntent({ ...good, [name]: anything }).ok).toBe('boolean');
    }),
  );
});
