import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Point, points } from '../../activities/points.js';
import { type CrashDesk, openCrashDesk } from '../support/crash-desk.js';
import { endsAs } from '../support/crash-ends.js';
import { recoveryFigures, recoveryOf } from '../support/crash-recovery.js';
import { ownEnds, playOut } from '../support/crash-scenarios.js';
import { tellFigures } from '../support/figures.js';
import { visitsOf } from '../support/kill-points.js';

/** Its legs are out, one is in doubt and will fill: a trade that has everything still to do. */
const OPEN_TRADE = 'YES is taken, not answered and filled late';
/** So late that it is open when the supervisor dies, however long that takes. */
const LATE_FILL_MS = 8_000;

/** What makes the supervisor pass its point. */
const ways: Readonly<Record<Extract<Point, `supervisor:${string}`>, () => Promise<void>>> = {
  'supervisor: child ended, not started again': killTrading,
  'supervisor: child started, not ready': killTrading,
  'supervisor: draining, its children still there': () => desk.drain(),
};
const cases = Object.entries(ways) as (readonly [keyof typeof ways, () => Promise<void>])[]; // its own keys

let desk: CrashDesk;
beforeAll(async () => {
  const pairs = Object.fromEntries(cases.map((_, index) => [`supervised${index}`, {}]));
  desk = await openCrashDesk(pairs, { isSupervised: true, lateFillMs: LATE_FILL_MS });
});
afterAll(async () => desk.close());

test.for(cases)(
  'the supervisor dies while a trade is open: %s',
  { timeout: 180_000 },
  async (one, context) => {
    const [point, way] = one;
    await desk.bothRun();
    let killedAtMs = 0;
    const meanwhile = async (): Promise<void> => {
      desk.kills.arm(point);
      await way();
      killedAtMs = await desk.died(point);
    };
    const pairId = `supervised${cases.indexOf(one)}`;
    const played = await playOut(desk, { name: OPEN_TRADE, pairId, meanwhile });

    const end = await endsAs(desk, played, ownEnds(OPEN_TRADE));
    const recovery = await recoveryOf(desk.temporal, played.tried, killedAtMs);
    // It was open, or nothing would have been left to decide.
    if (recovery.decidedMs === undefined) throw new Error('the trade had ended before the kill');
    tellFigures(context, 'crashes of the supervisor', {
      ...{ point, ...visitsOf(desk.kills, point), end },
      ...recoveryFigures(recovery),
    });
  },
);

test('no point of a supervisor was left out', () => {
  const ofSupervisor = points.filter((point) => point.startsWith('supervisor:'));
  expect(Object.keys(ways).toSorted()).toEqual(ofSupervisor.toSorted());
});

/** One of its children, as the record of the processes knows them. */
async function killTrading(): Promise<void> {
  const file = join(desk.config.folders.data, 'processes.json');
  const running = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; name: string }[]; // ours
  const child = running.find(({ name }) => name === 'trading');
  if (!child) throw new Error('no trading worker runs');
  process.kill(child.pid, 'SIGKILL');
}
