import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { clusterFolder } from '../../stack/folders.js';
import { findStack, identityOf, stopStack } from '../../stack/index.js';
import { acknowledgements, connect } from '../../store/index.js';
import { comesUp, interrupted, MAIN, type StartedDesk, said } from '../support/desk-up.js';
import { engineProgram } from '../support/native-engine.js';

// A host that stands still is killed by its own supervisor before anybody is told FROZEN.
const folder = join(mkdtempSync(join(tmpdir(), 'legwork-frozen-')), 'data');
/** Whoever has not built it beforehand builds it here. */
const BUILD_MS = 600_000;

let desk: StartedDesk | undefined;
beforeAll(async () => {
  expect(existsSync(MAIN), 'run `npm run build` first').toBe(true);
  desk = await comesUp({ folder, engine: await engineProgram() });
}, BUILD_MS);
afterAll(async () => {
  if (desk) expect(await interrupted(desk.child)).toBe(0);
  await stopStack(folder);
  rmSync(clusterFolder(folder), { recursive: true, force: true });
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

test.each(['engine', 'trading'])(
  'while the %s stands still, FROZEN is said once it is dead, and another takes its place',
  async (name) => {
    const stopped = pidOf(name);
    process.kill(stopped, 'SIGSTOP');
    await diesOfFreeze(name, stopped);
  },
  180_000,
);

test.each(['engine', 'trading'])(
  'while the %s stands still in the middle of its start, FROZEN is said once it is dead',
  async (name) => {
    await diesOfFreeze(name, await stoppedInItsStart(name));
  },
  180_000,
);

async function diesOfFreeze(name: string, stopped: number): Promise<void> {
  const backBefore = timesBack(name);
  const freeze = ['freeze', '--scope', 'global', '--why', 'a drill', '--data', folder];
  const answer = await said(freeze);
  expect(answer.said).toMatch(/^FROZEN global: /);
  expect(answer.code).toBe(0);
  expect(identityOf(stopped)).toBeUndefined();
  expect(lines()).toContainEqual(
    expect.stringMatching(`^${name} \\(pid ${stopped}\\) stands still: `),
  );
  await vi.waitFor(() => expect(pidOf(name)).not.toBe(stopped), WAIT);
  await vi.waitFor(() => expect(timesBack(name)).toBe(backBefore + 1), WAIT);
  expect(
    await said(['unfreeze', freezeIn(answer.said), '--why', 'seen', '--data', folder]),
  ).toMatchObject({ code: 0 });
}

/** Started anew, registered, and stopped before it was ready: once more where that was too late. */
async function stoppedInItsStart(name: string): Promise<number> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const [before, backBefore] = [pidOf(name), timesBack(name)];
    process.kill(before, 'SIGKILL');
    const starting = await registered(name, before);
    process.kill(starting, 'SIGSTOP');
    await delay(50); // what it had said before is heard
    if (timesBack(name) === backBefore) return starting;
    process.kill(starting, 'SIGCONT');
  }
  return expect.fail(`${name} was ready each time before it could be stopped`);
}

const WAIT = { timeout: 60_000, interval: 50 };
/** A start is ready some tenths of a second after its row is there. */
const AT_ONCE = { timeout: 60_000, interval: 2 };

/** Of its next start, as soon as "frozen" waits for it. */
async function registered(name: string, before: number): Promise<number> {
  const { db, close } = connect(findStack(folder).databaseUrl ?? '');
  try {
    return await vi.waitFor(async () => {
      const all = await acknowledgements(db);
      const next = all.find(({ component, pid }) => component === name && pid !== before);
      return next?.pid ?? expect.fail(`no other ${name} is registered`);
    }, AT_ONCE);
  } finally {
    await close();
  }
}

function pidOf(name: string): number {
  const file = readFileSync(join(folder, 'processes.json'), 'utf8');
  const processes = JSON.parse(file) as { name: string; pid: number }[]; // the supervisor's own record
  return processes.find((process) => process.name === name)?.pid ?? 0;
}

const lines = () => desk?.events.map(({ line }) => line) ?? [];
const timesBack = (name: string) => lines().filter((line) => line === `${name} is back`).length;
const freezeIn = (text: string): string => /(fz-\w+)/.exec(text)?.[1] ?? '';
