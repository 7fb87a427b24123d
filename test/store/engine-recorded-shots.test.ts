import { expect, test } from 'vitest';
import { purposeLine } from '../../domain/index.js';
import { findOrders, openBreaks } from '../../store/index.js';
import { NOW_MS, orderOf } from './desk.js';
import { openEngineDesk, project, recordOf, shotOf, startEngine } from './engine-desk.js';
import { LEGS, recorded } from './engine-trade.js';

const desk = openEngineDesk();

const namesOf = (workflowId: string) => LEGS.map((leg) => orderOf(workflowId, leg).clientOrderId);

test('the record of a reserved shot agrees with its orders, and its slot is free at once', async () => {
  const change = { yes: { createdAtMs: NOW_MS - 5 }, no: { notAfterMs: NOW_MS + 7 } };
  const { start, workflowId, told } = await recorded(desk, 'projected', change);
  const before = await findOrders(desk.db, namesOf(workflowId));
  const answer = { class: 'no', status: 409, refusal: 'no_match', atNs: 4_000_000 };
  const whole = { written: 'whole', answer } as const;
  await project(desk, start, [recordOf(start, { ...told, yes: whole, no: whole })]);
  expect(await desk.ask('engine_acknowledged', [shotOf(start, 1)])).toMatchObject([
    { workflow_id: workflowId, lease_id: null, moved: '0' },
  ]);
  const after = await findOrders(desk.db, namesOf(workflowId));
  const orders = (all: typeof before) =>
    all
      .map(({ order }) => order)
      .toSorted((a, b) => (purposeLine(a.purpose) < purposeLine(b.purpose) ? -1 : 1));
  expect(orders(after)).toEqual(orders(before));
  expect(after.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect((await openBreaks(desk.db)).filter(({ kind }) => kind === 'order_contradicted')).toEqual(
    [],
  );
});

test('a crash before any answer: the sweep of the next start leaves both orders unknown', async () => {
  const { start, workflowId, told } = await recorded(desk, 'swept');
  const next = await startEngine(desk);
  const answer = { class: 'unknown', status: 0 };
  const swept = { ...told, yes: { written: 'whole', answer }, no: { answer } } as const;
  await project(desk, next, [recordOf(start, swept)]);
  const stored = await findOrders(desk.db, namesOf(workflowId));
  expect(stored.map(({ status }) => status)).toEqual(['unknown', 'unknown']);
  expect(await desk.ask('engine_acknowledged', [shotOf(start, 1)])).toHaveLength(1);
});

test('a reserved shot that the gate refused has left nothing: its orders are denied', async () => {
  const { start, workflowId, told } = await recorded(desk, 'refused');
  await project(desk, start, [recordOf(start, { ...told, refused: 'FROZEN' })]);
  const stored = await findOrders(desk.db, namesOf(workflowId));
  expect(stored.map(({ status }) => status)).toEqual(['denied', 'denied']);
});
