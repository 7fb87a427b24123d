import { afterEach, expect, test } from 'vitest';
import { assert, type OrderGroups, quantity } from '../../domain/index.js';
import { createKalshiConnection } from '../../venues/kalshi/connection.js';
import { createKalshiSigner } from '../../venues/kalshi/signing.js';
import type { Frame } from '../../venues/kalshi/wire.js';
import { openStage, place, readValue, type Stage, said, until } from './fixtures/stage.js';

let stage: Stage;
afterEach(async () => {
  await stage.close();
});

async function opened(): Promise<OrderGroups> {
  stage = await openStage();
  const { orderGroups } = stage.venue;
  assert(orderGroups !== undefined, 'Kalshi has order groups');
  return orderGroups;
}

test('an entry is in its group, and an exit is not stopped with it', async () => {
  const groups = await opened();
  const groupId = readValue(await groups.create(quantity('1000')));
  expect(readValue(await groups.all())).toEqual([groupId]);
  const entry = said('buy yes 6 @ 0.50', { orderGroupId: groupId });
  expect((await place(stage, entry)).kind).toBe('accepted');

  expect(await groups.trigger(groupId)).toEqual({ kind: 'done' });
  const late = said('buy yes 5 @ 0.52', { orderGroupId: groupId });
  const code = 'exceeded_order_group_risk_limit';
  expect(await place(stage, late)).toMatchObject({ kind: 'refused', refusal: 'venue_state', code });
  const purpose = { kind: 'exit', leg: 'yes', rung: 0, attempt: 0 } as const;
  const exit = said('sell yes 6 @ 0.48', { purpose, isReduceOnly: true });
  expect(await place(stage, exit)).toMatchObject({ kind: 'accepted', state: 'filled' });

  expect(await groups.reset(groupId)).toEqual({ kind: 'done' });
  const next = said('buy yes 4 @ 0.52', { orderGroupId: groupId });
  expect((await place(stage, next)).kind).toBe('accepted');
});

test('an exit that names a group is never made', async () => {
  const groups = await opened();
  const orderGroupId = readValue(await groups.create(quantity('1000')));
  const purpose = { kind: 'exit', leg: 'yes', rung: 0, attempt: 0 } as const;
  const exit = said('sell yes 6 @ 0.48', { purpose, orderGroupId });
  await expect(place(stage, exit)).rejects.toThrow('only an entry is in an order group');
});

test('a group that is gone is said to be gone, and what cannot be known is unknown', async () => {
  const groups = await opened();
  const groupId = readValue(await groups.create(quantity('1000')));
  expect(await groups.remove(groupId)).toEqual({ kind: 'done' });
  for (const step of ['trigger', 'reset', 'remove'] as const) {
    expect(await groups[step](groupId)).toEqual({ kind: 'not_found' });
  }
  await stage.simulator.close();
  expect((await groups.trigger(groupId)).kind).toBe('unknown');
  expect((await groups.create(quantity('1'))).kind).toBe('unavailable');
});

test('a limit is kept within what the venue takes', async () => {
  const groups = await opened();
  for (const limit of ['0.5', '2000000']) await groups.create(quantity(limit));
  const limits = stage.exchange.orderGroups('main').map(({ limit }) => limit);
  expect(limits).toEqual([quantity('1'), quantity('1000000')]);
});

test('the orders of a group are told, and a changed limit counts at once', async () => {
  const groups = await opened();
  const groupId = readValue(await groups.create(quantity('1000')));
  expect(readValue(await groups.ordersIn(groupId))).toEqual([]);
  const entry = said('buy yes 6 @ 0.50', { orderGroupId: groupId });
  expect((await place(stage, entry)).kind).toBe('accepted');
  expect(readValue(await groups.ordersIn(groupId))).toHaveLength(1);

  expect(await groups.limit(groupId, quantity('5'))).toEqual({ kind: 'done' });
  expect(stage.exchange.orderGroups('main')).toMatchObject([{ isTriggered: true }]);
  expect(await groups.limit('of-nobody', quantity('5'))).toEqual({ kind: 'not_found' });
  expect((await groups.ordersIn('of-nobody')).kind).toBe('unavailable');
});

test('the stream tells what becomes of each group, in its own count', async () => {
  const groups = await opened();
  const told: Frame[] = [];
  const { wsUrl } = stage.simulator;
  const signer = createKalshiSigner(stage.credentials);
  const connection = createKalshiConnection(
    { wsUrl, signer, nowMs: Date.now },
    {
      onOpen: () => connection.command('subscribe', { channels: ['order_group_updates'] }),
      onFrame: (frame) => told.push(frame),
      onDown: () => undefined,
    },
  );
  await until(() => told.length === 1);
  const groupId = readValue(await groups.create(quantity('10')));
  await groups.trigger(groupId);
  await groups.reset(groupId);
  await groups.limit(groupId, quantity('20'));
  await groups.remove(groupId);
  await until(() => told.length === 6);
  await connection.close();

  const type = 'order_group_updates';
  const about = { order_group_id: groupId };
  expect(told.slice(1)).toEqual([
    { type, sid: 1, seq: 1, msg: { event_type: 'created', ...about, contracts_limit_fp: '10.00' } },
    { type, sid: 1, seq: 2, msg: { event_type: 'triggered', ...about } },
    { type, sid: 1, seq: 3, msg: { event_type: 'reset', ...about } },
    {
      ...{ type, sid: 1, seq: 4 },
      msg: { event_type: 'limit_updated', ...about, contracts_limit_fp: '20.00' },
    },
    { type, sid: 1, seq: 5, msg: { event_type: 'deleted', ...about } },
  ]);
});
