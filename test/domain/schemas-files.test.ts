import { describe, expect, test } from 'vitest';
import { price, quantity } from '../../domain/money.js';
import { toWire } from '../../domain/wire.js';
import { parseFreezeRequest, parseLimitsFile, parsePairFile } from '../../schemas/index.js';
import { pairOf, taperedBands } from '../support/markets.js';

const pair = toWire(pairOf({ priceBands: taperedBands }));

type Change = Readonly<Record<string, unknown>>;
const fileOf = (change: Change = {}) => ({ pairs: [{ ...pair, ...change }] });
const kalshi = (change: Change) => fileOf({ kalshi: { ...pair.kalshi, ...change } });
const polymarket = (change: Change) => fileOf({ polymarket: { ...pair.polymarket, ...change } });
const band = (start: string, end: string, step: string) => ({ start, end, step });

const problemsOf = (
  parsed:
    | { readonly ok: true }
    | { readonly ok: false; readonly problems: readonly { path: string; message: string }[] },
) => (parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`));

describe('a pair file', () => {
  test('is read back as it was written', () => {
    expect(parsePairFile(fileOf())).toEqual({
      ok: true,
      pairs: [pairOf({ priceBands: taperedBands })],
    });
    expect(parsePairFile({ pairs: [] })).toEqual({ ok: true, pairs: [] });
  });

  test('may hold a pair that nobody has approved: it is shown, and not traded', () => {
    expect(parsePairFile(fileOf({ approval: { by: '', atMs: 0 } })).ok).toBe(true);
  });

  test.each<[string, unknown, string]>([
    ['no pairs', {}, 'pairs: is missing'],
    ['a pair twice', { pairs: [pair, pair] }, 'pairs.1.pairId: "rain-seattle" is there already'],
    ['no approval', fileOf({ approval: undefined }), 'pairs.0.approval: is missing'],
    ['the wrong venue', kalshi({ venue: 'polymarket' }), 'pairs.0.kalshi.venue: is kalshi'],
    [
      'the other venue’s fees',
      kalshi({ fees: { ...pair.kalshi.fees, kind: 'polymarket_taker' } }),
      'pairs.0.kalshi.fees.kind: is kalshi_quadratic',
    ],
    ['a lot of nothing', kalshi({ lot: '0' }), 'pairs.0.kalshi.lot: is above 0'],
    ['no band', kalshi({ priceBands: [] }), 'pairs.0.kalshi.priceBands: has at least one band'],
    [
      'a band off its own grid',
      kalshi({ priceBands: [band('0.005', '0.99', '0.01')] }),
      'pairs.0.kalshi.priceBands.0: start is below end, and both are multiples of step',
    ],
    [
      'a band that ends where it starts',
      kalshi({ priceBands: [band('0.5', '0.5', '0.01')] }),
      'pairs.0.kalshi.priceBands.0: start is below end, and both are multiples of step',
    ],
    [
      'bands that overlap',
      kalshi({ priceBands: [band('0', '0.5', '0.01'), band('0.4', '1', '0.01')] }),
      'pairs.0.kalshi.priceBands: rise without overlapping',
    ],
    [
      'a tick that Polymarket does not have',
      polymarket({ priceBands: [band('0', '1', '0.02')] }),
      'pairs.0.polymarket.priceBands: have a tick that Polymarket has',
    ],
    ['no tokens', polymarket({ tokens: undefined }), 'pairs.0.polymarket.tokens: is missing'],
    [
      'a protocol that we cannot sign for',
      polymarket({ tokens: { ...pair.polymarket.tokens, domainVersion: '4' } }),
      'pairs.0.polymarket.tokens.domainVersion: is "2" or "3"',
    ],
    [
      'a ticker for a condition',
      polymarket({ market: 'KXRAIN' }),
      'pairs.0.polymarket.market: is a condition id (0x, 64 hex digits)',
    ],
    [
      'half a hash',
      fileOf({ ruleTextSha256: { ...pair.ruleTextSha256, kalshi: 'abc' } }),
      'pairs.0.ruleTextSha256.kalshi: is SHA-256 in hex',
    ],
    ['something else', fileOf({ note: 'x' }), 'pairs.0.note: is not known'],
  ])('is refused with %s', (_name, given, problem) => {
    expect(problemsOf(parsePairFile(given))).toEqual([problem]);
  });
});

describe('a limits file', () => {
  const limits = {
    positionMax: '10000',
    positionsMaxCount: 50,
    exposureMax: '50000',
    executionsPerMinuteMax: 120,
    contractsPerPairMax: '1000',
    errorsInARowMax: 5,
    lossPerDayMax: '500',
  };

  test('states every limit of every account', () => {
    expect(parseLimitsFile({ accounts: { main: limits } })).toMatchObject({
      ok: true,
      accounts: [{ account: 'main', limits: { positionMax: quantity('10000') } }],
    });
  });

  test.each(Object.keys(limits))('without %s it is refused, not completed', (name) => {
    const rest = Object.fromEntries(Object.entries(limits).filter(([key]) => key !== name));
    const problems = problemsOf(parseLimitsFile({ accounts: { main: rest } }));
    expect(problems).toEqual([`accounts.main.${name}: is missing`]);
  });

  test('a limit of nothing is a mistake: a freeze is how to stop', () => {
    const none = { ...limits, positionMax: '0', errorsInARowMax: 0 };
    expect(problemsOf(parseLimitsFile({ accounts: { main: none } }))).toEqual([
      'accounts.main.positionMax: is above 0',
      'accounts.main.errorsInARowMax: is at least 1',
    ]);
  });
});

describe('a freeze', () => {
  const freeze = { cause: 'manual', why: 'drill', by: 'desk', action: 'leave' };

  test.each([
    [{ kind: 'global' }],
    [{ kind: 'venue', key: 'kalshi' }],
    [{ kind: 'pair', key: 'rain-seattle' }],
    [{ kind: 'instrument', key: 'kalshi/KXRAIN-26NOV21/no' }],
    [{ kind: 'workflow', key: 'arbitrage/dawn.7.1' }],
  ])('of %j', (scope) => {
    expect(parseFreezeRequest({ ...freeze, scope })).toEqual({
      ok: true,
      request: { ...freeze, scope },
    });
  });

  test.each<[string, Change, string]>([
    [
      'a venue that is not there',
      { scope: { kind: 'venue', key: 'betfair' } },
      'scope.key: is one of kalshi, polymarket',
    ],
    ['no key', { scope: { kind: 'pair' } }, 'scope.key: is missing'],
    [
      'no reason',
      { scope: { kind: 'global' }, why: '  ' },
      'why: is not empty: whoever finds the freeze wants to know',
    ],
    ['another cause', { scope: { kind: 'global' }, cause: 'mood' }, 'cause: is one of manual'],
    [
      'another action',
      { scope: { kind: 'global' }, action: 'panic' },
      'action: is one of leave, cancel, flatten',
    ],
  ])('with %s is refused', (_name, change, problem) => {
    expect(problemsOf(parseFreezeRequest({ ...freeze, ...change })).join()).toContain(problem);
  });
});

test('a price of a band is an amount afterwards', () => {
  const parsed = parsePairFile(fileOf());
  expect(parsed.ok && parsed.pairs[0]?.kalshi.priceBands[0]?.step).toBe(price('0.001'));
});
