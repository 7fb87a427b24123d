import { expect, test } from 'vitest';
import type { Freeze } from '../../domain/index.js';
import {
  acknowledge,
  acknowledgements,
  auditLines,
  confirmKilled,
  endProcess,
  FREEZES_CHANNEL,
  freezeHistory,
  heartbeat,
  insertFreeze,
  liftFreeze,
  liftFreezeOfOrder,
  listen,
  readControl,
  registerProcess,
} from '../../store/index.js';
import { NOW_MS, openDesk } from './desk.js';

const desk = openDesk();

const freezeOf = (freezeId: string, change: Partial<Freeze> = {}): Freeze => ({
  freezeId,
  scope: { kind: 'global' },
  cause: 'manual',
  why: 'a drill',
  by: 'ada',
  action: 'leave',
  atMs: NOW_MS,
  ...change,
});

const lift = async (freezeId: string) =>
  liftFreeze(desk.db, { freezeId, by: 'ada', why: 'the drill is over', atMs: NOW_MS + 1 });

test('a freeze is read with a new epoch, and its lifting is another', async () => {
  const before = await readControl(desk.db);
  const scope = { kind: 'pair', key: 'rain' } as const;
  const freeze = freezeOf('f-1', { scope, cause: 'unknown_order', liftsWhenResolved: 'order-1' });
  const epoch = await insertFreeze(desk.db, freeze);
  expect(epoch).toBeGreaterThan(before.epoch);
  expect(await readControl(desk.db)).toEqual({ epoch, freezes: [freeze] });

  const lifted = await lift('f-1');
  expect(lifted).toBeGreaterThan(epoch);
  expect(await readControl(desk.db)).toEqual({ epoch: lifted, freezes: [] });
  expect((await auditLines(desk.db, 2)).map((line) => line.action)).toEqual(['unfreeze', 'freeze']);
});

test('freezing twice is freezing once; lifting twice lifts once', async () => {
  const epochs = await Promise.all([1, 2, 3].map(() => insertFreeze(desk.db, freezeOf('f-2'))));
  expect(new Set(epochs).size).toBe(1);
  expect(await lift('f-2')).toBeDefined();
  expect(await lift('f-2')).toBeUndefined();
  expect(await lift('never')).toBeUndefined();
});

test('freezes that are written at once each have an epoch of their own', async () => {
  const ids = ['m-1', 'm-2', 'm-3', 'm-4'];
  const epochs = await Promise.all(ids.map((id) => insertFreeze(desk.db, freezeOf(id))));
  expect(new Set(epochs).size).toBe(ids.length);
  const control = await readControl(desk.db);
  expect(control.epoch).toBe(Math.max(...epochs));
  expect(control.freezes.map(({ freezeId }) => freezeId).sort()).toEqual(ids);
  for (const id of ids) await lift(id);
});

test('a lifted freeze stays in the history and is never rewritten', async () => {
  await insertFreeze(desk.db, freezeOf('f-3'));
  const row = desk.db.updateTable('freezes').where('freeze_id', '=', 'f-3');
  await expect(row.set({ why: 'another reason' }).execute()).rejects.toThrow(/never rewritten/);
  await lift('f-3');
  const revived = row.set({ lifted_at: null, lifted_by: null });
  await expect(revived.execute()).rejects.toThrow(/lifted once/);
  await expect(desk.db.deleteFrom('freezes').execute()).rejects.toThrow(/append-only/);
  const history = await freezeHistory(desk.db, 100);
  expect(history.find(({ freezeId }) => freezeId === 'f-3')).toMatchObject({ liftedBy: 'ada' });
});

test('evidence about an order lifts the freeze that waited for it, and no other', async () => {
  const waiting = { cause: 'unknown_order', liftsWhenResolved: 'order-2' } as const;
  await insertFreeze(desk.db, freezeOf('u-1', waiting));
  await insertFreeze(desk.db, freezeOf('u-2'));
  expect(await liftFreezeOfOrder(desk.db, 'order-2', NOW_MS)).toEqual(['u-1']);
  expect((await readControl(desk.db)).freezes.map((found) => found.freezeId)).toEqual(['u-2']);
  await lift('u-2');
});

test('whoever listens is woken by a freeze and by its lifting', async () => {
  const heard: (string | undefined)[] = [];
  let wake: () => void = () => undefined;
  const listening = await listen(desk.databaseUrl, FREEZES_CHANNEL, (epoch) => {
    heard.push(epoch);
    wake();
  });
  const news = async (count: number): Promise<void> => {
    while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  const frozen = await insertFreeze(desk.db, freezeOf('f-4'));
  await news(2);
  const lifted = await lift('f-4');
  await news(3);
  expect(heard).toEqual([undefined, String(frozen), String(lifted)]);
  await listening.close();
});

test('a freeze is acknowledged by every process that is neither ended nor confirmed killed', async () => {
  const process = { component: 'trading', host: 'h', pid: 1, mode: 'simulated' } as const;
  for (const processId of ['a', 'b', 'c']) {
    await registerProcess(desk.db, { ...process, processId, startedAtMs: NOW_MS });
  }
  const epoch = await insertFreeze(desk.db, freezeOf('f-5'));
  await acknowledge(desk.db, 'a', epoch);
  await acknowledge(desk.db, 'a', epoch - 1); // an older word, told late
  await endProcess(desk.db, { processId: 'b', atMs: NOW_MS });
  const missing = async () =>
    (await acknowledgements(desk.db))
      .filter(({ epochAcknowledged }) => epochAcknowledged < epoch)
      .map(({ processId }) => processId);
  expect(await missing()).toEqual(['c']);

  for (const acknowledged of [-1, epoch - 1, -1]) {
    await heartbeat(desk.db, { processId: 'c', atMs: NOW_MS + 500, acknowledged });
  }
  const live = (await acknowledgements(desk.db)).find(({ processId }) => processId === 'c');
  expect(live).toMatchObject({ heartbeatAtMs: NOW_MS + 500, epochAcknowledged: epoch - 1 });
  await confirmKilled(desk.db, { processId: 'c', atMs: NOW_MS });
  expect(await missing()).toEqual([]);
});
