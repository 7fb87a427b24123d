import { describe, expect, test } from 'vitest';
import { polymarketSalt } from '../../domain/index.js';
import { createFaults, type Rule, type Subject } from '../../venues/simulation/index.js';

const placing: Subject = { operation: 'place', atMs: 1_000, clientKey: 'a', market: 'RAIN' };

type RuleOf = Omit<Rule, 'name' | 'fault'> & Partial<Rule>;

const scriptOf = (...rules: readonly RuleOf[]) => seededScriptOf(7, ...rules);

function seededScriptOf(seed: number, ...rules: readonly RuleOf[]) {
  const { script } = createFaults({ seed, profile: 'none' });
  script.replace(
    rules.map((rule, index) => ({ name: `${index}`, fault: { kind: 'reject' }, ...rule })),
  );
  return script;
}

type Fit = readonly [why: string, when: Rule['when'], of: Partial<Subject>, isHit: boolean];

test.for<Fit>([
  ['what says nothing is about every order', {}, {}, true],
  ['an order by our id', { order: 'a' }, {}, true],
  ['no other order', { order: 'b' }, {}, false],
  ['by our id where the venue has a salt', { order: 'a' }, { clientKey: saltOf('a') }, true],
  ['by the salt itself', { order: saltOf('a') }, { clientKey: saltOf('a') }, true],
  ['a pattern that fits', { orderPattern: '^[ab]$' }, {}, true],
  ['a pattern that does not', { orderPattern: '^b' }, {}, false],
  ['no order without a key', { order: 'a' }, { clientKey: undefined }, false],
  ['its market', { market: 'RAIN' }, {}, true],
  ['another market', { market: 'SNOW' }, {}, false],
  ['its side', { side: 'buy' }, { side: 'buy' }, true],
  ['the other side', { side: 'sell' }, { side: 'buy' }, false],
  ['the first millisecond of a window', { fromMs: 1_000, untilMs: 1_001 }, {}, true],
  ['the one before it', { fromMs: 1_001 }, {}, false],
  ['the one after it', { untilMs: 1_000 }, {}, false],
  ['certainty', { probability: 1 }, {}, true],
  ['impossibility', { probability: 0 }, {}, false],
  ['an operation that is not the usual one', { operation: 'cancel' }, {}, false],
])('a rule is about %s', ([, when, subject, isHit]) => {
  const script = scriptOf({ when });
  expect(script.strike('reject', { ...placing, ...subject }) !== undefined).toBe(isHit);
  expect(script.counts().kinds).toEqual(isHit ? { reject: 1 } : {});
});

test('the n-th times are counted among what the rest of the rule fits', () => {
  const script = scriptOf({ when: { order: 'a', times: { first: 2, last: 3 } } });
  const hits = ['a', 'b', 'a', 'a', 'b', 'a'].map(
    (clientKey) => script.strike('reject', { ...placing, clientKey }) !== undefined,
  );
  expect(hits).toEqual([false, false, true, true, false, false]);
  expect(script.counts().rules).toEqual([{ name: '0', fitted: 4, injected: 2 }]);
});

test('a seeded probability is the same for the same order, whatever came before it', () => {
  const keys = Array.from({ length: 200 }, (_, index) => `order-${index}`);
  const drawn = (order: readonly string[], seed = 7) => {
    const script = seededScriptOf(seed, { when: { probability: 0.3 } });
    return order
      .filter((clientKey) => script.strike('reject', { ...placing, clientKey }))
      .toSorted();
  };
  expect(drawn(keys)).toEqual(drawn(keys.toReversed()));
  expect(drawn(keys).length).toBeGreaterThan(30);
  expect(drawn(keys).length).toBeLessThan(90);
  expect(drawn(keys, 8)).not.toEqual(drawn(keys));
  expect(drawn(keys, 8)).toEqual(drawn(keys.toReversed(), 8));
});

test('the first rule that hits wins, and the next has its turn when it does not', () => {
  const script = scriptOf(
    { when: { times: { first: 1, last: 1 } }, fault: { kind: 'partial_fill', part: 0.5 } },
    { when: {}, fault: { kind: 'partial_fill', part: 0.1 } },
  );
  const parts = [1, 2].map(() => script.strike('partial_fill', placing)?.part);
  expect(parts).toEqual([0.5, 0.1]);
});

test('what comes before or after the venue has acted is asked for at its own time', () => {
  const script = scriptOf({ when: {}, fault: { kind: 'reset', at: 'after' } });
  expect(script.strike('reset', { ...placing, at: 'before' })).toBeUndefined();
  expect(script.strike('reset', { ...placing, at: 'after' })).toEqual({
    kind: 'reset',
    at: 'after',
  });
});

describe('a profile', () => {
  test('gives way to a script, and both are counted', () => {
    const faults = createFaults({ seed: 7, profile: 'heavy', scripted: () => ['partial_fill'] });
    expect(faults.strike('partial_fill', placing)).toEqual({ kind: 'partial_fill' });
    const fault = { kind: 'partial_fill', part: 0.2 } as const;
    faults.script.add({ name: 'less', when: { order: 'a' }, fault });
    expect(faults.strike('partial_fill', placing)).toEqual(fault);
    expect(faults.script.counts().kinds).toEqual({ partial_fill: 2 });
  });

  test('knows nothing of requests, pages and reports', () => {
    const faults = createFaults({ seed: 7, profile: 'heavy', scripted: () => ['reject'] });
    expect(faults.strike('reset', placing)).toBeUndefined();
    expect(faults.strike('reject', { ...placing, operation: 'cancel' })).toBeUndefined();
  });
});

function saltOf(clientOrderId: string): string {
  return polymarketSalt(clientOrderId).toString();
}
