import { expect, test } from 'vitest';
import {
  freezeNames,
  freezePart,
  SHOTS_MIN,
  shortcomingsOf,
  verdictsOf,
} from '../../bench/fire/aims.js';
import { names, parts, type Report, type Row, reportOf } from '../../bench/fire/report.js';
import { tablesOf } from '../../bench/fire/tables.js';

const LOADS = [parts.ahead, parts.perShot, parts.aheadOffered, parts.perShotOffered];
const FLOOR = 20_000;
const SIGNATURE = 80_000;

function row(part: string, what: string, p50: number): Row {
  return { part, what, count: SHOTS_MIN, p50, p95: p50, p99: p50, 'p99.9': p50 };
}

/** Every aim is met, each by nothing or by a nanosecond. */
const met: Report = {
  shots: SHOTS_MIN,
  rows: [
    ...LOADS.flatMap((part) => [row(part, names.floor, FLOOR), row(part, names.floorSeen, FLOOR)]),
    { ...row(parts.ahead, names.written, 2 * FLOOR), p95: 99_999 },
    row(parts.ahead, 'hop: decided', 1_700),
    row(parts.ahead, 'hop: fired', 39_000),
    row(parts.perShot, names.written, FLOOR + SIGNATURE + 15_000),
    row(parts.alone, names.signature, SIGNATURE),
    row(parts.alone, names.dedup, 30),
    row(parts.parked, names.direct, 150_000),
    row(parts.parked, names.bySocket, 210_000),
    row(freezePart, 'engine', 4_000_000),
    row(freezePart, freezeNames.all, 5_000_000),
  ],
  refused: [],
};

/** The same, but for one row. */
function but(part: string | undefined, what: string | undefined, more: Partial<Row>): Report {
  const rows = met.rows.map((one) =>
    one.part === part && one.what === what ? { ...one, ...more } : one,
  );
  return { ...met, rows };
}

const missed = (report: Report): readonly string[] =>
  verdictsOf(report).flatMap(({ aim, isMet }) => (isMet ? [] : [aim]));

test('a figure at its limit meets the aim', () => {
  expect(missed(met)).toEqual([]);
  expect(verdictsOf(met)).toHaveLength(7);
});

test.each([
  { at: [parts.ahead, names.written], is: { p50: 2 * FLOOR + 1 }, aim: 'p50 ≤ 2 × floor' },
  { at: [parts.ahead, names.written], is: { p95: 100_000 }, aim: 'p95 < 100 µs' },
  { at: [parts.perShot, names.written], is: { p50: 115_001 }, aim: 'one signature + 15 µs' },
  { at: [parts.alone, names.dedup], is: { p50: 31 }, aim: 'dedup' },
  { at: [parts.parked, names.bySocket], is: { p50: 210_001 }, aim: 'adds' },
  { at: [freezePart, freezeNames.all], is: { p99: 5_000_001 }, aim: 'freeze command' },
])('a figure beyond its limit misses that aim alone: $aim', ({ at: [part, what], is, aim }) => {
  expect(missed(but(part, what, is))).toEqual([expect.stringContaining(aim)]);
});

test('however slow the floor is, 50 µs are missed by 50 µs', () => {
  const slow = but(parts.ahead, names.floor, { p50: 60_000 });
  const rows = slow.rows.map((one) =>
    one.part === parts.ahead && one.what === names.written ? { ...one, p50: 50_000 } : one,
  );
  expect(missed({ ...slow, rows })).toEqual([expect.stringContaining('p50 < 50 µs')]);
});

test('a miss says where the time went, without what is the sum of it', () => {
  const page = tablesOf(but(parts.ahead, names.written, { p95: 100_000 }));
  const told = page.slice(page.indexOf('missed'));
  expect(told).toContain('1.700  hop: decided');
  expect(told).not.toContain('hop: fired');
});

test('a run without a floor, or of too few shots, proves nothing', () => {
  expect(shortcomingsOf(met)).toEqual([]);
  const floorless = met.rows.filter(
    ({ part, what }) => part !== parts.ahead || what !== names.floor,
  );
  expect(shortcomingsOf({ ...met, rows: floorless })).toEqual([
    `${parts.ahead} has no “${names.floor}”`,
  ]);
  const few = but(parts.perShot, names.written, { count: SHOTS_MIN - 1 });
  expect(shortcomingsOf(few)).toEqual([expect.stringContaining('is of 19999, not 20000')]);
  const all = { ...met, rows: met.rows.map((one) => ({ ...one, count: 7 })) };
  expect(shortcomingsOf(all)).toHaveLength(new Set([...LOADS, parts.alone, parts.parked]).size);
});

test('freezes are fewer than shots, and prove what they prove', () => {
  const freezes = but(freezePart, 'engine', { count: 200 });
  expect(shortcomingsOf(freezes)).toEqual([]);
});

test('what the native program prints is read as it is written', () => {
  expect(reportOf(JSON.stringify(met))).toEqual(met);
  expect(() => reportOf('{"shots":1}')).toThrow('rows');
});
