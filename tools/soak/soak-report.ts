import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceCommit } from '../source-commit.js';
import type { Victim } from './kill-plan.js';
import type { MemoryOf } from './memory-watch.js';

export interface Kill {
  readonly victim: Victim;
  readonly atMs: number;
}

export interface SoakRun {
  /** Of the session: 0 only if nothing is unresolved and the ledgers agree with the books. */
  readonly exitCode: number;
  readonly beganAtMs: number;
  readonly tookMs: number;
  readonly kills: readonly Kill[];
  readonly residualsLifted: number;
  readonly memoryMib: Readonly<Partial<Record<Victim, MemoryOf>>>;
  /** Where the session's own report lies; this is added to it as `soak.json`. */
  readonly outFolder: string;
}

/** What a session says of itself, as far as it is shown here (`workers/session`). */
interface Summary {
  readonly trades: { readonly asked: number; readonly fired: number; readonly open: number };
  readonly results: Readonly<Record<string, number>>;
  readonly residuals: Readonly<Record<string, number>>;
  readonly denials: Readonly<Record<string, number>>;
  readonly unknowns: { readonly seen: number; readonly left: number };
  readonly faults: Readonly<Record<string, number>>;
  readonly faultsByVenue: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly ledgerCheck: Readonly<Record<string, number | string>>;
  readonly journalCheck: number;
  readonly left: {
    readonly reservations: number;
    readonly holds: number;
    readonly openOrders: readonly string[];
    readonly breaks: Readonly<Record<string, number>>;
    readonly freezes: Readonly<Record<string, number>>;
  };
  readonly openBreaks: number;
}

export interface SoakReport extends Omit<SoakRun, 'kills' | 'outFolder'> {
  /** The sources that ran. */
  readonly commit: string;
  readonly killsCount: number;
  readonly kills: Readonly<Partial<Record<Victim, number>>>;
  /** Absent when the session did not come to its report. */
  readonly summary?: Summary;
  /** How long every hundred shots took, seconds. */
  readonly secondsPerHundred: readonly number[];
  /**
   * From a kill to the next thing that the desk recorded of any order, milliseconds, sorted, per
   * victim: how long nobody decided anything, or had anything to decide.
   */
  readonly untilNextDecisionMs: Readonly<Partial<Record<Victim, readonly number[]>>>;
}

/** Reads what the session left, adds what it could not know, and leaves both together. */
export function soakReport({ outFolder, kills, ...run }: SoakRun): SoakReport {
  const orders = ordersIn(join(outFolder, 'orders.jsonl'));
  const summary = summaryIn(join(outFolder, 'summary.json'));
  const decidedAtMs = orders.flatMap(momentsOf).toSorted((one, other) => one - other);
  const report: SoakReport = {
    ...run,
    commit: sourceCommit(),
    killsCount: kills.length,
    kills: grouped(kills, (all) => all.length),
    ...(summary && { summary }),
    secondsPerHundred: perHundred(shotsAtMs(orders), run.beganAtMs),
    untilNextDecisionMs: grouped(kills, (all) => waitsAfter(all, decidedAtMs)),
  };
  if (summary) {
    writeFileSync(join(outFolder, 'soak.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  }
  return report;
}

interface OrderLine {
  readonly workflowId: string;
  readonly purpose: { readonly kind: string };
  readonly recordedAtMs: number;
  readonly events: readonly { readonly atMs: number }[];
}

const momentsOf = ({ recordedAtMs, events }: OrderLine): readonly number[] => [
  recordedAtMs,
  ...events.map(({ atMs }) => atMs),
];

/** When the first entry of every trade was recorded, in order. */
function shotsAtMs(orders: readonly OrderLine[]): readonly number[] {
  const shots = new Map<string, number>();
  for (const { workflowId, purpose, recordedAtMs } of orders) {
    if (purpose.kind !== 'entry') continue;
    shots.set(workflowId, Math.min(shots.get(workflowId) ?? recordedAtMs, recordedAtMs));
  }
  return [...shots.values()].toSorted((one, other) => one - other);
}

const HUNDRED = 100;
const MS_PER_SECOND = 1_000;

function perHundred(shots: readonly number[], beganAtMs: number): readonly number[] {
  const ends = shots.filter((_, index) => (index + 1) % HUNDRED === 0);
  return ends.map((endMs, index) =>
    Math.round((endMs - (ends[index - 1] ?? beganAtMs)) / MS_PER_SECOND),
  );
}

function waitsAfter(kills: readonly Kill[], decidedAtMs: readonly number[]): readonly number[] {
  return kills
    .map(({ atMs }) => decidedAtMs.find((decided) => decided > atMs))
    .flatMap((next, index) => {
      const killedAtMs = kills[index]?.atMs;
      return next === undefined || killedAtMs === undefined ? [] : [next - killedAtMs];
    })
    .toSorted((one, other) => one - other);
}

function grouped<T>(
  kills: readonly Kill[],
  of: (kills: readonly Kill[]) => T,
): Readonly<Partial<Record<Victim, T>>> {
  const names = [...new Set(kills.map(({ victim }) => victim))].toSorted();
  const groups = names.map((name) => [name, of(kills.filter(({ victim }) => victim === name))]);
  return Object.fromEntries(groups) as Partial<Record<Victim, T>>; // one entry per name
}

// A session wrote both: `workers/session/write-report.ts`.
function ordersIn(path: string): readonly OrderLine[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as OrderLine); // as above
}

function summaryIn(path: string): Summary | undefined {
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8')) as Summary; // as above
}
