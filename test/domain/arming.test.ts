import { describe, expect, test } from 'vitest';
import {
  type ArmingState,
  armAnswered,
  armingWaitsFor,
  closeAnswered,
  describeBudget,
  describeTerms,
  disarmAnswered,
  endingOf,
  fromWire,
  leaseIdOf,
  leaseSeen,
  leaseStopped,
  lendAnswered,
  money,
  nextArmingStep,
  openArming,
  price,
  quantity,
  recalled,
  sweepAnswered,
  termsChanged,
  termsRefusal,
  toEnd,
  toWire,
  verdictOf,
} from '../../domain/index.js';
import {
  armed,
  DISARMED,
  disarmed,
  ENDING,
  EXPIRES_MS,
  FROZEN,
  granted,
  lent,
  lentUnheard,
  NOW_MS,
  opened,
  orphaned,
  READ,
  relending,
  request,
  SILENT,
  seen,
  stopped,
} from './arming-fixture.js';

const next = (state: ArmingState, nowMs = NOW_MS): unknown => nextArmingStep(state, nowMs);
const stepOf = (state: ArmingState, nowMs = NOW_MS): string => nextArmingStep(state, nowMs).kind;

describe('what is next', () => {
  test.each<readonly [string, ArmingState, string]>([
    ['nothing is known', opened, 'lend'],
    ['it is lent', lent, 'arm'],
    ['it is armed', armed, 'wait'],
    ['there are new terms', termsChanged(armed, { ...request, validMs: 1 }), 'arm'],
    ['somebody disarms it', toEnd(armed, ENDING), 'stop'],
    ['somebody disarms it before it is armed', toEnd(lent, ENDING), 'stop'],
    ['its lease is renewed no more', stopped, 'disarm'],
    ['its engine has let it go', disarmed, 'close'],
    ['its lease is closed', closeAnswered(disarmed, { seen }, NOW_MS), 'done'],
    ['its engine has died', leaseSeen(armed, { ...seen, isHolderThere: false }), 'stop'],
    ['another engine has the pair', leaseSeen(armed, { ...seen, isHolderOwner: false }), 'stop'],
    ['the lease of a dead engine is stopped', orphaned, 'sweep'],
    ['its journal is read', sweepAnswered(orphaned, READ, NOW_MS), 'close'],
    ['the lease of a dead engine is closed', relending, 'lend'],
    ['it is disarmed while nothing is lent', toEnd(relending, ENDING), 'recall'],
    ['nothing was lent', recalled(toEnd(relending, ENDING), { kind: 'nothing' }), 'done'],
    ['it was lent, unheard', recalled(toEnd(relending, ENDING), lentUnheard), 'stop'],
    ['what was lent has no pair any more', lendAnswered(opened, lentUnheard, NOW_MS), 'stop'],
  ])('%s', (_what, state, step) => {
    expect(stepOf(state)).toBe(step);
  });

  test('armed until it expires, to the millisecond', () => {
    expect(next(armed, EXPIRES_MS - 1)).toEqual({
      ...{ kind: 'wait', untilMs: EXPIRES_MS, watches: true },
    });
    expect(next(armed, EXPIRES_MS)).toMatchObject({ kind: 'stop', ending: { kind: 'expired' } });
    expect(stepOf(relending, EXPIRES_MS)).toBe('recall');
  });

  test('armed until its budget is spent, to the last unit', () => {
    const leftOf = (exposure: string): ArmingState =>
      leaseSeen(armed, { ...seen, left: { ...seen.left, exposure: money(exposure) } });
    expect(stepOf(leftOf('0.000000001'))).toBe('wait');
    expect(next(leftOf('0'))).toMatchObject({ kind: 'stop', ending: { kind: 'exhausted' } });
  });
});

describe('who asked whether it is armed', () => {
  test('hears that it is, or why not', () => {
    expect(verdictOf(lent)).toBeUndefined();
    expect(verdictOf(armed)).toEqual({ kind: 'armed', host: 'host-a', leaseId: 'lease' });
    const denied = lendAnswered(opened, { kind: 'denied', denial: FROZEN }, NOW_MS);
    expect(verdictOf(denied)).toEqual({ kind: 'denied', denial: FROZEN });
    expect(stepOf(denied)).toBe('done');
  });

  test.each([
    [
      'refuses',
      { kind: 'refused', code: 'MARKET_UNKNOWN', why: 'no book' },
      'MARKET_UNKNOWN: no book',
    ],
    ['is silent', SILENT, SILENT.reason],
  ] as const)(
    'hears that its engine %s, and what was lent is taken back',
    (_how, answer, reason) => {
      const untold = armAnswered(lent, { answer, version: 1 });
      const denial = { code: 'NOT_ARMED', host: 'host-a', reason };
      expect(verdictOf(untold)).toEqual({ kind: 'denied', denial });
      expect(stepOf(untold)).toBe('stop');
      expect(stepOf(leaseStopped(untold))).toBe('disarm');
    },
  );
});

describe('what was armed once', () => {
  test('is lent anew as often as it takes, later and later, until it expires', () => {
    const denied = lendAnswered(relending, { kind: 'denied', denial: FROZEN }, NOW_MS);
    expect(next(denied)).toEqual({ kind: 'wait', untilMs: NOW_MS + 250, watches: false });
    expect(armingWaitsFor(denied)).toBe('the limits to lend: FROZEN');
    const again = lendAnswered(denied, { kind: 'denied', denial: FROZEN }, NOW_MS);
    expect(next(again)).toMatchObject({ untilMs: NOW_MS + 500 });
    let often = again;
    for (let tries = 0; tries < 40; tries += 1) {
      often = lendAnswered(often, { kind: 'denied', denial: FROZEN }, NOW_MS);
    }
    expect(next(often)).toMatchObject({ untilMs: NOW_MS + 30_000 });
    expect(next(often, EXPIRES_MS - 99_999)).toMatchObject({ kind: 'wait' });
  });

  test('is lent anew later each time that its engine does not arm it', () => {
    const failed = armAnswered({ ...armed, stage: 'arming' }, { answer: SILENT, version: 1 });
    expect(endingOf(failed, NOW_MS)).toBeUndefined();
    const gone = disarmAnswered(leaseStopped(failed), DISARMED, NOW_MS);
    expect(next(closeAnswered(gone, { seen }, NOW_MS))).toMatchObject({ untilMs: NOW_MS + 250 });
  });

  test('keeps what is left of its budget, and counts the shots of every lease', () => {
    const spent = { ...seen, shots: 3, left: { exposure: money('9'), contracts: quantity('20') } };
    const closed = closeAnswered(sweepAnswered(orphaned, READ, NOW_MS), { seen: spent }, NOW_MS);
    expect(closed).toMatchObject({ stage: 'lending', left: spent.left, shotsBefore: 3, grants: 1 });
    expect(closed.lease).toBeUndefined();
  });
});

describe('what is not known', () => {
  test.each([
    ['an engine that does not let go', disarmAnswered(stopped, SILENT, NOW_MS), 'disarm'],
    ['an engine that reads no journal', sweepAnswered(orphaned, SILENT, NOW_MS), 'sweep'],
    [
      'a shot that is no trade yet',
      closeAnswered(disarmed, { refusal: 'SHOTS_UNADOPTED', seen }, NOW_MS),
      'close',
    ],
  ] as const)('%s is asked about again, and the lease stays', (_what, state, step) => {
    expect(stepOf(state)).toBe('wait');
    expect(stepOf(state, NOW_MS + 249)).toBe('wait');
    expect(stepOf(state, NOW_MS + 250)).toBe(step);
    expect(state.lease).toBeDefined();
    expect(state.pause?.why).not.toBe('');
  });

  test('another start’s word that it fires nothing says nothing of the one before', () => {
    for (const other of [{ process: 'engine-2' }, { epoch: 8 }]) {
      const answered = disarmAnswered(stopped, { ...DISARMED, ...other }, NOW_MS);
      expect(answered).toMatchObject({ stage: 'sweeping' });
      expect(answered.lease?.evidence).toBeUndefined();
    }
  });

  test('an engine that is asked to let go and dies is swept', () => {
    const waiting = disarmAnswered(stopped, SILENT, NOW_MS);
    const died = leaseSeen(waiting, { ...seen, isHolderThere: false });
    expect(stepOf(died)).toBe('sweep');
  });
});

test('new terms stay within what was granted, and end with the arming', () => {
  const terms = { contractsMax: quantity('10'), edgeMin: price('0.02'), validMs: 1 };
  expect(termsRefusal(armed, terms)).toBeUndefined();
  const more = { ...terms, contractsMax: quantity('10.000000001') };
  expect(termsRefusal(armed, more)).toMatch(/new arming/);
  expect(termsRefusal(toEnd(armed, ENDING), terms)).toMatch(/lunch/);
});

test('whoever ends it first is remembered', () => {
  const ended = toEnd(toEnd(armed, ENDING), { kind: 'canceled', by: 'temporal', why: 'later' });
  expect(ended.ending).toEqual(ENDING);
});

test('a new run takes all of it along', () => {
  for (const state of [opened, armed, orphaned, disarmed, relending]) {
    const carried: unknown = JSON.parse(JSON.stringify(toWire(state)));
    expect(fromWire(carried)).toEqual(state);
  }
});

test('an intent’s id fits, however long the name of the pair is, and no two grants share one', () => {
  const pairId = 'a'.repeat(128);
  const ids = [0, 1].map((grant) => leaseIdOf(pairId, 'run', grant));
  expect(new Set([...ids, leaseIdOf(pairId, 'later', 0)]).size).toBe(3);
  for (const id of ids) expect(`${id}.${'9'.repeat(20)}`).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
});

describe('an operator reads', () => {
  const onRequest = openArming({ ...request, fires: 'on_request' });
  const requested = lendAnswered(onRequest, { kind: 'lent', ...granted }, NOW_MS);
  test.each<readonly [string, ArmingState]>([
    ['the limits to lend', opened],
    ['its engine to fire', lent],
    ['a tick that is worth it', armed],
    ['requests', armAnswered(requested, { answer: { kind: 'armed' }, version: 1 })],
    ['its engine to let it go', stopped],
    [`its engine to let it go: ${SILENT.reason}`, disarmAnswered(stopped, SILENT, NOW_MS)],
    ['the journal of an engine that is gone', orphaned],
    ['its shots to be trades', disarmed],
    ['nothing', closeAnswered(disarmed, { seen }, NOW_MS)],
  ])('that it waits for %s', (words, state) => {
    expect(armingWaitsFor(state)).toBe(words);
  });

  test('what is left of the budget, and of which terms', () => {
    const left = { exposure: money('41.2'), contracts: quantity('90') };
    const once = leaseSeen(armed, { ...seen, left, shots: 1 });
    expect(describeBudget(once)).toBe('41.2 of 200 dollars and 90 of 200 contracts left, 1 shot');
    expect(describeBudget(opened)).toMatch(/ 0 shots$/);
    expect(describeTerms(request)).toBe(
      'at most 10 contracts a shot for an edge of 0.01 or more, valid for 250 ms',
    );
  });
});
