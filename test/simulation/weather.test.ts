import { describe, expect, test } from 'vitest';
import { venueNames } from '../../domain/index.js';
import type { Spell, Subject, WeatherKind } from '../../venues/simulation/index.js';
import { StreamControls, spellOf, Weather, weatherKinds } from '../../venues/simulation/index.js';
import { START_MS, stage } from './stage.js';

const SEED = 7;
const BEAT_MS = 25;
const MINUTE_MS = 60_000;
const SEVEN_MS = 7 * MINUTE_MS;

const spells = (venue: (typeof venueNames)[number], count: number, seed = SEED): readonly Spell[] =>
  Array.from({ length: count }, (_, number) => spellOf(seed, venue, number));

describe.each(venueNames)('the weather of %s', (venue) => {
  test('is the same for one seed for ever, and another for another', () => {
    expect(spells(venue, 100)).toEqual(spells(venue, 100));
    expect(spells(venue, 100, 8)).not.toEqual(spells(venue, 100));
  });

  test('changes every 10 to 20 seconds, for half a second to three', () => {
    const all = spells(venue, 1_000);
    for (const [index, { fromMs, untilMs }] of all.entries()) {
      expect(untilMs - fromMs).toBeGreaterThanOrEqual(500);
      expect(untilMs - fromMs).toBeLessThanOrEqual(3_000);
      const nextMs = all[index + 1]?.fromMs ?? fromMs + 15_000;
      expect(nextMs - fromMs).toBeGreaterThanOrEqual(10_000);
      expect(nextMs - fromMs).toBeLessThanOrEqual(20_000);
    }
  });

  test('is of every kind within any seven minutes', () => {
    const all = spells(venue, 500);
    const wanted = venue === 'kalshi' ? weatherKinds.length : weatherKinds.length - 1;
    for (let fromMs = 0; fromMs < 100 * MINUTE_MS; fromMs += MINUTE_MS) {
      const within = all.filter((one) => one.fromMs >= fromMs && one.fromMs < fromMs + SEVEN_MS);
      expect(new Set(within.map(({ kind }) => kind)).size).toBe(wanted);
    }
  });
});

test('no venue has the weather of the other', () => {
  const kindsOf = (venue: 'kalshi' | 'polymarket') => spells(venue, 26).map(({ kind }) => kind);
  expect(kindsOf('kalshi')).not.toEqual(kindsOf('polymarket'));
});

/** A venue with its weather, and a clock that goes on by beats. */
function venueInWeather(venue: 'kalshi' | 'polymarket', openedAtMs = START_MS) {
  const on = stage({ venue });
  const { exchange, clock } = on;
  const nowMs = () => clock.nowMs;
  const streams = new StreamControls();
  const weather = new Weather({ exchange, streams, seed: SEED, openedAtMs, nowMs });
  const beatUntil = (sinceMs: number, each: (sinceMs: number) => void = () => undefined) => {
    while (clock.nowMs - openedAtMs < sinceMs) {
      clock.nowMs += BEAT_MS;
      weather.beat();
      each(clock.nowMs - openedAtMs);
    }
  };
  return { ...on, beatUntil };
}

/** The first spell of a kind. */
function spellLike(venue: 'kalshi' | 'polymarket', kind: WeatherKind): Spell {
  const found = spells(venue, 100).find((one) => one.kind === kind);
  if (!found) throw new Error(`${venue} has no ${kind}`);
  return found;
}

const reading = { operation: 'read_orders', atMs: START_MS } as const satisfies Subject;

/** What of the weather can be seen at a venue. */
function seen({ exchange }: ReturnType<typeof venueInWeather>): object {
  const { state, outage, readLagMs, skewMs } = exchange.conditions;
  const isLimited = exchange.faults.script.strike('refuse', reading) !== undefined;
  return { state, outage, readLagMs, skewMs, isLimited };
}

const FINE = { state: undefined, outage: undefined, readLagMs: 0, skewMs: 0, isLimited: false };

test.for(venueNames)('at %s every spell comes and ends, over a thousand seconds', (venue) => {
  const at = venueInWeather(venue);
  const all = spells(venue, 80);
  at.beatUntil(1_000_000, (sinceMs) => {
    const isSpell = all.some((one) => sinceMs >= one.fromMs && sinceMs < one.untilMs + BEAT_MS);
    if (!isSpell) expect(seen(at)).toEqual(FINE);
  });
  const counted = Object.keys(at.exchange.faults.script.counts().kinds).toSorted();
  expect(counted).toEqual([
    ...['drop_streams', 'enter', 'half_open_streams', 'lag_pages'],
    ...(venue === 'kalshi' ? ['lose_book_changes'] : []),
    ...['outage', 'reads_limited', 'skew_clock'],
  ]);
});

/** Vitest gives its matchers no type. */
const A_NUMBER: unknown = expect.any(Number);
type Sight = readonly [kind: WeatherKind, sight: object];

test.for<Sight>([
  ['paused', { state: 'paused' }],
  ['halted', { state: 'halted' }],
  ['restarting', { state: 'restarting' }],
  ['post_only', { state: 'post_only' }],
  ['outage_refused', { outage: 'refused' }],
  ['outage_silent', { outage: 'silent' }],
  ['pages_lag', { readLagMs: A_NUMBER }],
  ['clock_ahead', { skewMs: A_NUMBER }],
  ['clock_behind', { skewMs: A_NUMBER }],
  ['reads_limited', { isLimited: true }],
])('%s is seen while it lasts, and not a beat longer', ([kind, sight]) => {
  const { fromMs, untilMs } = spellLike('kalshi', kind);
  const at = venueInWeather('kalshi');
  at.beatUntil(fromMs + BEAT_MS);
  expect(seen(at)).not.toEqual(FINE);
  expect(seen(at)).toMatchObject(sight);
  at.beatUntil(untilMs - BEAT_MS);
  expect(seen(at)).not.toEqual(FINE);
  at.beatUntil(untilMs + BEAT_MS);
  expect(seen(at)).toEqual(FINE);
});

test('a clock is never further off than a venue allows, and rows never go back', () => {
  const at = venueInWeather('kalshi');
  let latestMs = at.exchange.now();
  const { untilMs } = spellLike('kalshi', 'clock_behind');
  at.beatUntil(untilMs + MINUTE_MS, () => {
    expect(Math.abs(at.exchange.conditions.skewMs)).toBeLessThanOrEqual(2_000);
    expect(at.exchange.now()).toBeGreaterThanOrEqual(latestMs);
    latestMs = at.exchange.now();
  });
});

test('a venue that was killed comes back into the rest of the same weather', () => {
  const { fromMs, untilMs } = spellLike('kalshi', 'halted');
  const inTheMiddle = Math.floor((fromMs + untilMs) / 2);
  const at = venueInWeather('kalshi', START_MS - inTheMiddle);
  at.beatUntil(inTheMiddle + BEAT_MS);
  expect(seen(at)).toEqual({ ...FINE, state: 'halted' });
  at.beatUntil(untilMs + BEAT_MS);
  expect(seen(at)).toEqual(FINE);
});

test('what it slept through does not come', () => {
  const { untilMs, number } = spellLike('kalshi', 'halted');
  const at = venueInWeather('kalshi', START_MS - untilMs);
  const nextMs = spellOf(SEED, 'kalshi', number + 1).fromMs;
  at.beatUntil(nextMs - BEAT_MS, () => expect(seen(at)).toEqual(FINE));
  expect(at.exchange.faults.script.counts().kinds).toEqual({});
});

test('what somebody commands in the middle of it is not taken back with it', () => {
  const { fromMs, untilMs } = spellLike('kalshi', 'clock_ahead');
  const at = venueInWeather('kalshi');
  at.beatUntil(fromMs + BEAT_MS);
  at.exchange.conditions.skewMs = 7;
  at.beatUntil(untilMs + BEAT_MS);
  expect(seen(at)).toEqual({ ...FINE, skewMs: 7 });
});

test('a script that is taken away takes no weather with it', () => {
  const { fromMs } = spellLike('kalshi', 'reads_limited');
  const at = venueInWeather('kalshi');
  at.beatUntil(fromMs + BEAT_MS);
  at.exchange.faults.script.clear();
  expect(seen(at)).toEqual({ ...FINE, isLimited: true });
});

test('what somebody has commanded stands, and no spell begins meanwhile', () => {
  const { exchange, beatUntil } = venueInWeather('kalshi');
  const { conditions, faults } = exchange;
  conditions.goOut('silent', 2 * SEVEN_MS);
  beatUntil(SEVEN_MS, () => {
    expect(conditions.outage).toBe('silent');
    expect(conditions.state).toBeUndefined();
    expect([conditions.skewMs, conditions.readLagMs]).toEqual([0, 0]);
  });
  expect(faults.script.counts().kinds).toEqual({});
});
