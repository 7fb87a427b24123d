import { type CpuSeconds, cpuSeconds, difference } from './cpu.js';
import type { House } from './house.js';
import { median } from './median.js';
import { type Rung, rungs } from './rungs.js';
import { transitionsOf } from './workflow-figures.js';

/** What goes through when so many are under way at a time. */
export interface Rate {
  readonly rung: string;
  readonly atATime: number;
  readonly perSecond: number;
  readonly transitionsPerSecond: number;
  readonly p50Ms: number | null;
  /** Runs that ended otherwise, by why; no figure counts them. */
  readonly others: Readonly<Record<string, number>>;
  /** CPU milliseconds for each, by process; what idle processes use is taken off. */
  readonly cpuMs?: Readonly<Record<string, number>>;
}

export interface RatesOptions {
  readonly levels: readonly number[];
  readonly seconds: number;
  /** The processes whose CPU counts, by name. */
  readonly pids: Readonly<Record<string, number>>;
  readonly onLevel: (line: string) => void;
}

const RATED = ['one activity', 'arbitrage'];
/** Of this many the server is asked how many transitions one has taken. */
const DESCRIBED_MAX = 20;
const IDLE_SECONDS = 4;

/** Closed loops: so many callers, each of which begins again as soon as it has its result. */
export async function rates(house: House, options: RatesOptions): Promise<readonly Rate[]> {
  const idle = await idleCpu(options.pids);
  const measured: Rate[] = [];
  for (const atATime of options.levels) {
    for (const rung of rungs.filter(({ name }) => RATED.includes(name))) {
      options.onLevel(`${rung.name}, ${atATime} at a time`);
      measured.push(await rateOf(house, { ...options, rung, atATime, idle }));
    }
  }
  return measured;
}

interface Level extends RatesOptions {
  readonly rung: Rung;
  readonly atATime: number;
  readonly idle: CpuSeconds | undefined;
}

async function rateOf(house: House, level: Level): Promise<Rate> {
  const { rung, atATime, seconds, pids, idle } = level;
  const cpuBefore = cpuSeconds(pids);
  const beganAtMs = performance.now();
  const untilMs = beganAtMs + seconds * 1_000;
  const durations: number[] = [];
  const workflowIds: string[] = [];
  const others: Record<string, number> = {};
  const once = async (turn: number): Promise<void> => {
    try {
      const { heardMs, workflowId } = await rung.once(house, turn); // each caller has a pair
      durations.push(heardMs);
      if (workflowId !== undefined) workflowIds.push(workflowId);
    } catch (error) {
      // Of a swamped machine too: a task that misses its second aborts the call that waits for it.
      const why = firstLine(error);
      others[why] = (others[why] ?? 0) + 1;
    }
  };
  const caller = async (turn: number): Promise<void> => {
    while (performance.now() < untilMs) await once(turn);
  };
  await Promise.all(Array.from({ length: atATime }, (_, turn) => caller(turn)));
  const tookSeconds = (performance.now() - beganAtMs) / 1_000;
  const cpuAfter = cpuSeconds(pids);

  const perSecond = durations.length / tookSeconds;
  const transitions = await Promise.all(
    workflowIds.slice(-DESCRIBED_MAX).map((id) => transitionsOf(house.temporal, id)),
  );
  const mean = transitions.reduce((sum, count) => sum + count, 0) / Math.max(1, transitions.length);
  const busy = cpuAfter && cpuBefore && difference(cpuAfter, cpuBefore);
  return {
    ...{ rung: rung.name, atATime, perSecond, p50Ms: median(durations), others },
    transitionsPerSecond: perSecond * mean,
    ...(busy && idle && { cpuMs: cpuEach(busy, idle, { tookSeconds, count: durations.length }) }),
  };
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

function cpuEach(
  busy: CpuSeconds,
  idle: CpuSeconds,
  { tookSeconds, count }: { readonly tookSeconds: number; readonly count: number },
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(busy).map(([name, used]) => {
      const own = used - (idle[name] ?? 0) * tookSeconds;
      return [name, Math.max(0, (own * 1_000) / Math.max(1, count))];
    }),
  );
}

/** CPU seconds per second of each process while nobody asks for anything. */
async function idleCpu(pids: RatesOptions['pids']): Promise<CpuSeconds | undefined> {
  const before = cpuSeconds(pids);
  await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1_000));
  const after = cpuSeconds(pids);
  if (!before || !after) return undefined;
  const used = difference(after, before);
  return Object.fromEntries(
    Object.entries(used).map(([name, seconds]) => [name, seconds / IDLE_SECONDS]),
  );
}
