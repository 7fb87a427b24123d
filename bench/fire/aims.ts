import { names, parts, type Report, type Row, rowOf } from './report.js';

/** A row without so many says nothing of its p99.9. */
export const SHOTS_MIN = 20_000;
const MICROSECOND = 1_000;

/** Nanoseconds. */
export const aims = {
  timesFloorMax: 2,
  writtenP50Below: 50 * MICROSECOND,
  writtenP95Below: 100 * MICROSECOND,
  besideSignatureMax: 15 * MICROSECOND,
  dedupMax: 30,
  fireFirstAddsMax: 60 * MICROSECOND,
  frozenP99Max: 5_000 * MICROSECOND,
} as const;

/** One aim, in nanoseconds, and what its figure is made of. */
export interface Verdict {
  readonly aim: string;
  readonly measured: number;
  readonly most: number;
  readonly isMet: boolean;
  /** Where the rest goes: each at its own p50, or p95 for that; they nearly add up. */
  readonly hops: readonly (readonly [what: string, took: number])[];
}

/** Of a freeze: from its commit until so many processes had acknowledged it. */
export const freezePart = 'freeze command, idle';
export const freezeNames = {
  all: 'committed → all acknowledged',
  commit: 'before that: the freeze until its commit',
  look: 'one look at who has acknowledged',
} as const;

/** Every aim whose rows were measured. */
export function verdictsOf(report: Report): readonly Verdict[] {
  return [
    ...aheadVerdicts(report),
    ...perShotVerdicts(report),
    ...dedupVerdicts(report),
    ...[parts.parked, parts.neverParked].flatMap((part) => fireFirstVerdicts(report, part)),
    ...freezeVerdicts(report),
  ];
}

/** Why the run proves nothing: no floor, or too few shots. */
export function shortcomingsOf(report: Report): readonly string[] {
  const loads = [parts.ahead, parts.perShot, parts.aheadOffered, parts.perShotOffered];
  const floors = loads.flatMap((part) => [
    [part, names.floor],
    [part, names.floorSeen],
  ]);
  const absent = floors.filter(([part = '', what = '']) => !rowOf(report, part, what));
  const few = report.rows.filter(({ part, count }) => part !== freezePart && count < SHOTS_MIN);
  return [
    ...absent.map(([part, what]) => `${part} has no “${what}”`),
    ...[...new Set(few.map(({ part }) => part))].flatMap((of) =>
      fewOf(few.filter(({ part }) => part === of)),
    ),
  ];
}

/** Of one part, in one line. */
function fewOf([first, ...others]: readonly Row[]): readonly string[] {
  if (!first) return [];
  const more = others.length === 0 ? '' : `, and so are ${others.length} rows more`;
  return [`${first.part}: “${first.what}” is of ${first.count}, not ${SHOTS_MIN}${more}`];
}

function aheadVerdicts(report: Report): readonly Verdict[] {
  const [floor, tick] = pair(report, parts.ahead, [names.floor, names.written]);
  if (!floor || !tick) return [];
  const hops = hopsOf(report, parts.ahead, 'p50');
  const { timesFloorMax, writtenP50Below, writtenP95Below } = aims;
  const says = 'signed ahead: tick → both written';
  return [
    atMost(`${says}, p50 ≤ ${timesFloorMax} × floor`, [tick.p50, timesFloorMax * floor.p50], hops),
    below(`${says}, p50 < 50 µs`, [tick.p50, writtenP50Below], hops),
    below(`${says}, p95 < 100 µs`, [tick.p95, writtenP95Below], hopsOf(report, parts.ahead, 'p95')),
  ];
}

function perShotVerdicts(report: Report): readonly Verdict[] {
  const [floor, tick] = pair(report, parts.perShot, [names.floor, names.written]);
  const signature = rowOf(report, parts.alone, names.signature);
  if (!floor || !tick || !signature) return [];
  const says = 'signed per shot: tick → both written, p50 ≤ floor + one signature + 15 µs';
  const most = floor.p50 + signature.p50 + aims.besideSignatureMax;
  const alone = [names.signature, signature.p50] as const;
  return [atMost(says, [tick.p50, most], [...hopsOf(report, parts.perShot, 'p50'), alone])];
}

function dedupVerdicts(report: Report): readonly Verdict[] {
  const dedup = rowOf(report, parts.alone, names.dedup);
  if (!dedup) return [];
  return [atMost('dedup ≤ 30 ns', [dedup.p50, aims.dedupMax], [])];
}

function fireFirstVerdicts(report: Report, part: string): readonly Verdict[] {
  const [direct, bySocket] = pair(report, part, [names.direct, names.bySocket]);
  if (!direct || !bySocket) return [];
  const hops = [names.bySocket, names.direct, names.bare].flatMap((what) => {
    const row = rowOf(report, part, what);
    return row ? [[what, row.p50] as const] : [];
  });
  const adds = bySocket.p50 - direct.p50;
  return [atMost(`${part}: adds ≤ 60 µs at p50`, [adds, aims.fireFirstAddsMax], hops)];
}

function freezeVerdicts(report: Report): readonly Verdict[] {
  const all = rowOf(report, freezePart, freezeNames.all);
  if (!all) return [];
  const others = report.rows.filter(({ part }) => part === freezePart);
  const hops = others.map(({ what, p99 }) => [`${what}, p99`, p99] as const);
  return [
    atMost('freeze command → all acknowledged, p99 ≤ 5 ms', [all.p99, aims.frozenP99Max], hops),
  ];
}

type Pair = readonly [Row | undefined, Row | undefined];

function pair(report: Report, part: string, [one, other]: readonly [string, string]): Pair {
  return [rowOf(report, part, one), rowOf(report, part, other)];
}

type Compared = readonly [measured: number, most: number];

function atMost(aim: string, [measured, most]: Compared, hops: Verdict['hops']): Verdict {
  return { aim, measured, most, isMet: measured <= most, hops };
}

function below(aim: string, [measured, most]: Compared, hops: Verdict['hops']): Verdict {
  return { aim, measured, most, isMet: measured < most, hops };
}

/** The shot's steps, and beside them what the floor takes for the same two writes. */
function hopsOf({ rows }: Report, part: string, at: 'p50' | 'p95'): Verdict['hops'] {
  return rows
    .filter((row) => row.part === part && /^(hop: (?!.*answered|fired)|floor: the )/.test(row.what))
    .map((row) => [row.what, row[at]] as const);
}
