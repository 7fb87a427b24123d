import { expect, test } from 'vitest';
import { quantity } from '../../domain/index.js';
import {
  bookEntries,
  findOrders,
  forbidOrder,
  missesOf,
  type OrderToRecord,
  openOrders,
  orderByVenueId,
  ordersOf,
  recordAnswer,
  recordOrders,
  tradeRows,
} from '../../store/index.js';
import { enter, fillOf, NOW_MS, openDesk, orderOf } from './desk.js';

const desk = openDesk();

const recording = (order: OrderToRecord['order'], venueOrderId?: string): OrderToRecord => ({
  order,
  mode: 'simulated',
  body: `{"id":"${order.clientOrderId}"}`,
  ...(venueOrderId !== undefined && { venueOrderId }),
});

test('an order is read back as it was meant, with the bytes that would be sent', async () => {
  const { workflowId } = await enter(desk.db, 'orders-1');
  const orders = [orderOf(workflowId, 'yes'), orderOf(workflowId, 'no')];
  const records = orders.map((order) => recording(order));
  expect(await recordOrders(desk.db, records)).toEqual(['recorded', 'recorded']);
  const found = await ordersOf(desk.db, workflowId);
  expect(found.map(({ order }) => order)).toEqual(expect.arrayContaining(orders));
  expect(found.map(({ body, status }) => ({ body, status }))).toContainEqual({
    body: records[0]?.body,
    status: 'planned',
  });
});

test('the same order is recorded once, however many processes try at once', async () => {
  const { workflowId } = await enter(desk.db, 'orders-2');
  const shot = [orderOf(workflowId, 'yes'), orderOf(workflowId, 'no')];
  const forwards = shot.map((order) => recording(order));
  const tries = [forwards, forwards.toReversed(), forwards, forwards.toReversed()];
  const answers = await Promise.all(tries.map(async (records) => recordOrders(desk.db, records)));
  expect(answers.flat().filter((answer) => answer === 'recorded')).toHaveLength(2);
});

test('a second order for the same rung is refused under any name', async () => {
  const { workflowId } = await enter(desk.db, 'orders-3');
  const purpose = { kind: 'exit', leg: 'yes', rung: 1, attempt: 0 } as const;
  const exit = orderOf(workflowId, 'yes', { purpose });
  const twin = { ...exit, clientOrderId: 'another-name' };
  const nextAttempt = orderOf(workflowId, 'yes', { purpose: { ...purpose, attempt: 1 } });
  expect(await recordOrders(desk.db, [recording(exit)])).toEqual(['recorded']);
  expect(await recordOrders(desk.db, [recording(twin)])).toEqual(['exists']);
  expect(await recordOrders(desk.db, [recording(nextAttempt)])).toEqual(['recorded']);
});

test('a tombstone keeps a late twin from ever being sent', async () => {
  const { workflowId } = await enter(desk.db, 'orders-4');
  const order = orderOf(workflowId, 'yes');
  const grave = {
    clientOrderId: order.clientOrderId,
    workflowId,
    mode: 'simulated',
    atMs: NOW_MS,
  } as const;
  expect(await forbidOrder(desk.db, grave)).toBe('forbidden');
  expect(await recordOrders(desk.db, [recording(order)])).toEqual(['exists']);
  expect(await findOrders(desk.db, [order.clientOrderId])).toEqual([]);
  expect(await forbidOrder(desk.db, grave)).toBe('forbidden');
});

test('an order that was recorded cannot be declared never sent', async () => {
  const { workflowId } = await enter(desk.db, 'orders-5');
  const order = orderOf(workflowId, 'yes');
  await recordOrders(desk.db, [recording(order)]);
  const { clientOrderId } = order;
  const grave = { clientOrderId, workflowId, mode: 'simulated', atMs: NOW_MS } as const;
  expect(await forbidOrder(desk.db, grave)).toBe('exists');
});

test('of a tombstone and a late recording at the same moment exactly one wins', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { workflowId } = await enter(desk.db, `race-${round}`);
    const order = orderOf(workflowId, 'yes');
    const { clientOrderId } = order;
    const grave = { clientOrderId, workflowId, mode: 'simulated', atMs: NOW_MS } as const;
    const [[recorded], forbidden] = await Promise.all([
      recordOrders(desk.db, [recording(order)]),
      forbidOrder(desk.db, grave),
    ]);
    expect([recorded, forbidden]).toEqual(
      forbidden === 'forbidden' ? ['exists', 'forbidden'] : ['recorded', 'exists'],
    );
  }
});

test.each([
  // before, told, after
  ['planned', 'unknown', 'unknown'],
  ['unknown', 'canceled', 'canceled'],
  ['canceled', 'unknown', 'canceled'],
  ['canceled', 'working', 'canceled'],
  ['canceled', 'filled', 'filled'],
  ['filled', 'unknown', 'filled'],
  ['rejected', 'working', 'rejected'],
  ['absent', 'working', 'working'],
] as const)('an order that was %s and is told %s is %s', async (before, told, after) => {
  const { workflowId } = await enter(desk.db, `status-${before}-${told}`);
  const order = orderOf(workflowId, 'yes');
  await recordOrders(desk.db, [recording(order)]);
  const answer = { clientOrderId: order.clientOrderId, event: 'told', detail: {}, atMs: NOW_MS };
  await recordAnswer(desk.db, { ...answer, status: before });
  await recordAnswer(desk.db, { ...answer, status: told });
  const [found] = await findOrders(desk.db, [order.clientOrderId]);
  expect(found?.status).toBe(after);
});

test("a venue's cumulative quantity never shrinks, whichever answer comes last", async () => {
  const { workflowId } = await enter(desk.db, 'orders-6');
  const order = orderOf(workflowId, 'yes');
  await recordOrders(desk.db, [recording(order)]);
  const answer = { clientOrderId: order.clientOrderId, event: 'told', detail: {}, atMs: NOW_MS };
  await recordAnswer(desk.db, { ...answer, cumulativeQuantity: quantity('60') });
  await recordAnswer(desk.db, { ...answer, cumulativeQuantity: quantity('40') });
  const [found] = await findOrders(desk.db, [order.clientOrderId]);
  expect(found?.cumulativeQuantity).toBe(quantity('60'));
});

test('an order is open until its end is known, and is found by the name its venue gave it', async () => {
  const { workflowId } = await enter(desk.db, 'orders-7');
  const order = orderOf(workflowId, 'yes', { account: 'second' });
  await recordOrders(desk.db, [recording(order)]);
  const { clientOrderId } = order;
  expect(await openOrders(desk.db, 'second')).toHaveLength(1);
  const accepted = { clientOrderId, event: 'accepted', venueOrderId: '0xabc', detail: {} };
  await recordAnswer(desk.db, { ...accepted, status: 'working', atMs: NOW_MS });
  const name = { venue: 'polymarket', account: 'second', venueOrderId: '0xabc' } as const;
  expect((await orderByVenueId(desk.db, name))?.order).toEqual(order);
  const canceled = { clientOrderId, event: 'canceled', status: 'canceled', detail: {} } as const;
  await recordAnswer(desk.db, { ...canceled, atMs: NOW_MS });
  expect(await openOrders(desk.db, 'second')).toEqual([]);
});

test('every miss is remembered with its time, in whatever order they were told', async () => {
  const { workflowId } = await enter(desk.db, 'orders-8');
  const order = orderOf(workflowId, 'yes');
  await recordOrders(desk.db, [recording(order)]);
  const miss = { clientOrderId: order.clientOrderId, event: 'missed', detail: {} };
  await recordAnswer(desk.db, { ...miss, atMs: NOW_MS + 2_500 });
  await recordAnswer(desk.db, { ...miss, atMs: NOW_MS });
  expect(await missesOf(desk.db, order.clientOrderId)).toEqual([NOW_MS, NOW_MS + 2_500]);
});

test('what was recorded before the send cannot be rewritten, nor a tombstone opened', async () => {
  const { workflowId } = await enter(desk.db, 'orders-9');
  const order = orderOf(workflowId, 'yes');
  await recordOrders(desk.db, [recording(order)]);
  const rewrite = desk.db
    .updateTable('orders')
    .set({ body: '{"price":"0.99"}' })
    .where('client_order_id', '=', order.clientOrderId);
  await expect(rewrite.execute()).rejects.toThrow(/recorded before the send/);
  await expect(desk.db.deleteFrom('orders').execute()).rejects.toThrow(/append-only/);
  const events = desk.db.updateTable('order_events').set({ event: 'fill' });
  await expect(events.execute()).rejects.toThrow(/append-only/);
});

test('fills that came before the answer find their order when it becomes known', async () => {
  const { workflowId } = await enter(desk.db, 'orders-10');
  const order = orderOf(workflowId, 'yes');
  const { clientOrderId } = order;
  await recordOrders(desk.db, [recording(order)]);
  const [early] = await bookEntries(desk.db, [
    fillOf({ venueOrderId: 'v-10', executionId: 't-1' }),
  ]);
  expect(early?.workflowId).toBeUndefined();
  const accepted = { clientOrderId, event: 'accepted', venueOrderId: 'v-10', detail: {} };
  const attached = await recordAnswer(desk.db, { ...accepted, status: 'filled', atMs: NOW_MS });
  expect(attached.map((entry) => entry.workflowId)).toEqual([workflowId]);
  expect(await tradeRows(desk.db, workflowId)).toMatchObject([
    { executionId: 't-1', clientOrderId },
  ]);
});

test('a fill and the answer that names its order may come at the same moment', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { workflowId } = await enter(desk.db, `meet-${round}`);
    const order = orderOf(workflowId, 'yes');
    const { clientOrderId } = order;
    await recordOrders(desk.db, [recording(order)]);
    const venueOrderId = `meet-${round}`;
    const accepted = { clientOrderId, event: 'accepted', venueOrderId, detail: {}, atMs: NOW_MS };
    await Promise.all([
      recordAnswer(desk.db, accepted),
      bookEntries(desk.db, [fillOf({ venueOrderId, executionId: `m-${round}` })]),
    ]);
    expect(await tradeRows(desk.db, workflowId)).toHaveLength(1);
  }
});
