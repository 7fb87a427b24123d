import { type History, historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { beforeAll, expect, test } from 'vitest';
import { CommandError } from '../../cli/answer.js';
import { replay } from '../../cli/commands/replay.js';
import { recordedHistories } from '../replay/history-file.js';
import { testWorkflowBundle } from '../support/stack.js';

let codePath = '';
beforeAll(async () => {
  ({ codePath } = await testWorkflowBundle());
});

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

test('what holds no events is no history', async () => {
  await expect(replay('empty.json', { events: [] }, codePath)).rejects.toThrow(CommandError);
});

function historyOf(name: string, change = (text: string): string => text): History {
  const recorded = recordedHistories().find((one) => one.name === name);
  if (!recorded) throw new Error(`no history ${name} is recorded`);
  return historyFromJSON(JSON.parse(change(recorded.text)));
}
