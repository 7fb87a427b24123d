import { describe, expect, test } from 'vitest';
import {
  type ArmingState,
  armingWaitsFor,
  closeAnswered,
  fromWire,
  nextArmingStep,
  type PagesOfVenue,
  type PagesRead,
  pagesAnswered,
  type StrayOrder,
  sweepAnswered,
  toEnd,
  toWire,
} from '../../domain/index.js';
import { ENDING, NOW_MS, orphaned, READ, SILENT, seen } from './arming-fixture.js';

const LATENESS_MS = 10_000;
const EXPIRED_MS = 50_000;
/** From then on no order of the lease can arrive any more. */
const SAFE_MS = EXPIRED_MS + LATENESS_MS;
const GRANTED_MS = 20_000;

const lost = sweepAnswered(orphaned, { kind: 'not_there' }, NOW_MS);
const UNREADABLE = { kind: 'unavailable', venue: 'kalshi', code: 'timeout' } as const;
const NO = { venue: 'kalshi', market: 'KXRAIN', outcome: 'no' } as const;
const TRADED: StrayOrder = { venueOrderId: 'v-1', instrument: NO, isOpen: false };

function pagesAt(askedAtMs: number, ...strays: readonly StrayOrder[]): PagesRead {
  const fromMs = GRANTED_MS - LATENESS_MS;
  const page = (venue: PagesOfVenue['venue'], found: readonly StrayOrder[]): PagesOfVenue => ({
    ...{ venue, fromMs, strays: found, resolved: 0 },
  });
  return {
    ...{ kind: 'pages_read', askedAtMs, notAfterMs: EXPIRED_MS, latenessMs: LATENESS_MS },
    venues: [page('kalshi', strays), page('polymarket', [])],
  };
}

/** The venues are asked at these times, one round after the other, and show nothing. */
const shownNothing = (from: ArmingState, ...atMs: readonly number[]): ArmingState =>
  atMs.reduce((state, askedAtMs) => {
    const again = sweepAnswered(state, { kind: 'not_there' }, askedAtMs);
    return pagesAnswered(again, pagesAt(askedAtMs), askedAtMs);
  }, from);

const stepOf = (state: ArmingState, nowMs: number): string => nextArmingStep(state, nowMs).kind;

test('where the journal cannot be read the venues are asked at once, and after them the journal again', () => {
  const damaged = sweepAnswered(orphaned, { ...READ, isWhole: false }, NOW_MS);
  for (const [state, fate] of [
    [lost, 'lost'],
    [damaged, 'damaged'],
  ] as const) {
    expect(stepOf(state, NOW_MS)).toBe('search');
    const searched = pagesAnswered(state, UNREADABLE, NOW_MS);
    expect(searched.pause?.why).toBe(
      `its journal is ${fate}, and kalshi does not show its pages: timeout`,
    );
    expect(stepOf(searched, NOW_MS + 249)).toBe('wait');
    expect(stepOf(searched, NOW_MS + 250)).toBe('sweep');
  }
});

test('five readings that show nothing close it, the first once nothing can arrive any more', () => {
  const times = [0, 2_500, 5_000, 7_500].map((ms) => SAFE_MS + 1 + ms);
  const missed = shownNothing(lost, ...times);
  expect(missed).toMatchObject({ stage: 'sweeping', lease: { lost: { missedAtMs: times } } });
  const last = SAFE_MS + 1 + LATENESS_MS;
  const shown = shownNothing(missed, last);
  expect(stepOf(shown, last)).toBe('close');
  const fromMs = GRANTED_MS - LATENESS_MS;
  const page = { fromMs, untilMs: last, ordersResolved: 0 };
  expect(shown.lease?.evidence).toEqual({
    ...{ kind: 'venue_pages', latenessMs: LATENESS_MS, asked: 5, missedAtMs: [...times, last] },
    venues: [
      { venue: 'kalshi', ...page },
      { venue: 'polymarket', ...page },
    ],
  });
  expect(closeAnswered(shown, { seen }, last)).toMatchObject({ stage: 'lending', grants: 1 });
});

describe('nothing is closed by', () => {
  const late = SAFE_MS + 1;
  const four = shownNothing(lost, ...[0, 1, 2, 3].map((n) => late + n * 2_500));

  test('readings that are not far enough apart', () => {
    const close = [0, 1, 2, 3, 4, LATENESS_MS - 1].map((ms) => late + ms);
    expect(shownNothing(lost, ...close)).toMatchObject({ stage: 'sweeping' });
  });

  test('readings that began while an order could still arrive', () => {
    const early = [0, 1, 2, 3, 4].map((n) => SAFE_MS - LATENESS_MS + n * 2_500);
    const read = shownNothing(lost, ...early);
    expect(read.lease?.lost?.missedAtMs).toEqual([]);
    expect(shownNothing(read, ...[0, 1, 2, 3].map((n) => late + n * 4_000)).stage).toBe('sweeping');
  });

  test('a venue that does not answer; what was missed before still counts', () => {
    for (const answer of [UNREADABLE, SILENT]) {
      const asked = sweepAnswered(four, { kind: 'not_there' }, late + 9_000);
      const unread = pagesAnswered(asked, answer, late + 9_000);
      expect(unread).toMatchObject({ stage: 'sweeping' });
      expect(shownNothing(unread, late + LATENESS_MS)).toMatchObject({ stage: 'closing' });
    }
  });

  test('an order that no row explains; what was missed before counts no more', () => {
    const asked = sweepAnswered(four, { kind: 'not_there' }, late + LATENESS_MS);
    const found = pagesAnswered(asked, pagesAt(late + LATENESS_MS, TRADED), late + LATENESS_MS);
    expect(found).toMatchObject({ stage: 'sweeping', lease: { lost: { missedAtMs: [] } } });
    const after = late + LATENESS_MS;
    const again = [1, 2, 3, 4].map((n) => after + n * 2_500);
    expect(shownNothing(found, ...again)).toMatchObject({ stage: 'sweeping' });
    expect(shownNothing(found, ...again, after + 12_500)).toMatchObject({ stage: 'closing' });
  });

  test('an engine that is silent about the journal that it did not have', () => {
    const silent = sweepAnswered(four, SILENT, late + LATENESS_MS);
    expect(silent).toMatchObject({ stage: 'sweeping', pause: { why: SILENT.reason } });
    expect(stepOf(silent, late + 60_000)).toBe('sweep');
    expect(shownNothing(silent, late + LATENESS_MS)).toMatchObject({ stage: 'closing' });
  });
});

test('the evidence says how often the venues were asked, also in vain', () => {
  const early = shownNothing(lost, NOW_MS, NOW_MS + 1);
  const asked = sweepAnswered(early, { kind: 'not_there' }, NOW_MS + 2);
  const unread = pagesAnswered(asked, UNREADABLE, NOW_MS + 2);
  const times = [0, 2_500, 5_000, 7_500, LATENESS_MS].map((ms) => SAFE_MS + 1 + ms);
  const { evidence } = shownNothing(unread, ...times).lease ?? {};
  expect(evidence).toMatchObject({ asked: 2 + times.length, missedAtMs: times });
});

test('readings of a run that did not count how often it asked are those that it missed in', () => {
  const missedAtMs = [0, 2_500, 5_000, 7_500].map((ms) => SAFE_MS + 1 + ms);
  const { lease } = lost;
  if (!lease) throw new Error('it is lent');
  const before = { journal: 'lost', isSearchDue: true, missedAtMs } as const;
  const last = SAFE_MS + 1 + LATENESS_MS;
  const shown = pagesAnswered({ ...lost, lease: { ...lease, lost: before } }, pagesAt(last), last);
  expect(shown.lease?.evidence).toMatchObject({ asked: 5, missedAtMs: [...missedAtMs, last] });
});

test('evidence that Postgres finds too short is gathered anew, after the journal was asked', () => {
  const times = [0, 2_500, 5_000, 7_500, LATENESS_MS].map((ms) => SAFE_MS + 1 + ms);
  const nowMs = SAFE_MS + LATENESS_MS;
  const shown = shownNothing(lost, ...times);
  const refused = closeAnswered(shown, { refusal: 'PAGES_TOO_SHORT', seen }, nowMs);
  expect(refused).toMatchObject({ stage: 'sweeping', pause: { why: 'PAGES_TOO_SHORT' } });
  expect(refused.lease).not.toHaveProperty('evidence');
  expect(stepOf(refused, nowMs + 60_000)).toBe('sweep');
  const again = times.map((ms) => ms + 60_000);
  expect(shownNothing(refused, ...again).lease?.evidence).toMatchObject({ missedAtMs: again });
  const busy = closeAnswered(shown, { refusal: 'SHOTS_UNADOPTED', seen }, nowMs);
  expect(busy).toMatchObject({ stage: 'closing', lease: { evidence: { asked: 5 } } });
});

test('a journal that comes back whole closes it, whatever the venues show', () => {
  const found = pagesAnswered(lost, pagesAt(SAFE_MS + 1, TRADED), NOW_MS);
  const read = sweepAnswered(found, READ, NOW_MS);
  expect(read).toMatchObject({ stage: 'closing', lease: { evidence: READ } });
});

test('the venues are asked again when the next reading can count, and not more often than it takes', () => {
  const waitOf = (askedAtMs: number): number => {
    const { pause } = pagesAnswered(lost, pagesAt(askedAtMs), NOW_MS);
    return (pause?.untilMs ?? 0) - NOW_MS;
  };
  expect(waitOf(EXPIRED_MS)).toBe(LATENESS_MS + 1);
  expect(waitOf(SAFE_MS - 1)).toBe(LATENESS_MS / 4);
  expect(waitOf(SAFE_MS + 1)).toBe(LATENESS_MS / 4);
});

describe('an operator reads that', () => {
  const late = SAFE_MS + 1;
  const open = { ...TRADED, venueOrderId: 'v-2', isOpen: true };
  test.each<readonly [string, ArmingState]>([
    [
      'its journal is lost: its venues’ pages show no order of it, but one may still arrive',
      shownNothing(lost, NOW_MS),
    ],
    [
      'its journal is lost: its venues’ pages show no order of it, 2 of 5 times',
      shownNothing(lost, late, late + 1),
    ],
    [
      'its journal is lost, and its venues’ pages were not read: no engine of its host takes the task',
      pagesAnswered(lost, SILENT, NOW_MS),
    ],
    [
      'its journal is lost, and no row of ours explains order v-2 of kalshi/KXRAIN/no, which is open: custody cancels it',
      pagesAnswered(lost, pagesAt(late, open), NOW_MS),
    ],
    [
      'its journal is lost, and no row of ours explains order v-1 of kalshi/KXRAIN/no (and 1 more), which traded since the grant: say whose it is by closing its break (legwork status, legwork resolve)',
      pagesAnswered(lost, pagesAt(late, TRADED, open), NOW_MS),
    ],
  ])('%s', (words, state) => {
    const waits = "the journal of an engine that is gone, or its venues' pages";
    expect(armingWaitsFor(state)).toBe(`${waits}: ${words.replaceAll('’', "'")}`);
  });
});

test('what the pages have shown goes along into a new run, and an end of it changes nothing', () => {
  const state = toEnd(shownNothing(lost, SAFE_MS + 1), ENDING);
  expect(stepOf(state, SAFE_MS + 1)).toBe('sweep');
  expect(fromWire(JSON.parse(JSON.stringify(toWire(state))))).toEqual(state);
  expect(state.lease?.lost?.missedAtMs).toEqual([SAFE_MS + 1]);
});
