import { expect, test } from 'vitest';
import { intentDigest, toWire } from '../../domain/index.js';
import {
  assertMode,
  insertIntent,
  ModeMismatchError,
  recordOrders,
  registerProcess,
} from '../../store/index.js';
import { enter, intentOf, NOW_MS, openDesk, orderOf } from './desk.js';

const desk = openDesk();

test('a database of one mode is refused to every other', async () => {
  await assertMode(desk.db, 'simulated');
  await expect(assertMode(desk.db, 'live')).rejects.toThrow(ModeMismatchError);
  await expect(assertMode(desk.db, 'shadow')).rejects.toThrow(/"simulated".*"shadow"/);
});

test('the mode that was written first cannot be rewritten or removed', async () => {
  const update = desk.db.updateTable('deployment').set({ mode: 'live' });
  await expect(update.execute()).rejects.toThrow(/append-only/);
  await expect(desk.db.deleteFrom('deployment').execute()).rejects.toThrow(/append-only/);
});

test('no row of another mode can be written: no intent, no order, no process', async () => {
  const wire = toWire(intentOf('stray'));
  const intent = { intent: wire, digest: intentDigest(wire), workflowId: 'w', atMs: NOW_MS };
  await expect(insertIntent(desk.db, { ...intent, mode: 'live' })).rejects.toThrow(/mode_fkey/);

  const { workflowId } = await enter(desk.db, 'mode-1');
  const order = { order: orderOf(workflowId, 'yes'), body: '{}', mode: 'live' as const };
  await expect(recordOrders(desk.db, [order])).rejects.toThrow(/mode_fkey/);

  const process = { processId: 'p', component: 'trading', host: 'h', pid: 1, startedAtMs: NOW_MS };
  await expect(registerProcess(desk.db, { ...process, mode: 'live' })).rejects.toThrow(/mode_fkey/);
});
