import { describe, expect, test } from 'vitest';
import { venueNames } from '../../domain/index.js';
import { kalshiAnswers } from '../../venues/kalshi/simulator/wire-front.js';
import { polymarketAnswers } from '../../venues/polymarket/simulator/wire-front.js';
import type { Faults, Rule, ScriptedKind, Subject } from '../../venues/simulation/index.js';
import { createFaults, heavyRules } from '../../venues/simulation/index.js';
import { scriptShape } from '../../venues/simulation/script/rule.js';

const ORDERS = 10_000;
const placing: Subject = { operation: 'place', atMs: 1_000, side: 'buy' };

/** As a simulator's process makes them. */
const heavyAt = (venue: (typeof venueNames)[number], seed = 7) =>
  createFaults({ seed, profile: 'none', standing: heavyRules[venue] });

const keys = Array.from({ length: ORDERS }, (_, index) => `order-${index}`);

/** The orders that something befalls, of ten thousand. */
function struck(faults: Faults, kind: ScriptedKind, subject = placing): readonly string[] {
  return keys.filter((clientKey) => faults.strike(kind, { ...subject, clientKey }));
}

describe.each(venueNames)('what stands at %s', (venue) => {
  const rules = heavyRules[venue];
  const subjectOf = ({ when, fault }: Rule): Subject => {
    const usual = fault.kind.startsWith('report_')
      ? 'report_order'
      : fault.kind.startsWith('rows_')
        ? 'read_orders'
        : 'place';
    const at = 'at' in fault ? { at: fault.at } : {};
    return { ...placing, ...at, operation: when.operation ?? usual };
  };

  test('is as well-formed as a script, and names answers that the venue has', () => {
    expect(scriptShape.safeParse({ rules }).error).toBeUndefined();
    const answers = venue === 'kalshi' ? kalshiAnswers : polymarketAnswers;
    heavyAt(venue).script.learnAnswers(answers.keys());
  });

  test.for(rules.map((rule) => [rule.name, rule] as const))(
    '%s: about as often as it says',
    ([, rule]) => {
      const { script } = createFaults({ seed: 7, profile: 'none', standing: [rule] });
      const subject = subjectOf(rule);
      const hits = keys.filter((clientKey) =>
        script.strike(rule.fault.kind, { ...subject, clientKey }),
      );
      const expected = ORDERS * (rule.when.probability ?? 1);
      expect(hits.length).toBeGreaterThan(expected / 2);
      expect(hits.length).toBeLessThan(expected * 2);
    },
  );

  test('is small: two orders of three meet nothing of it while they are placed', () => {
    const odds = rules
      .filter((rule) => subjectOf(rule).operation === 'place')
      .map(({ when }) => when.probability ?? 1);
    expect(Math.max(...odds)).toBeLessThanOrEqual(0.04);
    expect(odds.reduce((left, one) => left * (1 - one), 1)).toBeGreaterThan(0.65);
  });

  test('befalls the same orders for the same seed, whatever came before, and others for another', () => {
    const [one, same, other] = [heavyAt(venue), heavyAt(venue), heavyAt(venue, 8)];
    same.strike('sent_twice', { ...placing, clientKey: 'another' });
    const hits = struck(one, 'sent_twice');
    expect(struck(same, 'sent_twice')).toEqual(hits);
    expect(struck(other, 'sent_twice')).not.toEqual(hits);
  });

  test('is drawn anew for every cancel of an order: none is refused for ever', () => {
    const { script } = heavyAt(venue);
    const subject = { ...placing, operation: 'cancel', clientKey: 'a', at: 'after' } as const;
    const hits = keys.filter(() => script.strike('no_answer', subject));
    expect(hits.length).toBeGreaterThan(ORDERS / 100);
    expect(hits.length).toBeLessThan(ORDERS / 25);
  });
});

test('more shares than ordered come only where they are bought for a sum', () => {
  expect(struck(heavyAt('kalshi'), 'better_price')).toEqual([]);
  expect(struck(heavyAt('polymarket'), 'better_price').length).toBeGreaterThan(100);
});

test.for(['none', 'light', 'heavy'] as const)(
  'profile %s by itself, without what its process makes stand, brings nothing of it',
  (profile) => {
    const faults = createFaults({ seed: 7, profile });
    const kinds = ['answer_status', 'sent_twice', 'stale_balance'] as const;
    for (const kind of kinds) expect(struck(faults, kind), kind).toEqual([]);
  },
);

describe('a script beside them', () => {
  const always: Rule = { name: 'mine', when: {}, fault: { kind: 'late_answer', afterMs: 1 } };

  test('comes first, and shows, counts and takes away its own rules alone', () => {
    const { script } = heavyAt('kalshi');
    script.replace([always]);
    expect(script.rules()).toEqual([always]);
    expect(script.strike('late_answer', { ...placing, clientKey: 'a' })).toEqual(always.fault);
    expect(script.counts().rules).toEqual([{ name: 'mine', fitted: 1, injected: 1 }]);
    expect(script.remove('heavy: slow answer')).toBe(false);
  });

  test('that is taken away leaves them standing, and their counts begin again', () => {
    const faults = heavyAt('kalshi');
    const before = struck(faults, 'sent_twice');
    expect(faults.script.counts().kinds).toEqual({ sent_twice: before.length });
    faults.script.clear();
    expect(faults.script.counts()).toEqual({ rules: [], kinds: {} });
    expect(struck(faults, 'sent_twice')).toEqual(before);
  });
});

test('whoever keeps the count hears of every strike', () => {
  const heard: string[] = [];
  const faults = createFaults({
    ...{ seed: 7, profile: 'none', standing: heavyRules.kalshi },
    onCount: (kind, times) => heard.push(`${kind} ${times}`),
  });
  const hits = struck(faults, 'sent_twice');
  expect(heard).toEqual(hits.map(() => 'sent_twice 1'));
});
