import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { acknowledgementWait } from '../../cli/acknowledgements.js';
import { freeze } from '../../cli/commands/freeze.js';
import { exitCodes } from '../../cli/exit-codes.js';
import { freezeTimes } from '../../domain/index.js';
import {
  acknowledge,
  acknowledgements,
  confirmKilled,
  connect,
  endProcess,
  insertFreeze,
  liftFreeze,
  readControl,
  registerProcess,
} from '../../store/index.js';
import { Deaths } from '../../workers/supervisor/deaths.js';
import { type FreezeWatch, watchFreezes } from '../../workers/supervisor/freeze-watch.js';
import { ProcessRecord } from '../../workers/supervisor/leftovers.js';
import type { ProcessEvent, ProcessSpec } from '../../workers/supervisor/managed-process.js';
import { Supervisor } from '../../workers/supervisor/supervisor.js';
import { openDesk } from '../store/desk.js';
import { openCutLine } from '../support/cut-line.js';

const books = openDesk();
const program = new URL('./fixtures/native.sh', import.meta.url).pathname;
/** Longer than whoever stands still is waited for. */
const PATIENCE_MS = freezeTimes.acknowledgedWithinMs + 2 * freezeTimes.readEveryMs;
const log = pino({ level: 'silent' });

let folder: string;
let events: ProcessEvent[];
let lines: string[];
let deaths: Deaths;
let supervisor: Supervisor;
let watching: FreezeWatch;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-freeze-watch-'));
  [events, lines] = [[], []];
  deaths = new Deaths(confirm, new ProcessRecord(folder));
  supervisor = new Supervisor({
    logsFolder: folder,
    backOff: { firstMs: 10, longestMs: 40, healthyMs: 60_000, startAttempts: 3 },
    onEvent: (event) => {
      events.push(event);
      if (event.kind === 'ended') deaths.seen(event.processId);
    },
  });
  const { databaseUrl } = books;
  const say = (line: string): void => void lines.push(line);
  watching = await watchFreezes({ db: books.db, databaseUrl, supervisor, log, say });
});
afterEach(async () => {
  await supervisor.drain();
  await watching.close();
  await deaths.settle();
  for (const { freezeId } of (await readControl(books.db)).freezes) {
    await liftFreeze(books.db, { freezeId, by: 'ada', why: 'over', atMs: Date.now() });
  }
  for (const { processId } of await acknowledgements(books.db)) {
    await endProcess(books.db, { processId, atMs: Date.now() });
  }
  rmSync(folder, { recursive: true, force: true });
});

test('a child that stands still is killed first, then FROZEN is said, and it starts again', async () => {
  const still = await comesUp('engine');
  const heard = await comesUp('trading');
  process.kill(supervisor.pids().engine ?? 0, 'SIGSTOP');
  const hears = hearing(heard);
  const answer = await frozen();
  clearInterval(hears);
  expect(answer).toMatchObject({ exitCode: exitCodes.done, data: { acknowledged: [heard] } });
  expect(named('ended')).toMatchObject([
    { name: 'engine', processId: still, cause: 'was ended by SIGKILL', wasAsked: false },
  ]);
  expect(lines).toEqual([expect.stringMatching(/^engine \(pid \d+\) stands still: it has not/)]);
  await vi.waitFor(() => expect(named('ready')).toHaveLength(3), { timeout: 10_000 });
  expect(named('ready').at(-1)).toMatchObject({ name: 'engine', isAgain: true });
});

test('a child that stands still while it starts is killed first, then FROZEN is said', async () => {
  await begins('engine');
  const still = await register(named('started')[0]);
  process.kill(supervisor.pids().engine ?? 0, 'SIGSTOP');
  expect(await frozen()).toMatchObject({ exitCode: exitCodes.done, data: { missing: [] } });
  expect(named('ended')).toMatchObject([{ processId: still, cause: 'was ended by SIGKILL' }]);
  expect(lines).toEqual([expect.stringMatching(/^engine \(pid \d+\) stands still: it has not/)]);
  await vi.waitFor(() => expect(named('started')).toHaveLength(2), { timeout: 10_000 });
});

test('a child that starts in a freeze and acknowledges it is left alone', async () => {
  await begins('engine');
  const heard = await register(named('started')[0]);
  const hears = hearing(heard);
  expect(await frozen()).toMatchObject({
    exitCode: exitCodes.done,
    data: { acknowledged: [heard] },
  });
  await delay(PATIENCE_MS);
  clearInterval(hears);
  expect(named('ended')).toEqual([]);
});

test('a child that has no row yet is neither waited for nor killed', async () => {
  await begins('engine');
  expect(await frozen()).toMatchObject({ exitCode: exitCodes.done });
  await delay(PATIENCE_MS);
  expect(named('ended')).toEqual([]);
});

test('a watch is closed although Postgres stands still in the middle of a look', async () => {
  const { host } = new URL(books.databaseUrl);
  const line = await openCutLine(host);
  const databaseUrl = books.databaseUrl.replace(host, line.address);
  const { db } = connect(databaseUrl); // it is never closed: its goodbye would be waited for
  const say = (): void => undefined;
  const hung = await watchFreezes({ db, databaseUrl, supervisor, log, say });
  await freezes();
  line.hold();
  await delay(2 * freezeTimes.readEveryMs); // a look has begun, and waits
  const beganAtMs = performance.now();
  await hung.close();
  expect(performance.now() - beganAtMs).toBeLessThan(2_000);
  await line.close();
});

test('a death that a Postgres that stands still does not hear of holds up no end', async () => {
  const record = new ProcessRecord(folder);
  const told = new Deaths(async () => new Promise(() => undefined), record);
  told.seen('gone');
  const beganAtMs = performance.now();
  await told.settle();
  expect(performance.now() - beganAtMs).toBeLessThan(4_000);
});

test('a death that Postgres did not hear of at once is told again', async () => {
  const processId = await comesUp('engine');
  let isAway = true;
  const told = new Deaths(async (id) => {
    if (isAway) throw new Error('Postgres is away');
    await confirm(id);
  }, new ProcessRecord(folder));
  told.seen(processId);
  expect(await living()).toEqual([processId]);
  isAway = false;
  await vi.waitFor(async () => expect(await living()).toEqual([]));
  await told.settle();
});

const confirm = (processId: string): Promise<void> =>
  confirmKilled(books.db, { processId, atMs: Date.now() });

const frozen = () =>
  freeze(
    {
      ...{ db: books.db, mode: 'simulated', operator: 'ada', nowMs: Date.now },
      client: async () => {
        throw new Error('nobody has to be told');
      },
      close: async () => undefined,
    },
    { scope: 'global', cause: 'manual', why: 'a drill', action: 'leave' },
    acknowledgementWait,
  );

/** In force, without waiting for anybody. */
async function freezes(): Promise<void> {
  const freezeId = `fz-${performance.now()}`;
  const why = { cause: 'manual', why: 'a drill', by: 'ada', action: 'leave' } as const;
  await insertFreeze(books.db, { freezeId, scope: { kind: 'global' }, ...why, atMs: Date.now() });
}

/** Started, and never ready. */
async function begins(name: string): Promise<void> {
  const entry = join(folder, 'slow');
  writeFileSync(entry, '#!/bin/sh\nread -r told\n', { mode: 0o755 });
  supervisor.start([{ ...spec(name), entry }]).catch(() => 'it is stopped before it is ready');
  await vi.waitFor(() => expect(named('started')).toHaveLength(1));
}

/** Ready, and registered as a process does it itself. */
async function comesUp(name: string): Promise<string> {
  await supervisor.start([spec(name)]);
  return register(named('started').find((event) => event.name === name));
}

async function register(event: ProcessEvent | undefined): Promise<string> {
  if (event?.kind !== 'started') throw new Error('it has not started');
  const { name: component, processId, pid } = event;
  const process = { component, processId, host: 'desk7', pid, mode: 'simulated' } as const;
  await registerProcess(books.db, { ...process, startedAtMs: Date.now() });
  return processId;
}

/** Acknowledges whatever is in force, as often as a process does. */
function hearing(processId: string): NodeJS.Timeout {
  return setInterval(() => {
    void readControl(books.db).then(({ epoch }) => acknowledge(books.db, processId, epoch));
  }, 50);
}

async function living(): Promise<string[]> {
  return (await acknowledgements(books.db)).map(({ processId }) => processId);
}

function spec(name: string): ProcessSpec {
  return {
    ...{ name, kind: 'native', entry: program, readyTimeoutMs: 20_000, drainMs: 2_000 },
    environment: () => ({ ...process.env, STORY: join(folder, name) }),
  };
}

function named<K extends ProcessEvent['kind']>(kind: K): Extract<ProcessEvent, { kind: K }>[] {
  return events.filter((event) => event.kind === kind) as Extract<ProcessEvent, { kind: K }>[]; // by it
}
