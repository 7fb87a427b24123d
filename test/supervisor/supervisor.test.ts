import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { identityOf } from '../../stack/index.js';
import { childEnvironment, type ProcessConfig } from '../../workers/config.js';
import type { ProcessEvent, ProcessSpec } from '../../workers/supervisor/managed-process.js';
import { Supervisor } from '../../workers/supervisor/supervisor.js';

const backOff = { firstMs: 10, longestMs: 40, healthyMs: 60_000, startAttempts: 3 };
const fixture = (name: string): string =>
  new URL(`./fixtures/${name}.ts`, import.meta.url).pathname;

let folder: string;
let events: ProcessEvent[];
let supervisor: Supervisor;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-supervisor-'));
  events = [];
  supervisor = new Supervisor({
    logsFolder: folder,
    backOff,
    onEvent: (event) => events.push(event),
  });
});
afterEach(async () => {
  await supervisor.drain();
  rmSync(folder, { recursive: true, force: true });
});

test('processes start in order and drain in reverse', async () => {
  await supervisor.start([spec('venue', 'obedient'), spec('desk', 'obedient')]);
  await supervisor.drain();
  expect(story()).toEqual(['venue starts', 'desk starts', 'desk drains', 'venue drains']);
  expect(kinds('ended')).toMatchObject([
    { name: 'desk', cause: 'ended with code 0', wasAsked: true },
    { name: 'venue', cause: 'ended with code 0', wasAsked: true },
  ]);
});

test('a process that is killed comes back under a new id, after pauses that double', async () => {
  await supervisor.start([spec('desk', 'obedient')]);
  for (const round of [1, 2, 3, 4]) {
    supervisor.kill('desk');
    await vi.waitFor(() => expect(kinds('ready')).toHaveLength(round + 1), { timeout: 10_000 });
  }
  expect(kinds('restarting').map((event) => 'delayMs' in event && event.delayMs)).toEqual([
    10, 20, 40, 40,
  ]);
  const ids = kinds('ended').map((event) => 'processId' in event && event.processId);
  expect(new Set(ids).size).toBe(4);
  expect(kinds('ended')[0]).toMatchObject({ cause: 'was ended by SIGKILL', wasAsked: false });
});

test('new code restarts what runs it, and leaves a native program alone', async () => {
  const entry = new URL('./fixtures/native.sh', import.meta.url).pathname;
  const environment = () => ({ ...process.env, STORY: join(folder, 'native') });
  const native: ProcessSpec = { ...spec('engine', ''), kind: 'native', entry, environment };
  await supervisor.start([native, spec('desk', 'obedient')]);
  const before = supervisor.pids();
  supervisor.restart();
  await vi.waitFor(() => expect(kinds('ready')).toHaveLength(3), { timeout: 10_000 });
  expect(kinds('ready').at(-1)).toMatchObject({ name: 'desk', isAgain: true });
  expect(supervisor.pids().engine).toBe(before.engine);
  expect(readFileSync(join(folder, 'native'), 'utf8')).toBe('native starts\n');
});

test('while its servers are away a process is not started again, and a stop waits for neither', async () => {
  let away: Promise<void> | undefined;
  const around = { logsFolder: folder, backOff, canStart: async () => away };
  supervisor = new Supervisor({ ...around, onEvent: (event) => events.push(event) });
  await supervisor.start([spec('desk', 'obedient')]);
  let come: () => void = () => undefined;
  away = new Promise((resolve) => {
    come = resolve;
  });
  supervisor.kill('desk');
  await vi.waitFor(() => expect(kinds('restarting')).toHaveLength(1), { timeout: 10_000 });
  expect(kinds('started')).toHaveLength(1);
  come();
  await vi.waitFor(() => expect(kinds('ready')).toHaveLength(2), { timeout: 10_000 });

  away = new Promise(() => undefined); // they never come again
  supervisor.kill('desk');
  await vi.waitFor(() => expect(kinds('restarting')).toHaveLength(2), { timeout: 10_000 });
  await supervisor.drain();
  expect(kinds('started')).toHaveLength(2);
});

test('a process that does not drain in time is killed', async () => {
  await supervisor.start([{ ...spec('desk', 'stubborn'), drainMs: 200 }]);
  await supervisor.drain();
  expect(kinds('ended')).toMatchObject([{ cause: 'was ended by SIGKILL', wasAsked: true }]);
});

test('a start that cannot succeed fails by name, and what had started is drained', async () => {
  const starting = supervisor.start([spec('venue', 'obedient'), spec('desk', 'hopeless')]);
  await expect(starting).rejects.toThrow(
    /desk ended with code 1 before it was ready; see .*desk.log/,
  );
  expect(story()).toEqual(['venue starts', 'venue drains']);
  expect(readFileSync(join(folder, 'desk.log'), 'utf8')).toContain('no venue answers');
});

test('a process that is not ready in time counts as dead', async () => {
  const starting = supervisor.start([{ ...spec('desk', 'obedient'), readyTimeoutMs: 1 }]);
  await expect(starting).rejects.toThrow(/desk was ended by SIGKILL before it was ready/);
});

test('a warning reaches the supervisor, and no secret reaches a log', async () => {
  await supervisor.start([spec('desk', 'obedient')]);
  const warning = kinds('warning').map((event) => 'record' in event && event.record);
  expect(warning[0]).toContain('"msg":"a warning"');
  expect(warning[0]).toContain('"component":"desk"');
  expect(`${String(warning[0])}${readFileSync(join(folder, 'desk.log'), 'utf8')}`).not.toContain(
    'hunter2',
  );
});

test('when the supervisor is killed its processes drain and end by themselves', async () => {
  const alone = fork(fixture('supervisor-alone'), [], {
    env: childEnvironment(config('supervisor', 'alone')),
    execArgv: ['--import', 'tsx'],
  });
  const [pids] = (await once(alone, 'message')) as [Record<string, number>]; // what the fixture sends
  alone.kill('SIGKILL');
  await vi.waitFor(() => expect(identityOf(pids.orphan ?? 0)).toBeUndefined(), {
    timeout: 10_000,
  });
  expect(story()).toEqual(['orphan starts', 'orphan drains']);
});

test('when the supervisor dies before its process has begun, nothing is started', async () => {
  const early = fork(fixture('obedient'), [], {
    env: childEnvironment(config('desk', 'early')),
    execArgv: ['--import', 'tsx'],
  });
  early.disconnect();
  expect(await once(early, 'exit')).toEqual([0, null]);
  expect(existsSync(join(folder, 'story'))).toBe(false);
});

function spec(name: string, entry: string): ProcessSpec {
  return {
    ...{ name, kind: 'module' },
    entry: fixture(entry),
    environment: (processId) => childEnvironment(config(name, processId)),
    readyTimeoutMs: 20_000,
    drainMs: 10_000,
    execArgv: ['--import', 'tsx'],
  };
}

function config(component: string, processId: string): ProcessConfig {
  return {
    ...{ component, processId, host: 'here', mode: 'simulated', namespace: 'legwork-simulated' },
    ...{ temporalAddress: '127.0.0.1:1', databaseUrl: 'postgres://127.0.0.1:1/none' },
    ...{ account: 'main', seed: 7, faults: 'none', openedAtMs: 0, drainMs: 10_000 },
    folders: { data: folder, logs: folder, ledgers: folder, credentials: folder },
    ...{ pairFile: join(folder, 'pairs.json'), venues: {} },
  };
}

function kinds(kind: ProcessEvent['kind']): ProcessEvent[] {
  return events.filter((event) => event.kind === kind);
}

function story(): string[] {
  return readFileSync(join(folder, 'story'), 'utf8').trim().split('\n');
}
