import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { clusterFolder } from '../../stack/folders.js';
import { identityOf, stopStack } from '../../stack/index.js';
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
    const freeze = ['freeze', '--scope', 'global', '--why', 'a drill', '--data', folder];
    const answer = await said(freeze);
    expect(answer.said).toMatch(/^FROZEN global: /);
    expect(answer.code).toBe(0);
    expect(identityOf(stopped)).toBeUndefined();
    expect(lines()).toContainEqual(
      expect.stringMatching(`^${name} \\(pid ${stopped}\\) stands still: `),
    );
    await vi.waitFor(() => expect(pidOf(name)).not.toBe(stopped), WAIT);
    await vi.waitFor(() => expect(lines()).toContain(`${name} is back`), WAIT);
    expect(
      await said(['unfreeze', freezeIn(answer.said), '--why', 'seen', '--data', folder]),
    ).toMatchObject({ code: 0 });
  },
  180_000,
);

const WAIT = { timeout: 60_000, interval: 50 };

function pidOf(name: string): number {
  const file = readFileSync(join(folder, 'processes.json'), 'utf8');
  const processes = JSON.parse(file) as { name: string; pid: number }[]; // the supervisor's own record
  return processes.find((process) => process.name === name)?.pid ?? 0;
}

const lines = () => desk?.events.map(({ line }) => line);
const freezeIn = (text: string): string => /(fz-\w+)/.exec(text)?.[1] ?? '';
