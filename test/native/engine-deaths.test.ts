import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { exitCodes } from '../../cli/exit-codes.js';
import { widenLimits } from '../support/crash-desk.js';
import { endsAs, heldAtVenues, leftOf } from '../support/crash-ends.js';
import { LOST_AFTER_MS, makeDear } from '../support/crash-scenarios.js';
import { crashTerms } from '../support/crash-terms.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, inTime } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { DEAR, OPPORTUNITY, OTHER_WAY, OTHER_WAY_DEAR } from '../support/desk-pairs.js';
import {
  type Bereaved,
  bury,
  frozenWithin,
  journalsOf,
  standsStill,
  thawed,
  tradeAgain,
  tradeUntil,
  tradeUntilDead,
} from '../support/engine-deaths.js';
import { tellFigures } from '../support/figures.js';
import {
  engineProgram,
  forgetJournals,
  type NativeEngine,
  startNativeEngine,
} from '../support/native-engine.js';
import { doorCrashes, LENDING_POINT } from './door-crashes.js';
import { type EngineCrash, type EnginePoint, engineCrashes } from './engine-crashes.js';

// The process that fires dies, or stands still, and the venues' own ledgers say what has left.
const HOST = 'engine-deaths';
const POINTS = 'native/desk/src/death.rs';
/** Whoever has not built it beforehand builds it here. */
const BUILD_MS = 600_000;

const cases = Object.entries(engineCrashes) as (readonly [EnginePoint, EngineCrash])[]; // its own keys
const killedPair = (point: EnginePoint): string =>
  `killed${Object.keys(engineCrashes).indexOf(point)}`;

const HELD_BACK = { polymarketMarket: { isTakerDelayed: true } } as const;
/** Whichever leg is Polymarket's goes first, and the other by what it has filled. */
const delayed = [
  { pairId: 'delayed', held: 'yes', change: {}, shown: OPPORTUNITY, dear: DEAR, end: 'YES sold' },
  {
    pairId: 'delayedNo',
    held: 'no',
    change: { type: 'kalshi_yes_poly_no' },
    shown: OTHER_WAY,
    dear: OTHER_WAY_DEAR,
    end: 'NO of Polymarket sold',
  },
] as const;

let desk: TestDesk;
let engine: NativeEngine | undefined;
beforeAll(async () => {
  await engineProgram();
  const pairs = [...cases.map(([point]) => killedPair(point)), 'killed', 'woken'];
  desk = await openTestDesk({
    pairs: {
      ...Object.fromEntries(pairs.map((pairId) => [pairId, {}])),
      ...Object.fromEntries(
        delayed.map(({ pairId, shown }) => [pairId, { ...shown, ...HELD_BACK }]),
      ),
    },
    terms: crashTerms,
    hasEngine: false,
  });
  await widenLimits(desk);
}, BUILD_MS);
afterEach(async () => {
  await engine?.close();
  if (engine) await bury(desk, engine);
  engine = undefined;
});
afterAll(async () => {
  forgetJournals(desk);
  await desk.close();
});

test.for(cases)('the engine dies: %s', { timeout: 180_000 }, async ([point, crash], context) => {
  const pairId = killedPair(point);
  engine = await startNativeEngine(desk, { host: HOST, dieAt: point });
  const dead = await tradeUntilDead(desk, engine, { pairId, ...crash });
  if (crash.isDearAfterwards) makeDear(desk, pairId);
  await engine.startAgain();

  const end = await endsAs(desk, { ...dead, result: await dead.result }, [crash.endsAs]);
  expect(crash.swept).toContain(engine.info.swept);
  expect(journalsOf(desk)).toHaveLength(1);
  if (crash.isDearAfterwards) desk.pairs.showPair(pairId);
  await tradeAgain(desk, engine, { pairId });
  tellFigures(context, 'crashes of the engine', {
    ...{ point, end, swept: engine.info.swept ?? '-' },
    'came to nothing before': dead.failed.join(', ') || '-',
  });
});

test.for(delayed)(
  'the engine dies of $held, which goes alone because its venue holds takers back',
  {
    timeout: 180_000,
  },
  async ({ pairId, change, held, shown, dear, end }) => {
    engine = await startNativeEngine(desk, { host: HOST, dieAt: 'one leg sent, the other not' });
    const dead = await tradeUntilDead(desk, engine, { pairId, validMs: LOST_AFTER_MS, change });
    await inTime(() => expect(heldAtVenues(desk, pairId)).toEqual([`polymarket ${held} 10`]));
    desk.pairs.showPair(pairId, dear);
    await engine.startAgain();

    await endsAs(desk, { ...dead, result: await dead.result }, [end]);
    expect(engine.info.swept).toBe('1');
    desk.pairs.showPair(pairId, shown);
    await tradeAgain(desk, engine, { pairId, change });
  },
);

test('every point of the engine has a story', () => {
  const named = [...readFileSync(POINTS, 'utf8').matchAll(/rename = "(.+)"/g)];
  const told = [...Object.keys(engineCrashes), ...Object.keys(doorCrashes), LENDING_POINT];
  expect([...new Set(told)].toSorted()).toEqual(named.map(([, point]) => point).toSorted());
});

test('who stands still past the gate holds up FROZEN, until it was seen dead', {
  timeout: 180_000,
}, async () => {
  const still = await standStill('killed', 'written down, nothing sent');
  await still.engine.kill();
  await bury(desk, still.engine);
  await becomesFrozen(still);
  await still.engine.startAgain();
  await opensAgain(still);
});

test('who stood still before the gate and goes on fires nothing of before', {
  timeout: 180_000,
}, async () => {
  const still = await standStill('woken', 'recorded, nothing handed over');
  process.kill(still.engine.pid, 'SIGCONT');
  await becomesFrozen(still);
  await still.engine.kill(); // it would stand still at its next shot, too
  await still.engine.startAgain();
  await opensAgain(still);
});

interface Still extends Bereaved {
  readonly engine: NativeEngine;
}

/** The engine stands still in the middle of a shot, and its pair is frozen meanwhile: not yet. */
async function standStill(pairId: string, standAt: EnginePoint): Promise<Still> {
  const standing = await startNativeEngine(desk, { host: HOST, standAt });
  engine = standing;
  const until = () => standsStill(standing);
  const bereaved = await tradeUntil(desk, { pairId, validMs: STILL_VALID_MS, until });
  expect(await frozenWithin(desk, pairId, STILL_MS)).toMatchObject({
    exitCode: exitCodes.notFrozen,
    data: { isFrozen: false, missing: [{ processId: engine.processId }] },
  });
  return { ...bereaved, engine };
}

/** From the moment in which it is said no entry reaches a venue, of whatever was asked before. */
async function becomesFrozen({ pairId, intentId, result }: Still): Promise<void> {
  expect(await frozenWithin(desk, pairId, SOON_MS)).toMatchObject({ exitCode: exitCodes.done });
  expect(atVenues(desk, intentId)).toEqual([]);
  const later = await desk.client.arbitrage(intentOf(`${pairId}.later`, pairId));
  expect(later.verdict).toMatchObject({ kind: 'denied', denial: { code: 'FROZEN' } });
  await result;
  expect(atVenues(desk, intentId)).toEqual([]);
}

/** Nothing is left of the trade that was asked for, and the next one is fired. */
async function opensAgain({ pairId, workflowId, engine: opened }: Still): Promise<void> {
  await thawed(desk);
  await inTime(async () => expect(await leftOf(desk, { workflowId, pairId })).toEqual([]));
  await tradeAgain(desk, opened, { pairId });
}

/** Longer than an engine that runs takes to hear of a freeze. */
const STILL_MS = 1_000;
const SOON_MS = 15_000;
/** When it is woken its orders may still be sent: it is not their own time that stops them. */
const STILL_VALID_MS = 10_000;
