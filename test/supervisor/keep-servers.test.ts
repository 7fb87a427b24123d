import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { clusterFolder } from '../../stack/folders.js';
import { answersPostgres, answersTemporal, findStack, stopStack } from '../../stack/index.js';
import { keepServers } from '../../workers/supervisor/keep-servers.js';

const folder = mkdtempSync(join(tmpdir(), 'legwork-keep-'));
afterAll(async () => {
  await stopStack(folder);
  rmSync(clusterFolder(folder), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

test('a server that is killed comes back where it was, and a stop leaves neither', async () => {
  const news: string[] = [];
  const servers = await keepServers({
    ...{ folder, namespace: 'legwork-simulated', isDurable: true, lookEveryMs: 25 },
    onTemporalStep: () => undefined,
    onPostgresStep: () => undefined,
    onNews: (line) => news.push(line),
  });
  const before = findStack(folder);
  for (const name of ['postgres', 'temporal']) process.kill(-pidOf(name), 'SIGKILL');
  await vi.waitFor(() => expect(news.at(-1)).toMatch(/ is back$/), { timeout: 30_000 });
  await vi.waitFor(async () => expect(await bothAnswer()).toBe(true), { timeout: 30_000 });
  expect(findStack(folder)).toEqual(before);
  await servers.stop();
  expect(findStack(folder)).toEqual({});
}, 120_000);

async function bothAnswer(): Promise<boolean> {
  const { temporalAddress = '', databaseUrl = '' } = findStack(folder);
  return (await answersTemporal(temporalAddress)) && (await answersPostgres(databaseUrl));
}

function pidOf(name: string): number {
  const state = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as {
    readonly process: { readonly pid: number }; // written by the stack
  };
  return state.process.pid;
}
