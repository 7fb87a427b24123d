import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type History, historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CommandError } from '../../cli/answer.js';
import { replay, replayRuns } from '../../cli/commands/replay.js';
import { packageRoot } from '../../stack/index.js';
import { recordedHistories } from '../replay/history-file.js';
import { testWorkflowBundle } from '../support/stack.js';

const folder = mkdtempSync(join(tmpdir(), 'legwork-replay-'));
let codePath = '';
beforeAll(async () => {
  ({ codePath } = await testWorkflowBundle());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a history that replays is told as the desk decided it, with exit code 0', async () => {
  const answer = await replay('matched.json', historyOf('matched'), codePath);
  expect(answer.exitCode).toBe(0);
  expect(answer.text).toMatch(/answered +admit: approved/);
  expect(answer.text).toMatch(/asked for +fireLegs/);
  expect(answer.text).toMatch(/answered +fireLegs: accepted filled \| accepted filled/);
  expect(answer.text).toMatch(/completed +matched/);
  expect(answer.text).toMatch(/matched\.json replays: \d+ events, every decision is the same/);
});

test('a history that does not replay says in which event it parts, with exit code 8', async () => {
  const altered = historyOf('matched', (text) => text.replaceAll('"fireLegs"', '"fireLegsTwice"'));
  const answer = await replay('altered.json', altered, codePath);
  expect(answer.exitCode).toBe(8);
  expect(answer.text).toMatch(/\n +\d+ .*asked for +fireLegsTwice +← here/);
  expect(answer.text).toMatch(/decides otherwise at event \d+\n +\[TMPRL1100\] Nondeterminism/);
  expect(answer.data).toMatchObject({ kind: 'differs' });
});

test('of a trade that went on in new runs each is told, and one that differs is enough', async () => {
  const [first, second] = [historyOf('continued'), historyOf('matched')];
  const answer = await replayRuns('arbitrage/long', [first, second], codePath);
  expect(answer.exitCode).toBe(0);
  expect(answer.text).toMatch(/arbitrage\/long, run 1 of 2 replays: \d+ events/);
  expect(answer.text).toMatch(/arbitrage\/long, run 2 of 2 replays: \d+ events/);
  expect(answer.data).toMatchObject({ kind: 'replays', runs: [{ kind: 'replays' }, {}] });

  const altered = historyOf('matched', (text) => text.replaceAll('"fireLegs"', '"fireLegsTwice"'));
  const parted = await replayRuns('arbitrage/long', [first, altered], codePath);
  expect(parted.exitCode).toBe(8);
  expect(parted.data).toMatchObject({ kind: 'differs', runs: [{ kind: 'replays' }, {}] });
});

test('what holds no events is no history', async () => {
  await expect(replay('empty.json', { events: [] }, codePath)).rejects.toThrow(CommandError);
});

test.each([
  ['one that replays', (text: string) => text, 0, /matched\.json replays: \d+ events/],
  [
    'one that does not',
    (text: string) => text.replaceAll('"fireLegs"', '"fireLegsTwice"'),
    8,
    /decides otherwise at event \d+/,
  ],
  ['what is no JSON', (text: string) => text.slice(1), 1, /is not a history in JSON/],
] as const)('the command takes a file: %s', (...[, change, exitCode, said]) => {
  const file = join(folder, 'matched.json');
  writeFileSync(file, change(textOf('matched')));
  const main = join(packageRoot(), 'dist', 'cli', 'main.js');
  // What `npm run build` made, as a person types it; no desk runs.
  const ran = spawnSync(process.execPath, [main, 'replay', file], { encoding: 'utf8' });
  const told = stripVTControlCharacters(`${ran.stdout}${ran.stderr}`);
  expect(ran.status, told).toBe(exitCode);
  expect(told).toMatch(said);
});

function historyOf(name: string, change = (text: string): string => text): History {
  return historyFromJSON(JSON.parse(change(textOf(name))));
}

function textOf(name: string): string {
  const recorded = recordedHistories().find((one) => one.name === name);
  if (!recorded) throw new Error(`no history ${name} is recorded`);
  return recorded.text;
}
