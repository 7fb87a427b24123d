import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { freeze } from '../../cli/commands/freeze.js';
import { type Desk, openDesk } from '../../cli/desk.js';
import { exitCodes } from '../../cli/exit-codes.js';
import {
  acknowledgements,
  type Database,
  insertFreeze,
  liftFreeze,
  readControl,
} from '../../store/index.js';
import { openHouse } from '../house.js';
import { freezeNames, freezePart } from './aims.js';
import { startEngine } from './engine-process.js';
import type { Row } from './report.js';

/** One pair: nobody trades it. */
const PAIRS = 1;
/** Between two: a freeze of a desk that is idle. */
const IDLE_MS = 25;
/** Without a rest, whoever looks would take a processor from those who acknowledge. */
const LOOK_EVERY_MS = 1;
const WARM_UP = 10;
const WAIT_MS_MAX = 5_000;

/**
 * Until every process that could fire has acknowledged a freeze; here the trading worker and the engine.
 * `legwork freeze` takes turns with the same by hand, which shows the steps: its commit, and from there
 * who has acknowledged when.
 */
export async function freezeRows(count: number, say: (line: string) => void): Promise<Row[]> {
  const house = await openHouse(PAIRS, say);
  try {
    await house.startTrading();
    const engine = await startEngine(house.config, say);
    const desk = await openDesk({ dataFolder: house.config.folders.data });
    try {
      const took = await timed(desk, count);
      return [...took].map(([what, all]) => rowFrom(what, all));
    } finally {
      await desk.close();
      await engine.stop();
    }
  } finally {
    await house.close();
  }
}

/** Nanoseconds of each freeze: of the command, and by hand by component and for all of them. */
async function timed(desk: Desk, count: number): Promise<ReadonlyMap<string, readonly number[]>> {
  const tookNs = new Map<string, number[]>();
  for (let round = -WARM_UP; round < count; round += 1) {
    const all = [...(await commandOnce(desk)), ...(await freezeOnce(desk.db, round))];
    const counted = round < 0 ? [] : all;
    for (const [who, ns] of counted) tookNs.set(who, [...(tookNs.get(who) ?? []), ns]);
  }
  return tookNs;
}

/** The function that the command line calls, once it has parsed its line and has its connections. */
async function commandOnce(desk: Desk): Promise<ReadonlyMap<string, number>> {
  const why = 'its acknowledgement is timed';
  const beganAt = process.hrtime.bigint();
  const answer = await freeze(desk, { scope: 'global', cause: 'manual', why, action: 'leave' });
  const tookNs = nanosecondsSince(beganAt);
  if (answer.exitCode !== exitCodes.done) throw new Error(answer.text);
  for (const { freezeId } of (await readControl(desk.db)).freezes) await thaw(desk.db, freezeId);
  await delay(IDLE_MS);
  return new Map([[freezeNames.command, tookNs]]);
}

async function thaw(db: Kysely<Database>, freezeId: string): Promise<void> {
  const lifted = { freezeId, by: 'bench', why: 'it was timed', atMs: Date.now() };
  const thawed = await liftFreeze(db, lifted);
  if (thawed !== undefined) await acknowledged(db, thawed);
}

/** Nanoseconds, by component and for all of them; it is thawed again when this returns. */
async function freezeOnce(
  db: Kysely<Database>,
  round: number,
): Promise<ReadonlyMap<string, number>> {
  const freezeId = `bench-${round}`;
  const beganAt = process.hrtime.bigint();
  const epoch = await insertFreeze(db, {
    ...{ freezeId, scope: { kind: 'global' }, cause: 'manual', action: 'leave' },
    ...{ why: 'its acknowledgement is timed', by: 'bench', atMs: Date.now() },
  });
  const commitNs = nanosecondsSince(beganAt);
  const took = await acknowledged(db, epoch);
  await thaw(db, freezeId);
  await delay(IDLE_MS);
  const lookedAt = process.hrtime.bigint();
  await acknowledgements(db);
  const lookNs = nanosecondsSince(lookedAt);
  return new Map([...took, [freezeNames.commit, commitNs], [freezeNames.look, lookNs]]);
}

async function acknowledged(
  db: Kysely<Database>,
  epoch: number,
): Promise<ReadonlyMap<string, number>> {
  const beganAt = process.hrtime.bigint();
  const took = new Map<string, number>();
  for (;;) {
    const all = await acknowledgements(db);
    const nowNs = nanosecondsSince(beganAt);
    for (const { component, epochAcknowledged } of all) {
      if (epochAcknowledged >= epoch && !took.has(component)) took.set(component, nowNs);
    }
    if (all.every(({ epochAcknowledged }) => epochAcknowledged >= epoch)) {
      return took.set(freezeNames.all, nowNs);
    }
    if (nowNs > WAIT_MS_MAX * 1e6) throw new Error(`epoch ${epoch} is not acknowledged by all`);
    await delay(LOOK_EVERY_MS);
  }
}

const nanosecondsSince = (at: bigint): number => Number(process.hrtime.bigint() - at);

function rowFrom(what: string, all: readonly number[]): Row {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length, Math.ceil(share * sorted.length)) - 1] ?? 0;
  return {
    ...{ part: freezePart, what, count: all.length },
    ...{ p50: at(0.5), p95: at(0.95), p99: at(0.99), 'p99.9': at(0.999) },
  };
}
