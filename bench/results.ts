import { cpus, totalmem } from 'node:os';
import { sourceCommit } from '../tools/source-commit.js';
import { type Percentiles, percentiles } from '../workers/session/percentiles.js';
import type { Step } from './breakdown.js';
import { type Climbed, knownMs, type Ladder, samplesOf } from './ladder.js';
import { median } from './median.js';
import type { Parked } from './parked.js';
import type { Rate } from './rates.js';
import { rungs } from './rungs.js';

/** The aims of a trade: docs/testing.md. */
export const aims = { factorMax: 2, eventsMax: 30, parkedKibMax: 150 } as const;

export interface RungFigures extends Percentiles {
  readonly rung: string;
  readonly says: string;
  /** Its p50 over that of the floor, both until the outcome is known. */
  readonly timesFloor: number | null;
  readonly events: number | null;
  readonly transitions: number | null;
}

export interface Results {
  readonly at: string;
  /** The sources that were measured. */
  readonly commit: string;
  readonly machine: string;
  readonly ladder: readonly RungFigures[];
  readonly verdict: Percentiles;
  readonly closed: Percentiles;
  readonly kinds: Readonly<Record<string, number>>;
  readonly breakdown: readonly Step[];
  readonly rates: readonly Rate[];
  readonly parked: Parked;
  readonly aims: readonly Aim[];
}

export interface Aim {
  readonly aim: string;
  readonly measured: number | null;
  readonly most: number;
  readonly isMet: boolean;
}

export interface Measured {
  readonly ladder: Ladder;
  readonly breakdown: readonly Step[];
  readonly rates: readonly Rate[];
  readonly parked: Parked;
}

export function resultsOf({ ladder, breakdown, rates, parked }: Measured): Results {
  const figures = ladderFigures(ladder);
  const trades = samplesOf(ladder, 'arbitrage');
  const trade = figures.find(({ rung }) => rung === 'arbitrage');
  return {
    at: new Date().toISOString(),
    commit: sourceCommit(),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`,
    ladder: figures,
    verdict: percentiles(trades.flatMap(({ sample }) => sample.verdictMs ?? [])),
    closed: percentiles(trades.map(({ sample }) => sample.heardMs)),
    kinds: usualKinds(trades),
    ...{ breakdown, rates, parked },
    aims: [
      aimOf('outcomes known, p50 × floor', trade?.timesFloor ?? null, aims.factorMax),
      aimOf('history events of a matched trade', trade?.events ?? null, aims.eventsMax),
      aimOf('KiB of heap per parked trade', parked.heapKib, aims.parkedKibMax),
      aimOf('KiB resident per parked trade', parked.residentKib, aims.parkedKibMax),
    ],
  };
}

function ladderFigures(ladder: Ladder): readonly RungFigures[] {
  const floor = percentiles(samplesOf(ladder).map(knownMs)).p50;
  return rungs.map(({ name, says }) => {
    const climbed = samplesOf(ladder, name);
    const known = percentiles(climbed.map(knownMs));
    return {
      ...{ rung: name, says, ...known },
      timesFloor: known.p50 === null || !floor ? null : known.p50 / floor,
      events: median(climbed.flatMap(({ figures }) => figures?.events ?? [])),
      transitions: median(climbed.flatMap(({ figures }) => figures?.transitions ?? [])),
    };
  });
}

/** The kinds of events of the trade in the middle. */
function usualKinds(trades: readonly Climbed[]): Readonly<Record<string, number>> {
  const byEvents = trades
    .flatMap(({ figures }) => figures ?? [])
    .toSorted((a, b) => a.events - b.events);
  return byEvents[Math.max(0, Math.ceil(byEvents.length / 2) - 1)]?.kinds ?? {};
}

function aimOf(aim: string, measured: number | null, most: number): Aim {
  return { aim, measured, most, isMet: measured !== null && measured <= most };
}
