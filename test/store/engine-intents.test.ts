import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openBreaks } from '../../store/index.js';
import {
  intentOfShot,
  type Json,
  openEngineDesk,
  project,
  recordOf,
  type Start,
  startEngine,
} from './engine-desk.js';

// What a shot from a lease was fired for is kept beside it, or nobody could adopt it.
const desk = openEngineDesk();

const lent = (start: Start, sequence = 1): Json => recordOf(start, { sequence, leaseEpoch: 1 });

async function told(start: Start, record: Json): Promise<Json> {
  const [answer = {}] = await desk.ask('engine_project', start.process, start.epoch, [record]);
  return answer;
}

async function kept({ epoch }: Start): Promise<unknown> {
  const [row] = await desk.rows('select intent from engine_shots where epoch = $1', [epoch]);
  return row?.intent;
}

test('the intent of a shot from a lease is kept, and told again it is the same', async () => {
  const start = await startEngine(desk);
  await project(desk, start, [lent(start)]);
  await project(desk, start, [lent(start)]);
  expect(await kept(start)).toEqual(lent(start).intent);
  expect(lent(start).intent).toMatchObject({ door: 'armed', host: start.host });
});

test('told with another intent it is a break, and the first word stays', async () => {
  const start = await startEngine(desk);
  const first = lent(start);
  await project(desk, start, [first]);
  const other = { ...first, intent: { ...(first.intent as Json), strategy: 'another' } };
  expect(await told(start, other)).toMatchObject({ is_safe: false, refusal: 'SHOT_DIFFERS' });
  expect(await kept(start)).toEqual(first.intent);
  const differing = (await openBreaks(desk.db)).filter(({ kind }) => kind === 'shot_differs');
  expect(differing).toMatchObject([{ key: `${start.host}/${start.epoch}/0/1` }]);
});

test('nobody rewrites what a shot was fired for', async () => {
  const start = await startEngine(desk);
  await project(desk, start, [lent(start)]);
  const rewriting = desk.rows(`update engine_shots set intent = '{}' where epoch = ${start.epoch}`);
  await expect(rewriting).rejects.toThrow(/stays/);
});

const invalid: readonly (readonly [string, (start: Start) => Json, RegExp])[] = [
  [
    'from a lease without an intent',
    (start) => ({ ...lent(start), intent: undefined }),
    /tells the intent/,
  ],
  [
    'from a lease whose intent is null',
    (start) => ({ ...lent(start), intent: null }),
    /tells the intent/,
  ],
  [
    'of a trade that reserved, with an intent',
    (start) => ({ ...lent(start), leaseEpoch: null }),
    /tells the intent/,
  ],
  ...(['intentId', 'pairId', 'account'] as const).map(
    (name) =>
      [
        `with the ${name} of another intent`,
        (start: Start) => ({
          ...lent(start),
          intent: { ...(lent(start).intent as Json), [name]: 'other' },
        }),
        /another shot's/,
      ] as const,
  ),
];

test.each(invalid)('a shot %s is no record', async (_, recordFor, why) => {
  const start = await startEngine(desk);
  expect(await told(start, recordFor(start))).toMatchObject({
    ...{ is_safe: false, refusal: 'RECORD_INVALID' },
    why: expect.stringMatching(why) as unknown,
  });
  expect(await kept(start)).toBeUndefined();
});

test('a shot of a trade that reserved has none', async () => {
  const start = await startEngine(desk);
  await project(desk, start, [recordOf(start, { sequence: 1, intentId: intentOfShot(1, 99) })]);
  expect(await kept(start)).toBeNull();
});

/** What came so many milliseconds ago, and not longer; a later one may be from the future. */
async function cameWithin(fromMs: number, untilMs = -60_000): Promise<unknown[]> {
  const rows = await desk.ask('engine_intents', fromMs, untilMs);
  return rows.map(({ engine_intents: intentId }) => intentId);
}

test('what any door has is told by its age, refused or not, and a shot of a trade by its trade', async () => {
  const start = await startEngine(desk);
  const [fired, refused, trades] = [1, 2, 3].map((of) => intentOfShot(start.epoch, of));
  await project(desk, start, [
    lent(start),
    recordOf(start, { sequence: 2, leaseEpoch: 1, refused: 'FROZEN' }),
    recordOf(start, { sequence: 3 }),
  ]);
  const young = await cameWithin(60_000);
  expect(young).toEqual(expect.arrayContaining([fired, refused]));
  expect(young).not.toContain(trades);
  await delay(50);
  expect(await cameWithin(25)).not.toContain(fired);
  expect(await cameWithin(60_000, 25)).toContain(fired);
  expect(await cameWithin(120_000, 60_000)).not.toContain(fired);
});
