import { beforeEach, describe, expect, test } from 'vitest';
import { answersOf } from '../../activities/answers-of.js';
import { type Pair, type SendOutcome, toWire } from '../../domain/index.js';
import { firedShot, legsHeard } from '../../store/index.js';
import { deskOf } from '../activities/desk-of.js';
import { pair } from '../domain/trade-fixture.js';
import { quickTerms } from '../support/desk-terms.js';
import { NOW_MS } from './desk.js';
import {
  ACCEPTED,
  armedIntent,
  intentOfShot,
  type Json,
  type LegTold,
  openEngineDesk,
  orderOfLeg,
  project,
  recordOf,
  type Start,
  shotOf,
  startEngine,
} from './engine-desk.js';

// What an engine has told of a shot, as whoever goes on with it reads it.
const desk = openEngineDesk();
let start: Start;
beforeEach(async () => {
  start = await startEngine(desk);
});

const told = async (yes: LegTold, no: LegTold): Promise<void> =>
  project(desk, start, [recordOf(start, { sequence: 1, leaseEpoch: 1, yes, no })]);

const answered = (answer: Json): LegTold => ({ written: 'whole', answer: { ...answer, atNs: 3 } });
const silent: LegTold = { written: 'whole' };
const filled = { ...ACCEPTED, state: 'filled', cumulativeQuantity: '100' };

async function outcomes(): Promise<readonly (SendOutcome | undefined)[]> {
  return (await legsHeard(desk.db, shotOf(start, 1))).map(({ outcome }) => outcome);
}

test('a shot is read with what it was fired for and its orders, YES first', async () => {
  await told(silent, silent);
  const intentId = intentOfShot(start.epoch, 1);
  expect(await firedShot(desk.db, shotOf(start, 1))).toEqual({
    ...{ workflowId: `arbitrage/${intentId}`, pairId: 'rain', account: 'main', isAdopted: false },
    intent: toWire(armedIntent(intentId, { host: start.host, pairId: 'rain' })),
    orders: [orderOfLeg(intentId, 'yes'), orderOfLeg(intentId, 'no')],
    toldMsAgo: expect.any(Number) as number,
  });
  expect(await firedShot(desk.db, shotOf(start, 2))).toBeUndefined();
});

const rows: readonly (readonly [string, LegTold, object | undefined])[] = [
  ['nothing was written', { written: 'nothing' }, { kind: 'notSent', code: 'NO_WIRE' }],
  [
    'the venue has refused it',
    answered({ class: 'no', status: 400, refusal: 'funds', code: 'insufficient_balance' }),
    { kind: 'refused', refusal: 'funds', code: 'insufficient_balance' },
  ],
  [
    'the venue has it',
    answered(filled),
    { kind: 'accepted', state: 'filled', cumulativeQuantity: 100_000_000_000n },
  ],
  [
    'the answer is cut, so that it has no name',
    answered({ class: 'yes', status: 201, state: 'filled', cumulativeQuantity: '100' }),
    { kind: 'unknown', code: 'ANSWER_INCOMPLETE' },
  ],
  [
    'the refusal has no class',
    answered({ class: 'no', status: 400 }),
    { kind: 'unknown', code: 'ANSWER_INCOMPLETE' },
  ],
  [
    'the answer proves nothing',
    answered({ class: 'unknown', status: 500, code: 'HTTP_500' }),
    { kind: 'unknown', code: 'HTTP_500' },
  ],
  ['its silence was told', answered({ class: 'unknown' }), { kind: 'unknown', code: 'NO_ANSWER' }],
  ['its answer was not told yet', silent, undefined],
  ['nobody says whether it was written', {}, undefined],
];

test.each(rows)('of a leg of which %s', async (_, yes, outcome) => {
  await told(yes, answered(filled));
  const [first, second] = await outcomes();
  if (outcome) expect(first).toMatchObject(outcome);
  else expect(first).toBeUndefined();
  expect(second).toMatchObject({ kind: 'accepted' });
});

describe('whoever hears what became of a shot', () => {
  const asking = async (nowMs: () => number, of: Pair = pair) => {
    const { db } = desk;
    const request = { workflowId: 'arbitrage/x', shot: shotOf(start, 1), terms: quickTerms };
    const legs = await answersOf(deskOf({ db, nowMs }), { ...request, pair: of, story: [] });
    return legs.map(({ outcome }) => ('code' in outcome ? outcome.code : outcome.kind));
  };

  test('waits until both answers are told', async () => {
    await told(answered(filled), silent);
    const heard = asking(() => NOW_MS);
    await told(answered(filled), answered(filled));
    expect(await heard).toEqual(['accepted', 'accepted']);
  });

  test('waits no longer than a trade does, and takes silence for silence', async () => {
    await told(answered(filled), silent);
    let nowMs = NOW_MS;
    const clock = () => {
      nowMs += quickTerms.answerTimeoutMs / 2;
      return nowMs;
    };
    expect(await asking(clock)).toEqual(['accepted', 'NO_ANSWER']);
  });

  test('is told of a leg that was held back that it was', async () => {
    await told(answered(filled), { written: 'nothing' });
    const delayed = { ...pair, polymarket: { ...pair.polymarket, isTakerDelayed: true } };
    expect(await asking(() => NOW_MS, delayed)).toEqual(['accepted', 'HELD_BACK']);
    expect(await asking(() => NOW_MS)).toEqual(['accepted', 'NO_WIRE']);
  });
});
