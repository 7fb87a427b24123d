import { expect, test } from 'vitest';
import {
  FREEZES_MIN,
  freezeNames,
  freezePart,
  SHOTS_MIN,
  shortcomingsOf,
  unmeasuredOf,
  verdictsOf,
} from '../../bench/fire/aims.js';
import {
  fireParts,
  names,
  parts,
  type Report,
  type Row,
  reportOf,
} from '../../bench/fire/report.js';
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
    ...[parts.ahead, parts.aheadOffered].map((part) => ({
      ...row(part, names.written, 2 * FLOOR),
      p95: 99_999,
    })),
    row(parts.ahead, 'hop: decided', 1_700),
    row(parts.ahead, 'hop: fired', 39_000),
    ...[parts.perShot, parts.perShotOffered].map((part) =>
      row(part, names.written, FLOOR + SIGNATURE + 15_000),
    ),
    row(parts.alone, names.delta, 12_999),
    row(parts.alone, names.deltaText, 3_000),
    row(parts.alone, names.signature, SIGNATURE),
    row(parts.alone, names.dedup, 30),
    ...[parts.parked, parts.neverParked].flatMap((part) => [
      row(part, names.direct, 150_000),
      row(part, names.bySocket, 210_000),
      row(part, 'hop: socket write → door read', 7_000),
    ]),
    row(freezePart, freezeNames.command, 5_000_000),
    row(freezePart, freezeNames.all, 4_500_000),
    row(freezePart, 'engine', 4_000_000),
  ],
  refused: [],
  signed: [{ part: parts.ahead, ahead: SHOTS_MIN - 1, perShot: 1 }],
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
  expect(verdictsOf(met)).toHaveLength(13);
});

test.each([
  { at: [parts.aheadOffered, names.written], is: { p50: 40_001 }, aim: 'p50 ≤ 2 × floor' },
  { at: [parts.aheadOffered, names.written], is: { p95: 100_000 }, aim: 'p95 < 100 µs' },
  { at: [parts.perShotOffered, names.written], is: { p50: 115_001 }, aim: 'one signature' },
  { at: [parts.alone, names.delta], is: { p50: 13_000 }, aim: 'tick in its socket' },
  { at: [parts.ahead, names.written], is: { p95: 100_000 }, aim: 'p95 < 100 µs' },
  { at: [parts.perShot, names.written], is: { p50: 115_001 }, aim: 'one signature + 15 µs' },
  { at: [parts.alone, names.dedup], is: { p50: 31 }, aim: 'dedup' },
  { at: [parts.parked, names.bySocket], is: { p50: 210_001 }, aim: 'adds' },
  { at: [freezePart, freezeNames.command], is: { p99: 5_000_001 }, aim: 'freeze command' },
])('a figure beyond its limit misses that aim alone: $aim', ({ at: [part, what], is, aim }) => {
  expect(missed(but(part, what, is))).toEqual([expect.stringContaining(aim)]);
});

test('however slow the floor is, 50 µs are missed by 50 µs', () => {
  const slow = but(parts.ahead, names.floor, { p50: 60_000 });
  const rows = slow.rows.map((one) =>
    one.part === parts.ahead && one.what === names.written ? { ...one, p50: 50_000 } : one,
  );
  const [fromText, fromSocket, ...others] = missed({ ...slow, rows });
  expect(fromText).toMatch(/tick → both written, p50 < 50 µs/);
  expect([fromSocket, others]).toEqual([expect.stringContaining('in its socket'), []]);
});

test('a miss says where the time went, without what is the sum of it', () => {
  const page = tablesOf(but(parts.ahead, names.written, { p95: 100_000 }), fireParts);
  const told = page.slice(page.indexOf('missed'));
  expect(told).toContain('1.700  hop: decided');
  expect(told).not.toContain('hop: fired');
});

test('a run without a floor, or of too few shots, proves nothing', () => {
  expect(shortcomingsOf(met, fireParts)).toEqual([]);
  const floorless = met.rows.filter(
    ({ part, what }) => part !== parts.ahead || what !== names.floor,
  );
  expect(shortcomingsOf({ ...met, rows: floorless }, fireParts)).toEqual([
    `${parts.ahead} has no “${names.floor}”`,
    expect.stringMatching(/^not measured: signed ahead.* × floor$/),
  ]);
  const few = but(parts.perShot, names.written, { count: SHOTS_MIN - 1 });
  expect(shortcomingsOf(few, fireParts)).toEqual([
    expect.stringContaining('is of 19999, not 20000'),
  ]);
  const all = { ...met, rows: met.rows.map((one) => ({ ...one, count: 7 })) };
  expect(shortcomingsOf(all, fireParts)).toHaveLength(
    new Set(met.rows.map(({ part }) => part)).size,
  );
});

test('freezes are fewer than shots, and prove what they prove', () => {
  const freezes = (count: number) =>
    shortcomingsOf(but(freezePart, 'engine', { count }), fireParts);
  expect(freezes(FREEZES_MIN)).toEqual([]);
  expect(freezes(FREEZES_MIN - 1)).toEqual([expect.stringContaining('is of 199, not 200')]);
});

test('an aim whose rows are missing was not measured, which proves nothing', () => {
  const rows = met.rows.filter(({ part }) => part !== freezePart);
  const report = { ...met, rows };
  const aim = 'freeze command → all acknowledged, p99 ≤ 5 ms';
  expect(unmeasuredOf(report, fireParts)).toEqual([{ aim, isAsked: true }]);
  expect(shortcomingsOf(report, fireParts)).toEqual([`not measured: ${aim}`]);
  expect(tablesOf(report, fireParts)).toContain(`not measured  ${aim}`);
});

test('an aim of a part that nobody asked for is said, and proves nothing wrong', () => {
  const shots = { ...met, rows: met.rows.filter(({ part }) => part !== freezePart) };
  expect(shortcomingsOf(shots, ['shots'])).toEqual([]);
  expect(tablesOf(shots, ['shots'])).toContain(
    'not measured, because other parts were asked for: freeze command',
  );
  const freezes = { ...met, rows: met.rows.filter(({ part }) => part === freezePart) };
  expect(shortcomingsOf(freezes, ['freezes'])).toEqual([]);
  expect(unmeasuredOf(freezes, ['freezes'])).toHaveLength(12);
});

test('of the orders that were to be signed ahead it is said how many were', () => {
  expect(tablesOf(met, fireParts)).toContain(
    `${parts.ahead}: of ${SHOTS_MIN} orders ${SHOTS_MIN - 1} were signed before their ticks`,
  );
});

test('what the socket adds is shown hop by hop', () => {
  const page = tablesOf(but(parts.neverParked, names.bySocket, { p50: 210_001 }), fireParts);
  expect(page.slice(page.indexOf('missed'))).toContain('7.000  hop: socket write → door read');
});

test('what the native program prints is read as it is written', () => {
  expect(reportOf(JSON.stringify(met))).toEqual(met);
  expect(() => reportOf('{"shots":1}')).toThrow('rows');
});
