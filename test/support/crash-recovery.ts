import type { Client } from '@temporalio/client';
import { expect, type TestContext } from 'vitest';
import { percentiles } from '../../workers/session/percentiles.js';
import { tellFigures } from './figures.js';
import { type HistoryEvent, runsOf } from './run-histories.js';

/** How a trade came back after a kill, in milliseconds since; by the server's clock. */
export interface Recovery {
  /** The server gave up the dead worker's activity or task. Absent: it worked on neither. */
  readonly noticedMs?: number;
  /** It gave up waiting for the dead worker to take a task. Absent: another's turn it was. */
  readonly handedOverMs?: number;
  /** The end of the first workflow task after it. Absent: there was nothing left to decide. */
  readonly decidedMs?: number;
}

/** When a trade next decided anything after a kill, and where the time until then went. */
export async function recoveryOf(
  temporal: Client,
  workflowIds: readonly string[],
  killedAtMs: number,
): Promise<Recovery> {
  const told = await Promise.all(workflowIds.map((id) => eventsOf(temporal, id)));
  const later = told.flat().filter(({ atMs }) => atMs > killedAtMs);
  const first = (what: Happened, untilMs = Number.POSITIVE_INFINITY) =>
    later.find((event) => event.what === what && event.atMs <= untilMs)?.atMs;
  const decidedAtMs = first('decided');
  const since = (atMs: number | undefined) => atMs && Math.round(atMs - killedAtMs);
  const [noticedMs, handedOverMs, decidedMs] = [
    since(first('noticed', decidedAtMs)),
    since(first('handed over', decidedAtMs)),
    since(decidedAtMs),
  ];
  return {
    ...(noticedMs !== undefined && { noticedMs }),
    ...(handedOverMs !== undefined && { handedOverMs }),
    ...(decidedMs !== undefined && { decidedMs }),
  };
}

/** For a table of figures. */
export const recoveryFigures = ({ noticedMs, handedOverMs, decidedMs }: Recovery) => ({
  'noticed after ms': noticedMs ?? '-',
  'handed over after ms': handedOverMs ?? '-',
  'next decision after ms': decidedMs ?? 'none left',
});

/** Told in a table of their own: where the time went, and whether it is what is aimed at. */
export function haveRecovered(
  context: TestContext,
  who: 'trade' | 'custody',
  recoveries: readonly Recovery[],
): void {
  for (const until of ['noticedMs', 'handedOverMs', 'decidedMs'] as const) {
    const took = recoveries.flatMap(({ [until]: ms }) => ms ?? []);
    const { count, p50, p90, p99 } = percentiles(took);
    const verdict = p99 !== null && p99 <= RECOVERED_MS_AIM ? 'met' : 'missed';
    tellFigures(context, 'time since a kill', {
      ...{ who, until: UNTIL[until], kills: count },
      ...{ 'p50 ms': p50 ?? '-', 'p90 ms': p90 ?? '-', 'p99 ms': p99 ?? '-' },
      'aim: p99 2000 ms': until === 'decidedMs' ? verdict : '-',
    });
    // Most deaths leave a decision to make; a table of none would be met by nothing.
    const share = until === 'decidedMs' ? 3 / 4 : 1 / 4;
    expect(took.length, until).toBeGreaterThanOrEqual(recoveries.length * share);
    expect(Math.max(...took)).toBeLessThan(RECOVERED_MS_MAX);
  }
}

/** Where the time goes: heartbeats are missed, a sticky queue is given up, and it goes on. */
const UNTIL = {
  noticedMs: 'what it worked on is given up (heartbeat 0.5 s, task 1 s)',
  handedOverMs: 'what was kept for it is given to another (sticky, 1 s more)',
  decidedMs: 'it decides again',
} as const satisfies Record<keyof Recovery, string>;

const RECOVERED_MS_AIM = 2_000;
/** A bound for a machine that does much else. */
const RECOVERED_MS_MAX = 30_000;

type Happened = 'noticed' | 'handed over' | 'decided';

interface Told {
  readonly what: Happened;
  readonly atMs: number;
}

async function eventsOf(temporal: Client, workflowId: string): Promise<readonly Told[]> {
  return (await runsOf(temporal, workflowId)).flat().flatMap((event) => {
    const what = happened(event);
    return what === undefined ? [] : [{ what, atMs: millisecondsOf(event.eventTime) }];
  });
}

/** A second attempt of an activity begins when the first was given up. */
function happened(event: HistoryEvent): Happened | undefined {
  if (event.workflowTaskCompletedEventAttributes) return 'decided';
  if (event.activityTaskTimedOutEventAttributes) return 'noticed';
  const { attempt } = event.activityTaskStartedEventAttributes ?? {};
  if (attempt && attempt > 1) return 'noticed';
  const late = event.workflowTaskTimedOutEventAttributes;
  if (!late) return undefined;
  return Number(late.timeoutType) === SCHEDULE_TO_START ? 'handed over' : 'noticed';
}

/** `temporal.api.enums.v1.TimeoutType` */
const SCHEDULE_TO_START = 2;

interface Stamp {
  readonly seconds?: unknown;
  readonly nanos?: number | null;
}

function millisecondsOf(stamp: Stamp | null | undefined): number {
  return Number(stamp?.seconds ?? 0) * 1_000 + (stamp?.nanos ?? 0) / 1_000_000;
}
