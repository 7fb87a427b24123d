import { type FirePart, names, parts, type Report, type Row, rowOf } from './report.js';

/** A row without so many says nothing of its p99.9. */
export const SHOTS_MIN = 20_000;
/** Of the freezes p99 is judged. */
export const FREEZES_MIN = 200;
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

/** An aim whose rows are not all there. */
export interface Unmeasured {
  readonly aim: string;
  /** `false`: the reader wanted to know about others alone. */
  readonly isAsked: boolean;
}

/** Of a freeze: until so many processes had acknowledged it. */
export const freezePart = 'freeze command, idle';
export const freezeNames = {
  command: 'freeze command → all acknowledged',
  all: 'committed → all acknowledged',
  commit: 'before that: the freeze until its commit',
  look: 'one look at who has acknowledged',
} as const;

type Figures = Pick<Verdict, 'measured' | 'most' | 'hops'>;

interface Aim {
  readonly says: string;
  readonly of: FirePart;
  /** Just as much does not meet it. */
  readonly isBelow?: boolean;
  /** `undefined`: a row that it needs is missing. */
  readonly figures: (report: Report) => Figures | undefined;
}

const all: readonly Aim[] = [
  ...[parts.ahead, parts.aheadOffered].flatMap(aheadAims),
  {
    says: `${parts.ahead}: tick in its socket → both written, p50 < 50 µs`,
    ...{ of: 'shots', isBelow: true, figures: (report) => writtenFromSocket(report) },
  },
  ...[parts.perShot, parts.perShotOffered].map((part): Aim => {
    const says = `${part}: tick → both written, p50 ≤ floor + one signature + 15 µs`;
    return { says, of: 'shots', figures: (report) => signedPerShot(report, part) };
  }),
  { says: 'dedup ≤ 30 ns', of: 'shots', figures: (report) => dedup(report) },
  ...[parts.parked, parts.neverParked].map((part): Aim => {
    const says = `${part}: adds ≤ 60 µs at p50`;
    return { says, of: 'shots', figures: (report) => fireFirst(report, part) };
  }),
  {
    says: 'freeze command → all acknowledged, p99 ≤ 5 ms',
    ...{ of: 'freezes', figures: (report) => frozen(report) },
  },
];

/** From the text of a tick, as whoever reads the socket hands it on. */
function aheadAims(part: string): readonly Aim[] {
  const ahead = `${part}: tick → both written`;
  return [
    {
      says: `${ahead}, p50 ≤ ${aims.timesFloorMax} × floor`,
      ...{ of: 'shots', figures: (report) => timesFloor(report, part) },
    },
    {
      says: `${ahead}, p50 < 50 µs`,
      ...{ of: 'shots', isBelow: true, figures: (report) => writtenAhead(report, part, 'p50') },
    },
    {
      says: `${ahead}, p95 < 100 µs`,
      ...{ of: 'shots', isBelow: true, figures: (report) => writtenAhead(report, part, 'p95') },
    },
  ];
}

/** Every aim whose rows were measured. */
export function verdictsOf(report: Report): readonly Verdict[] {
  return all.flatMap(({ says: aim, isBelow = false, figures }) => {
    const found = figures(report);
    if (!found) return [];
    const { measured, most } = found;
    return [{ aim, ...found, isMet: isBelow ? measured < most : measured <= most }];
  });
}

/** Every other aim. */
export function unmeasuredOf(report: Report, asked: readonly FirePart[]): readonly Unmeasured[] {
  const unmeasured = all.filter(({ figures }) => figures(report) === undefined);
  return unmeasured.map(({ says: aim, of }) => ({ aim, isAsked: asked.includes(of) }));
}

/** Why the run proves nothing of what was asked: no floor, an aim without rows, too few of them. */
export function shortcomingsOf(report: Report, asked: readonly FirePart[]): readonly string[] {
  const loads = [parts.ahead, parts.perShot, parts.aheadOffered, parts.perShotOffered];
  const floors = (asked.includes('shots') ? loads : []).flatMap((part) => [
    [part, names.floor],
    [part, names.floorSeen],
  ]);
  const absent = floors.filter(([part = '', what = '']) => !rowOf(report, part, what));
  const unmeasured = unmeasuredOf(report, asked).filter(({ isAsked }) => isAsked);
  const few = report.rows.filter((row) => row.count < leastOf(row));
  return [
    ...absent.map(([part, what]) => `${part} has no “${what}”`),
    ...unmeasured.map(({ aim }) => `not measured: ${aim}`),
    ...[...new Set(few.map(({ part }) => part))].flatMap((of) =>
      fewOf(few.filter(({ part }) => part === of)),
    ),
  ];
}

const leastOf = ({ part }: Row): number => (part === freezePart ? FREEZES_MIN : SHOTS_MIN);

/** Of one part, in one line. */
function fewOf([first, ...others]: readonly Row[]): readonly string[] {
  if (!first) return [];
  const more = others.length === 0 ? '' : `, and so are ${others.length} rows more`;
  return [`${first.part}: “${first.what}” is of ${first.count}, not ${leastOf(first)}${more}`];
}

function timesFloor(report: Report, part: string): Figures | undefined {
  const [floor, tick] = pair(report, part, [names.floor, names.written]);
  if (!floor || !tick) return undefined;
  const most = aims.timesFloorMax * floor.p50;
  return { measured: tick.p50, most, hops: hopsOf(report, part, 'p50') };
}

function writtenAhead(report: Report, part: string, at: 'p50' | 'p95'): Figures | undefined {
  const [floor, tick] = pair(report, part, [names.floor, names.written]);
  const most = at === 'p50' ? aims.writtenP50Below : aims.writtenP95Below;
  const ofFloor = floor ? [[names.floor, floor[at]] as const] : [];
  return tick && { measured: tick[at], most, hops: [...ofFloor, ...hopsOf(report, part, at)] };
}

/** Its text is timed from where it is read; here what comes before that is added. */
function writtenFromSocket(report: Report): Figures | undefined {
  const tick = rowOf(report, parts.ahead, names.written);
  const [delta, text] = pair(report, parts.alone, [names.delta, names.deltaText]);
  if (!tick || !delta || !text) return undefined;
  const before = delta.p50 - text.p50;
  const hops = hopsOf(report, parts.ahead, 'p50');
  return {
    measured: before + tick.p50,
    most: aims.writtenP50Below,
    hops: [['the delta, read and decrypted', before], ...hops],
  };
}

function signedPerShot(report: Report, part: string): Figures | undefined {
  const [floor, tick] = pair(report, part, [names.floor, names.written]);
  const signature = rowOf(report, parts.alone, names.signature);
  if (!floor || !tick || !signature) return undefined;
  const most = floor.p50 + signature.p50 + aims.besideSignatureMax;
  const alone = [names.signature, signature.p50] as const;
  return { measured: tick.p50, most, hops: [...hopsOf(report, part, 'p50'), alone] };
}

function dedup(report: Report): Figures | undefined {
  const row = rowOf(report, parts.alone, names.dedup);
  return row && { measured: row.p50, most: aims.dedupMax, hops: [] };
}

/** What it adds is in the hops before the shot's own, and in the last. */
function fireFirst(report: Report, part: string): Figures | undefined {
  const [direct, bySocket] = pair(report, part, [names.direct, names.bySocket]);
  if (!direct || !bySocket) return undefined;
  const whole = [names.bySocket, names.direct, names.bare].flatMap((what) => {
    const row = rowOf(report, part, what);
    return row ? [[what, row.p50] as const] : [];
  });
  const hops = [...whole, ...hopsOf(report, part, 'p50')];
  return { measured: bySocket.p50 - direct.p50, most: aims.fireFirstAddsMax, hops };
}

function frozen(report: Report): Figures | undefined {
  const command = rowOf(report, freezePart, freezeNames.command);
  if (!command) return undefined;
  const others = report.rows.filter((row) => row.part === freezePart && row !== command);
  const hops = others.map(({ what, p99 }) => [`${what}, p99`, p99] as const);
  return { measured: command.p99, most: aims.frozenP99Max, hops };
}

type Pair = readonly [Row | undefined, Row | undefined];

function pair(report: Report, part: string, [one, other]: readonly [string, string]): Pair {
  return [rowOf(report, part, one), rowOf(report, part, other)];
}

/** The shot's steps, and beside them what the floor takes for the same two writes. */
function hopsOf({ rows }: Report, part: string, at: 'p50' | 'p95'): Verdict['hops'] {
  return rows
    .filter((row) => row.part === part && /^(hop: (?!.*answered|fired)|floor: the )/.test(row.what))
    .map((row) => [row.what, row[at]] as const);
}
