import { expect, test } from 'vitest';
import {
  confirmKilled,
  readAccountState,
  releaseDeadEngines,
  withAccountLocked,
} from '../../store/index.js';
import { ACCOUNT, NOW_MS } from './desk.js';
import { openEngineDesk, ownPair, startEngine } from './engine-desk.js';

const desk = openEngineDesk();

/** What an admission on this pair reads. */
async function engineHostOf(pairId: string): Promise<string | undefined> {
  const asked = { account: ACCOUNT, pairId, workflowId: 'nobody', nowMs: NOW_MS };
  const state = await withAccountLocked(desk.db, ACCOUNT, (tx) => readAccountState(tx, asked));
  return state.engineHost;
}

test('a pair is fired by the host of its engine, and by none before an engine has it', async () => {
  expect(await engineHostOf('rain')).toBeUndefined();
  await ownPair(desk, await startEngine(desk, { host: 'host-a' }), 'rain');
  expect(await engineHostOf('rain')).toBe('host-a');
  expect(await engineHostOf('snow')).toBeUndefined();
});

test('who takes a pair over is who fires it from then on', async () => {
  await ownPair(desk, await startEngine(desk, { host: 'host-a' }), 'wind');
  await ownPair(desk, await startEngine(desk, { host: 'host-b' }), 'wind');
  expect(await engineHostOf('wind')).toBe('host-b');
});

test('an engine that was killed is named still, one that has given up its pairs is not', async () => {
  const start = await startEngine(desk);
  await ownPair(desk, start, 'hail');
  await confirmKilled(desk.db, { processId: start.process, atMs: NOW_MS });
  expect(await engineHostOf('hail')).toBe(start.host);

  const next = await startEngine(desk);
  await ownPair(desk, next, 'hail');
  await desk.one('engine_end', next.process, next.epoch);
  expect(await engineHostOf('hail')).toBeUndefined();
});

test('a pair that is held by a process that is no engine has no engine', async () => {
  const [engine] = await desk.rows('select process_id from engines limit 1');
  await desk.rows(
    `insert into processes (process_id, component, host, pid, mode, started_at, heartbeat_at)
     select 'trading-1', 'trading', host, pid, mode, started_at, heartbeat_at
     from processes where process_id = $1`,
    [engine?.process_id],
  );
  await desk.rows(`insert into owners values ('pair', 'fog', 'trading-1', 1, now())`);
  expect(await engineHostOf('fog')).toBeUndefined();
});

test('a desk without an engine lets go of what engines had that are dead, on its own host', async () => {
  const dead = await startEngine(desk, { host: 'host-c' });
  await ownPair(desk, dead, 'sleet');
  const elsewhere = await startEngine(desk, { host: 'host-d' });
  await ownPair(desk, elsewhere, 'frost');
  const living = await startEngine(desk, { host: 'host-c' });
  await ownPair(desk, living, 'mist');
  for (const { process: processId } of [dead, elsewhere]) {
    await confirmKilled(desk.db, { processId, atMs: NOW_MS });
  }

  expect(await releaseDeadEngines(desk.db, { host: 'host-c', atMs: NOW_MS })).toBe(1);
  expect(await engineHostOf('sleet')).toBeUndefined();
  expect([await engineHostOf('frost'), await engineHostOf('mist')]).toEqual(['host-d', 'host-c']);
  const [left] = await desk.rows(`select holder, epoch from owners where key = 'sleet'`);
  expect(left).toEqual({ holder: 'nobody', epoch: 2 });
});
