import type { Child } from './child.js';
import { residentBytes } from './cpu.js';
import { CONFIRM_MS, type House } from './house.js';
import { startTrade } from './trade-once.js';

/** A trade whose fills are provisional waits for the chain: this is what the worker keeps of it. */
export interface Parked {
  readonly count: number;
  /** That came to nothing before they could be parked: a swamped machine was too late for them. */
  readonly cutCount: number;
  /** Slopes over the number of parked trades: what one more of them takes. */
  readonly heapKib: number | null;
  readonly residentKib: number | null;
  readonly points: readonly ParkedPoint[];
}

export interface ParkedPoint {
  readonly parked: number;
  readonly heapBytes: number;
  readonly residentBytes: number | null;
}

const NEVER_MS = 3_600_000;
/** So many at once: a slope needs several points, and a pool of workers its warm-up. */
const BATCHES = 5;
const AT_A_TIME = 8;
const CONFIRMED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;
const CAME_TO_NOTHING: readonly string[] = ['denied', 'missed'];

/**
 * Parks trades in batches and measures after each, with all garbage collected: the chain is silent
 * until all are parked, then it speaks, and every trade must end matched.
 */
export async function parkTrades(
  house: House,
  { trading, count }: { readonly trading: Child; readonly count: number },
): Promise<Parked> {
  const { polymarket } = house.simulators;
  await polymarket.ask({ kind: 'confirmAfter', ms: NEVER_MS }, 'done');
  const results: Promise<{ readonly kind: string }>[] = [];
  const points: ParkedPoint[] = [await measured(trading, 0)];
  const pairIds = house.pairIds.slice(0, count);
  const size = Math.ceil(pairIds.length / BATCHES);
  for (let from = 0; from < pairIds.length; from += size) {
    results.push(...(await parkAll(house, pairIds.slice(from, from + size))));
    points.push(await measured(trading, results.length));
  }
  await polymarket.ask({ kind: 'confirmAfter', ms: CONFIRM_MS }, 'done');
  const ends = await Promise.all(results);
  const others = ends.filter(({ kind }) => kind !== 'matched');
  if (others.length > 0) throw new Error(`${others.length} parked trades did not end matched`);

  // What a process gives back while the first of them come in is not theirs.
  const warm = points.slice(1);
  const resident = warm.flatMap((point) => point.residentBytes ?? []);
  const parked = warm.map((point) => point.parked);
  const heap = warm.map((point) => point.heapBytes);
  return {
    count: results.length,
    cutCount: pairIds.length - results.length,
    heapKib: kibOfOne(parked, heap),
    residentKib: resident.length === parked.length ? kibOfOne(parked, resident) : null,
    points,
  };
}

async function parkAll(house: House, pairIds: readonly string[]) {
  const waiting = [...pairIds];
  const started: Started[] = [];
  const caller = async (): Promise<void> => {
    for (let pairId = waiting.shift(); pairId !== undefined; pairId = waiting.shift()) {
      const { workflowId, result } = await startedTrade(house, pairId);
      started.push({ workflowId, result: result() });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, caller));
  const parked = await Promise.all(started.map((trade) => waitsForTheChain(house, trade)));
  return started.flatMap(({ result }, index) => (parked[index] ? [result] : []));
}

interface Started {
  readonly workflowId: string;
  readonly result: Promise<{ readonly kind: string }>;
}

const STARTS_MAX = 20;

/** A call that a swamped machine has cut is made again, as another trade on the pair. */
async function startedTrade(house: House, pairId: string, tries = 1) {
  try {
    return await startTrade(house, pairId);
  } catch (error) {
    if (tries === STARTS_MAX) throw error;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS * tries));
    return startedTrade(house, pairId, tries + 1);
  }
}

/** Until both fills are booked, one of them provisional; `false` where it ended with nothing before. */
async function waitsForTheChain({ db }: House, { workflowId, result }: Started): Promise<boolean> {
  const untilMs = performance.now() + CONFIRMED_WITHIN_MS;
  let end: string | undefined;
  void result.then(
    ({ kind }) => {
      end = kind;
    },
    () => undefined, // told where the ends are awaited
  );
  for (;;) {
    if (end !== undefined && CAME_TO_NOTHING.includes(end)) return false;
    const rows = await db
      .selectFrom('venue_entries')
      .select('venue')
      .where('workflow_id', '=', workflowId)
      .execute();
    if (new Set(rows.map(({ venue }) => venue)).size === 2) return true;
    if (performance.now() > untilMs) throw new Error(`${workflowId} has not both of its fills`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function measured(trading: Child, parked: number): Promise<ParkedPoint> {
  const { heapBytes } = await trading.ask({ kind: 'measureHeap' }, 'memory');
  return { parked, heapBytes, residentBytes: residentBytes(trading.pid) ?? null };
}

/** `null`: the process has given more back than they took, so nothing was measured of them. */
function kibOfOne(parked: readonly number[], bytes: readonly number[]): number | null {
  const kib = slope(parked, bytes) / 1_024;
  return kib > 0 ? kib : null;
}

/** Of the least squares' line. */
function slope(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x0, y0] = [mean(xs), mean(ys)];
  const across = xs.reduce((sum, x, index) => sum + (x - x0) * ((ys[index] ?? y0) - y0), 0);
  const along = xs.reduce((sum, x) => sum + (x - x0) ** 2, 0);
  return across / along;
}
