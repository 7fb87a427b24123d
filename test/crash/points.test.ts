import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { points } from '../../activities/points.js';
import { type CrashDesk, openCrashDesk } from '../support/crash-desk.js';
import { endsAs } from '../support/crash-ends.js';
import {
  haveRecovered,
  type Recovery,
  recoveryFigures,
  recoveryOf,
} from '../support/crash-recovery.js';
import {
  makeDear,
  ownEnds,
  playOut,
  type Scenario,
  type ScenarioName,
  scenarioNames,
  scenarios,
} from '../support/crash-scenarios.js';
import { tellFigures } from '../support/figures.js';
import { type AnyPoint, firePoints, sentPoints } from '../support/fire-points.js';
import { visitsOf } from '../support/kill-points.js';
import { type Crash, crashes, isCustodys } from './crashes.js';

type Killed = keyof typeof crashes;

const cases = Object.entries(crashes) as (readonly [Killed, Crash])[]; // its own keys
const wholePair = (name: ScenarioName): string => `whole${scenarioNames.indexOf(name)}`;
const killedPair = (point: Killed): string => `killed${Object.keys(crashes).indexOf(point)}`;
const recoveries: Recovery[] = [];
const hits: Killed[] = [];
/** Whose trade came to nothing first: a busy machine was too late, and there was nothing to lose. */
const triedAgain: Killed[] = [];
let desk: CrashDesk;

beforeAll(async () => {
  const pairs = [...scenarioNames.map(wholePair), ...cases.map(([point]) => killedPair(point))];
  desk = await openCrashDesk(Object.fromEntries(pairs.map((pairId) => [pairId, {}])));
});
afterAll(async () => desk.close());

/** A word that has to be said before the fill waits for all that is played beside it. */
const LATE_FILL_MS = 15_000;

// They share nothing but their desk, so all are played at once.
test.concurrent.for(scenarioNames)('nobody dies: %s', { timeout: 180_000 }, async (name) => {
  const ids = { name, pairId: wholePair(name) };
  const played = await playOut(desk, { ...ids, lateFillMs: LATE_FILL_MS });
  await endsAs(desk, played, ownEnds(name));
});

test.for(cases)('a worker dies: %s', { timeout: 180_000 }, async ([point, crash], context) => {
  await desk.bothRun();
  const { kills } = desk;
  forget(point, crash);
  const pairId = killedPair(point);
  const played = await playOut(desk, {
    ...{ name: crash.in, pairId },
    ...(crash.validMs && { validMs: crash.validMs }),
    ...(crash.lateFillMs && { lateFillMs: crash.lateFillMs }),
    mayMiss: crash.endsAs?.includes('neither leg arrived') ?? false,
    before: (workflowId, failed) => {
      if (failed !== undefined && CAME_TO_NOTHING.includes(failed)) forget(point, crash);
      arm(point, crash, workflowId);
    },
    ...(isFilledAtTheEnd(crash) && {
      isBeside: async () => !(await hasDiedSoon(point)),
    }),
    mayShootAgain: () =>
      !crash.endsAs?.includes('nothing was sent') || kills.killedAtMs(point) === undefined,
    ...(crash.isDearAfterwards && {
      whenSent: async () => {
        await desk.died(point);
        makeDear(desk, pairId);
      },
    }),
  });
  const killedAtMs = await desk.died(point);
  hits.push(point);

  const end = await endsAs(desk, played, crash.endsAs ?? ownEnds(crash.in));
  const recovery = await recoveryOf(desk.temporal, played.tried, killedAtMs);
  // Where both had to die nobody was there to go on before one was started again.
  if (!crash.after) recoveries.push(recovery);
  tellFigures(context, 'crashes', {
    ...{ point, ...visitsOf(kills, point) },
    ...{ end, 'came to nothing before': played.failed.join(', ') || '-' },
    ...recoveryFigures(recovery),
  });
  if (played.failed.length > 0) triedAgain.push(point);
});

test('every point was hit, and a trade goes on within seconds', (context) => {
  expect(Object.keys(crashes).toSorted()).toEqual(
    [...[...points, ...sentPoints].filter(isTrades), ...firePoints].toSorted(),
  );
  expect(hits).toEqual(Object.keys(crashes));
  expect(triedAgain.length, triedAgain.join(', ')).toBeLessThan(hits.length / 4);
  haveRecovered(context, 'trade', recoveries);
});

const isFilledAtTheEnd = ({ in: name }: Crash): boolean => {
  const scenario: Scenario = scenarios[name];
  return scenario.isFilledAtTheEnd === true;
};

/** A fill that comes around the end comes before it on a busy machine, and then nobody has to look. */
async function hasDiedSoon(point: Killed): Promise<boolean> {
  for (const untilMs = Date.now() + DEAD_BY_MS; Date.now() < untilMs; ) {
    if (desk.kills.killedAtMs(point) !== undefined) return true;
    await delay(LOOK_AGAIN_MS);
  }
  return false;
}

/** What the booker does of a trade may come after its end. */
const DEAD_BY_MS = 5_000;
const LOOK_AGAIN_MS = 50;

/** The others have tables and suites of their own. */
const isTrades = (point: AnyPoint): boolean =>
  !isCustodys(point) && !/^(?:group|held pair|supervisor):/.test(point);

/** A busy machine may be too late for a shot whose worker was killed before: then it dies again. */
const CAME_TO_NOTHING = ['NOT_DISPATCHED', 'missed'];

function forget(point: Killed, { after }: Crash): void {
  for (const one of [point, ...(after ? [after] : [])]) desk.kills.forget(one);
}

/** Before every try; who has died there already does not die again. */
function arm(point: Killed, crash: Crash, workflowId: string): void {
  for (const one of [...(crash.after ? [crash.after] : []), point]) {
    if (desk.kills.killedAtMs(one) === undefined) desk.kills.arm(one, subjectOf(one));
  }

  function subjectOf(one: Killed): string | undefined {
    if (one.startsWith('control:')) return undefined; // whoever hears of the freeze first
    if (!one.startsWith('booking:')) return workflowId;
    return desk.pairs.pair(killedPair(point))[crash.booker ?? 'kalshi'].market;
  }
}
