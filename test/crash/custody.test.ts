import { afterAll, beforeAll, expect, test } from 'vitest';
import { points } from '../../activities/points.js';
import { Sweeping } from '../custody/sweeping.js';
import { type CrashDesk, openCrashDesk } from '../support/crash-desk.js';
import {
  haveRecovered,
  type Recovery,
  recoveryFigures,
  recoveryOf,
} from '../support/crash-recovery.js';
import {
  aboutOf,
  type CustodyStory,
  custodyEndsAs,
  custodyStories,
  isOfBooking,
  isOfSweep,
  swept,
} from '../support/custody-stories.js';
import { inTime } from '../support/desk-ends.js';
import { tellFigures } from '../support/figures.js';
import { sentPoints } from '../support/fire-points.js';
import { visitsOf } from '../support/kill-points.js';
import { type AdoptedPoint, type CustodyPoint, isCustodys } from './crashes.js';
import { type CustodyCrash, custodyCrashes, custodyOwnEnds } from './custody-crashes.js';

const stories = Object.keys(custodyStories) as CustodyStory[]; // its own keys
const cases = Object.entries(custodyCrashes) as (readonly [
  CustodyPoint | AdoptedPoint,
  CustodyCrash,
])[]; // as above
const wholePair = (story: CustodyStory): string => `kept${stories.indexOf(story)}`;
const killedPair = (point: CustodyPoint | AdoptedPoint): string =>
  `orphan${Object.keys(custodyCrashes).indexOf(point)}`;

const recoveries: Recovery[] = [];
let desk: CrashDesk;
let sweeping: Sweeping;
beforeAll(async () => {
  const pairs = [...stories.map(wholePair), ...cases.map(([point]) => killedPair(point))];
  desk = await openCrashDesk(Object.fromEntries(pairs.map((pairId) => [pairId, {}])));
  sweeping = new Sweeping(desk);
});
afterAll(async () => {
  await sweeping.close();
  await desk.close();
});

test.for(stories)('nobody dies: %s', { timeout: 180_000 }, async (story) => {
  const one = custodyStories[story](desk, wholePair(story));
  await one.happens();
  await swept(desk, sweeping, one);
  await custodyEndsAs(desk, one, custodyOwnEnds[story]);
});

test.for(cases)('a worker dies: %s', { timeout: 180_000 }, async ([point, crash], context) => {
  await desk.bothRun();
  const one = custodyStories[crash.in](desk, killedPair(point));
  desk.kills.arm(point, aboutOf(point, one));
  await one.happens();
  // Who sweeps is the booker; its successor sweeps at once, before any entry is admitted.
  if (isOfSweep(point)) await desk.killAll();
  else if (!isOfBooking(point)) await swept(desk, sweeping, one);
  const killedAtMs = await desk.died(point);
  if (isOfBooking(point)) await swept(desk, sweeping, one); // nobody else tells custody any more

  const end = await custodyEndsAs(desk, one, crash.endsAs);
  const custodyId = await one.custodyId();
  // What the dead worker was asked is still to be decided about, though the books are at their end.
  const recovery = await inTime(async () => {
    const found = await recoveryOf(desk.temporal, [custodyId], killedAtMs);
    if (found.decidedMs === undefined) throw new Error(`${custodyId} decides nothing`);
    return found;
  });
  recoveries.push(recovery);
  tellFigures(context, 'crashes of custody', {
    ...{ point, ...visitsOf(desk.kills, point) },
    ...{ end, ...recoveryFigures(recovery) },
  });
});

test('every point was hit, and custody goes on within seconds', (context) => {
  expect(recoveries).toHaveLength(cases.length);
  const named = cases.map(([point]) => point).filter(isCustodys);
  expect(named.toSorted()).toEqual([...points, ...sentPoints].filter(isCustodys).toSorted());
  haveRecovered(context, 'custody', recoveries);
});
