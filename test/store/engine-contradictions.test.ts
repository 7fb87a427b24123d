import { expect, test } from 'vitest';
import { findOrders, forbidOrder, openBreaks, resolveBreak } from '../../store/index.js';
import { NOW_MS } from './desk.js';
import {
  intentOfShot,
  openEngineDesk,
  orderOfLeg,
  project,
  recordOf,
  shotOf,
  startEngine,
} from './engine-desk.js';
import { LEGS } from './engine-trade.js';

const desk = openEngineDesk();

test('a record that cannot be read is refused alone', async () => {
  const start = await startEngine(desk);
  const bad = { ...recordOf(start, { sequence: 2 }), worst: '0.1234567891' };
  const records = [recordOf(start, { sequence: 1 }), bad, recordOf(start, { sequence: 3 })];
  const answers = await desk.ask('engine_project', start.process, start.epoch, records);
  expect(answers).toMatchObject(
    [
      { sequence: 1, is_safe: true },
      { sequence: 2, is_safe: false, refusal: 'RECORD_INVALID', why: /amount_fits/ },
      { sequence: 3, is_safe: true },
    ].map((row) => ({
      ...row,
      ...(row.why && { why: expect.stringMatching(row.why) as unknown }),
    })),
  );
  const [count] = await desk.rows(
    'select count(*) from engine_legs where epoch = $1 and sequence = 2',
    [start.epoch],
  );
  expect(count).toEqual({ count: 0 });
  expect(await desk.ask('engine_acknowledged', [shotOf(start, 2)])).toEqual([]);

  await resolved(`${start.host}/${start.epoch}/0/2`, {
    kind: 'record_invalid',
    detail: {
      orders: LEGS.map((leg) => orderOfLeg(intentOfShot(start.epoch, 2), leg).clientOrderId),
    },
  });
  await project(desk, start, [bad]);
  expect(await desk.ask('engine_acknowledged', [shotOf(start, 2)])).toMatchObject([
    { workflow_id: `arbitrage/${intentOfShot(start.epoch, 2)}`, lease_id: null },
  ]);
});

test('a record whose very name cannot be is barred as well, once somebody has looked', async () => {
  const start = await startEngine(desk);
  const bad = { ...recordOf(start, { sequence: 1 }), intentId: 'a name / with blanks' };
  const told = async () => desk.ask('engine_project', start.process, start.epoch, [bad]);
  expect(await told()).toMatchObject([{ refusal: 'RECORD_INVALID' }]);
  await resolved(`${start.host}/${start.epoch}/0/1`, { kind: 'record_invalid' });
  expect(await told()).toMatchObject([{ is_safe: true }]);
  expect(await desk.ask('engine_acknowledged', [shotOf(start, 1)])).toHaveLength(1);
});

test('a record of which only its names are left is refused as well, and others are not', async () => {
  const start = await startEngine(desk);
  const bad = { ...recordOf(start, { sequence: 1 }), unreadable: 'no such letter' };
  const records = [bad, recordOf(start, { sequence: 2 })];
  const told = async () => desk.ask('engine_project', start.process, start.epoch, records);
  expect(await told()).toMatchObject([
    { refusal: 'RECORD_INVALID', why: 'no such letter' },
    { is_safe: true },
  ]);
  await resolved(`${start.host}/${start.epoch}/0/1`, {
    ...{ kind: 'record_invalid', detail: { why: 'no such letter' } },
  });
  expect(await told()).toMatchObject([{ is_safe: true, why: null }, { is_safe: true }]);
  expect(await desk.ask('engine_acknowledged', [shotOf(start, 1)])).toHaveLength(1);
});

test('a journal of another host is told by that host, or once its start is known', async () => {
  const start = await startEngine(desk);
  const stranger = { ...start, host: 'host-q' };
  const answers = await desk.ask('engine_project', start.process, start.epoch, [
    recordOf(stranger, { sequence: 1 }),
    recordOf({ ...start, epoch: start.epoch + 1 }, { sequence: 1 }),
  ]);
  expect(answers.map(({ refusal }) => refusal)).toEqual(['NOT_ITS_JOURNAL', 'NOT_ITS_JOURNAL']);
  const known = await startEngine(desk, { host: 'host-q' });
  const after = await startEngine(desk);
  await project(desk, after, [recordOf(known, { sequence: 1 })]);
  const nobody = await desk.ask('engine_project', 'nobody', 1, [recordOf(start, { sequence: 1 })]);
  expect(nobody).toMatchObject([{ is_safe: false, refusal: 'NOT_REGISTERED' }]);
});

test('one shot told in two ways is a break, and the first word stays', async () => {
  const start = await startEngine(desk);
  await project(desk, start, [recordOf(start, { sequence: 1 })]);
  const other = recordOf(start, { sequence: 1, worst: '98' });
  const answers = await desk.ask('engine_project', start.process, start.epoch, [other]);
  expect(answers).toMatchObject([{ is_safe: false, refusal: 'SHOT_DIFFERS' }]);
  const breaks = (await openBreaks(desk.db)).filter(({ kind }) => kind === 'shot_differs');
  expect(breaks).toMatchObject([{ key: `${start.host}/${start.epoch}/0/1`, pairId: 'rain' }]);
  await resolved(`${start.host}/${start.epoch}/0/1`, { kind: 'shot_differs' });
  await project(desk, start, [other]);
  const [kept] = await desk.rows('select worst from engine_shots where epoch = $1', [start.epoch]);
  expect(kept).toEqual({ worst: '97.04' });
});

test('an order that was said never to have left, and that a journal has, is a break that keeps both', async () => {
  const start = await startEngine(desk);
  const intentId = intentOfShot(start.epoch, 1);
  const { clientOrderId, workflowId } = orderOfLeg(intentId, 'yes');
  await forbidOrder(desk.db, { clientOrderId, workflowId, mode: 'simulated', atMs: NOW_MS });
  const record = recordOf(start, {
    sequence: 1,
    yes: { written: 'whole' },
    no: { written: 'whole' },
  });
  for (let times = 0; times < 2; times += 1) {
    const answers = await desk.ask('engine_project', start.process, start.epoch, [record]);
    expect(answers).toMatchObject([{ is_safe: false, refusal: 'ORDER_CONTRADICTED' }]);
  }
  const breaks = (await openBreaks(desk.db)).filter(({ kind }) => kind === 'order_contradicted');
  expect(breaks).toMatchObject([{ key: clientOrderId }]);
  const no = await findOrders(desk.db, [orderOfLeg(intentId, 'no').clientOrderId]);
  expect(no.map(({ status }) => status)).toEqual(['submitted']);

  await resolved(clientOrderId, { kind: 'order_contradicted' });
  await project(desk, start, [record]);
  const answered = recordOf(start, {
    sequence: 1,
    yes: { written: 'whole', answer: { class: 'no', status: 409, refusal: 'no_match' } },
    no: { written: 'whole' },
  });
  const news = await desk.ask('engine_project', start.process, start.epoch, [answered]);
  expect(news, 'that is another word of it').toMatchObject([{ refusal: 'ORDER_CONTRADICTED' }]);
  await resolved(clientOrderId, { kind: 'order_contradicted' });
  await project(desk, start, [answered]);
  const second = recordOf(start, { sequence: 2, intentId });
  const answers = await desk.ask('engine_project', start.process, start.epoch, [second]);
  expect(answers, 'of another shot nobody has spoken').toMatchObject([
    { is_safe: false, refusal: 'ORDER_CONTRADICTED' },
  ]);
});

test('of two shots of one intent the second is a break, told together or again', async () => {
  const start = await startEngine(desk);
  const intentId = intentOfShot(start.epoch, 1);
  const shots = [1, 2].map((sequence) => recordOf(start, { sequence, intentId }));
  const answers = await Promise.all(
    shots.map(async (shot) => desk.ask('engine_project', start.process, start.epoch, [shot])),
  );
  const refusals = answers.flat().map(({ refusal }) => refusal);
  expect(refusals.toSorted()).toEqual(['ORDER_CONTRADICTED', null]);
  const again = await desk.ask('engine_project', start.process, start.epoch, shots);
  expect(again.map(({ refusal }) => refusal)).toEqual(refusals);
});

/** The only open break of this key; somebody looks, and closes it. */
async function resolved(key: string, expected: object): Promise<void> {
  const breaks = (await openBreaks(desk.db)).filter((one) => one.key === key);
  expect(breaks).toMatchObject([expected]);
  const [{ breakId } = { breakId: 0 }] = breaks;
  const said = { by: 'ada', why: 'looked both orders up', atMs: NOW_MS };
  await resolveBreak(desk.db, { breakId, ...said });
}
