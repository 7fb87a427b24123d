import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Point, points } from '../../activities/points.js';
import { Sweeping } from '../custody/sweeping.js';
import { type CrashDesk, openCrashDesk } from '../support/crash-desk.js';
import { inTime } from '../support/desk-ends.js';
import { tellFigures } from '../support/figures.js';
import {
  type KeeperStory,
  type Kept,
  keeperEnds,
  keeperStories,
} from '../support/keeper-stories.js';
import { visitsOf } from '../support/kill-points.js';
import type { KeeperPoint } from './crashes.js';

/** Every point of what is kept beside the trades, and what is kept when a worker dies there. */
const crashes: Readonly<Record<KeeperPoint, KeeperStory>> = {
  'group: wanted, not made at the venue': 'a pair has no group yet',
  'group: made at the venue, not written': 'a pair has no group yet',
  'group: limited at the venue, not written': 'the limits are changed',
  'group: gone at the venue, not forgotten': 'a group is deleted by hand and its pair stopped',
  'group: closed in our books, not at the venue': 'a pair is stopped',
  'group: triggered at the venue, not confirmed': 'a pair is stopped',
  'group: reset at the venue, not written': 'a pair trades again',
  'held pair: broken, nothing written': 'a held match is decided differently by its venues',
  'held pair: break open and pair frozen, not marked as told':
    'a held match is decided differently by its venues',
};
const stories = Object.keys(keeperStories) as KeeperStory[]; // its own keys
const cases = Object.entries(crashes) as (readonly [KeeperPoint, KeeperStory])[]; // as above
const wholePair = (story: KeeperStory): string => `whole${stories.indexOf(story)}`;
const killedPair = (point: KeeperPoint): string => `kept${Object.keys(crashes).indexOf(point)}`;

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
  const one = keeperStories[story](desk, wholePair(story));
  await one.happens();
  await isKept(one, story);
});

test.for(cases)('a worker dies: %s', { timeout: 180_000 }, async ([point, story], context) => {
  await desk.bothRun();
  const one = keeperStories[story](desk, killedPair(point));
  desk.kills.arm(point, one.about);
  await one.happens();
  const killedAtMs = await desk.died(point);
  await isKept(one, story);
  tellFigures(context, 'crashes of what is kept beside the trades', {
    ...{ point, ...visitsOf(desk.kills, point), story },
    'as it should be after ms': Date.now() - killedAtMs,
  });
});

test('no point of a keeper was left out', () => {
  const isKeepers = (point: Point) => /^(?:group|held pair):/.test(point);
  expect(cases.map(([point]) => point).toSorted()).toEqual(points.filter(isKeepers).toSorted());
});

/**
 * As the story ends where nobody dies. A group that nobody names is looked for every minute and goes
 * when it was seen twice: these two looks are ours, all else is done by the desk's own processes.
 */
const isKept = (one: Kept, story: KeeperStory) =>
  inTime(async () => {
    if (story === 'a pair has no group yet') await sweeping.tell();
    expect(await one.end()).toEqual(keeperEnds[story]);
  });
