import { expect, test } from 'vitest';
import type { Freeze } from '../../domain/index.js';
import {
  acknowledge,
  confirmKilled,
  endProcess,
  insertFreeze,
  liftFreeze,
  registerProcess,
  silentProcesses,
} from '../../store/index.js';
import { NOW_MS, openDesk } from './desk.js';

const desk = openDesk();

const freezeOf = (freezeId: string): Freeze => ({
  ...{ freezeId, scope: { kind: 'global' }, cause: 'manual', why: 'a drill', by: 'ada' },
  ...{ action: 'leave', atMs: NOW_MS },
});
const frozen = (freezeId: string): Promise<number> => insertFreeze(desk.db, freezeOf(freezeId));
const lift = (freezeId: string): Promise<number | undefined> =>
  liftFreeze(desk.db, { freezeId, by: 'ada', why: 'the drill is over', atMs: NOW_MS });

async function started(processId: string): Promise<void> {
  const process = { component: 'trading', host: 'desk7', pid: 4711, mode: 'simulated' } as const;
  await registerProcess(desk.db, { ...process, processId, startedAtMs: NOW_MS });
}

test('who lives and has not acknowledged the newest freeze in force is silent', async () => {
  expect(await silentProcesses(desk.db)).toBeUndefined();
  for (const name of ['heard', 'silent', 'drained', 'killed', 'behind']) await started(name);
  await endProcess(desk.db, { processId: 'drained', atMs: NOW_MS });
  await confirmKilled(desk.db, { processId: 'killed', atMs: NOW_MS });
  const first = await frozen('first');
  await acknowledge(desk.db, 'behind', first);
  const epoch = await frozen('second');
  await acknowledge(desk.db, 'heard', epoch);
  expect(await silentProcesses(desk.db)).toEqual({
    epoch,
    processes: [
      { processId: 'behind', epochAcknowledged: first },
      { processId: 'silent', epochAcknowledged: 0 },
    ],
  });
});

test('a lifting is waited for by nobody', async () => {
  await lift('second');
  expect((await silentProcesses(desk.db))?.processes).toEqual([
    { processId: 'silent', epochAcknowledged: 0 },
  ]);
  await lift('first');
  expect(await silentProcesses(desk.db)).toBeUndefined();
});

test('a freeze that all have acknowledged has no silent process', async () => {
  await endProcess(desk.db, { processId: 'silent', atMs: NOW_MS });
  const epoch = await frozen('third');
  for (const name of ['heard', 'behind']) await acknowledge(desk.db, name, epoch);
  expect(await silentProcesses(desk.db)).toEqual({ epoch, processes: [] });
});
