import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { identityOf } from '../../stack/index.js';
import type { ProcessEvent, ProcessSpec } from '../../workers/supervisor/managed-process.js';
import { Supervisor } from '../../workers/supervisor/supervisor.js';
import { warningLine } from '../../workers/supervisor/warning-line.js';

const backOff = { firstMs: 10, longestMs: 40, healthyMs: 60_000, startAttempts: 2 };
const program = new URL('./fixtures/native.sh', import.meta.url).pathname;

let folder: string;
let events: ProcessEvent[];
let supervisor: Supervisor;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-native-'));
  events = [];
  supervisor = new Supervisor({
    ...{ logsFolder: folder, backOff, onEvent: (event) => events.push(event) },
  });
});
afterEach(async () => {
  await supervisor.drain();
  rmSync(folder, { recursive: true, force: true });
});

test('a native program tells on its stdout, and is told to drain on its stdin', async () => {
  await supervisor.start([spec()]);
  await supervisor.drain();
  expect(story()).toEqual(['native starts', 'native drains: {"kind":"drain"}']);
  expect(named('ready')).toMatchObject([{ info: { metrics: 'http://127.0.0.1:1' } }]);
  expect(named('warning')).toMatchObject([{ record: '{"level":"warn","msg":"a warning"}' }]);
  expect(named('ended')).toMatchObject([{ cause: 'ended with code 0', wasAsked: true }]);
});

test('what a native program says beside its messages is in its log', async () => {
  await supervisor.start([spec()]);
  await supervisor.drain();
  await vi.waitFor(() =>
    expect(readFileSync(join(folder, 'native.log'), 'utf8').trim().split('\n').toSorted()).toEqual([
      ...['a word that is no message', 'its own log'],
    ]),
  );
});

test('a native program that is killed comes back under a new id', async () => {
  await supervisor.start([spec()]);
  supervisor.kill('native');
  await vi.waitFor(() => expect(named('ready')).toHaveLength(2), { timeout: 10_000 });
  expect(named('ready')).toMatchObject([{ isAgain: false }, { isAgain: true }]);
  const ids = named('started').map((event) => 'processId' in event && event.processId);
  expect(new Set(ids).size).toBe(2);
});

test('a native program that is not there fails its start by name', async () => {
  const starting = supervisor.start([{ ...spec(), entry: join(folder, 'nothing') }]);
  await expect(starting).rejects.toThrow(/native could not be started before it was ready/);
});

test('a native program that ends before it was ready fails its start by name', async () => {
  const starting = supervisor.start([{ ...spec(), entry: '/bin/true' }]);
  await expect(starting).rejects.toThrow(/native ended with code 0 before it was ready; see .*log/);
});

test('when the supervisor is killed its native program drains and ends by itself', async () => {
  const alone = fork(new URL('./fixtures/native-alone.ts', import.meta.url).pathname, [], {
    env: { ...process.env, FOLDER: folder, PROGRAM: program, STORY: join(folder, 'story') },
    execArgv: ['--import', 'tsx'],
  });
  const [pids] = (await once(alone, 'message')) as [Record<string, number>]; // what the fixture sends
  alone.kill('SIGKILL');
  await vi.waitFor(() => expect(identityOf(pids.native ?? 0)).toBeUndefined(), {
    timeout: 10_000,
  });
  expect(story()).toEqual(['native starts', 'native drains: its supervisor is gone']);
});

test('a warning that is no log record is shown as it is', () => {
  expect(warningLine('thread main panicked')).toContain('a process: thread main panicked');
});

function spec(): ProcessSpec {
  return {
    ...{ name: 'native', kind: 'native', entry: program, readyTimeoutMs: 20_000, drainMs: 10_000 },
    environment: () => ({ ...process.env, STORY: join(folder, 'story') }),
  };
}

function named(kind: ProcessEvent['kind']): ProcessEvent[] {
  return events.filter((event) => event.kind === kind);
}

function story(): string[] {
  return readFileSync(join(folder, 'story'), 'utf8').trim().split('\n');
}
