import { existsSync, readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { type History, historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Command } from 'commander';
import { isNoWorkflow } from '../../client/index.js';
import { type Answer, CommandError, failure } from '../answer.js';
import type { Desk } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { print, table } from '../output.js';
import { historyLines } from '../replay/history-lines.js';
import { builtBundle, type Replay, replayHistory } from '../replay/replay-history.js';
import { clockMs, shortened } from '../text.js';
import { workflowIdFrom } from '../trade-name.js';

/** What a row may show of a value that can be pages long. */
const TEXT_LENGTH_MAX = 120;
/** A workflow id that is not a trade's is given whole. */
const OTHER_WORKFLOW = /^(custody|parent-order|arm)\//;

export function replayCommand(exit: (code: number) => void): Command {
  return deskCommand('replay', 'whether the workflows of today decide what a history decided')
    .argument('<id|file>', 'a trade (its intent or workflow id), or a history file in JSON')
    .addHelpText(
      'after',
      [
        '',
        'A file is what `temporal workflow show --output json` writes; it needs no running desk.',
        '',
        'Exit codes: 0 it replays; 8 it does not, and where; 1 wrong input; 4 no desk runs; 5 there',
        'is no workflow by that name.',
      ].join('\n'),
    )
    .action(async (source: string, options: DeskOptions) => {
      exit(existsSync(source) ? await ofFile(source, options) : await ofDesk(source, options));
    });
}

/** Replays a kept history and tells what was decided in it. Throws `CommandError`. */
export async function replay(
  name: string,
  history: History,
  codePath = builtBundle(),
): Promise<Answer> {
  const lines = historyLines(history.events ?? []);
  if (lines.length === 0) {
    throw new CommandError(exitCodes.invalid, `${name} holds no history of a workflow`, [
      'Write one with `temporal workflow show --workflow-id <id> --output json`.',
    ]);
  }
  const result = await replayHistory({ workflowId: name, history, codePath });
  return {
    exitCode: result.kind === 'replays' ? exitCodes.done : exitCodes.differs,
    data: { name, ...result, decisions: lines },
    text: [...decisions(lines, result), '', ending(name, history, result)].join('\n'),
  };
}

async function ofFile(path: string, { json }: DeskOptions): Promise<number> {
  let answer: Answer;
  try {
    answer = await replay(path, historyIn(path));
  } catch (error) {
    answer = failure(error);
  }
  return print(answer, json === true);
}

function ofDesk(id: string, options: DeskOptions): Promise<number> {
  return answerFrom(options, async (desk) => {
    const workflowId = OTHER_WORKFLOW.test(id) ? id : workflowIdFrom(id);
    return replayRuns(workflowId, await historiesOf(desk, workflowId));
  });
}

/** One that lasts goes on in new runs, each with a history of its own. */
export async function replayRuns(
  workflowId: string,
  histories: readonly History[],
  codePath = builtBundle(),
): Promise<Answer> {
  const [only, ...more] = histories;
  if (only && more.length === 0) return replay(workflowId, only, codePath);
  const runs: Answer[] = [];
  for (const [index, history] of histories.entries()) {
    const name = `${workflowId}, run ${index + 1} of ${histories.length}`;
    runs.push(await replay(name, history, codePath));
  }
  const parted = runs.find(({ exitCode }) => exitCode === exitCodes.differs);
  return {
    exitCode: parted ? exitCodes.differs : exitCodes.done,
    data: { name: workflowId, kind: parted ? 'differs' : 'replays', runs: runs.map(dataOf) },
    text: runs.map(({ text }) => text).join('\n\n'),
  };
}

const dataOf = ({ data }: Answer): unknown => data;

async function historiesOf(desk: Desk, workflowId: string): Promise<readonly History[]> {
  const client = await desk.client();
  try {
    return await client.histories(workflowId);
  } catch (error) {
    if (!isNoWorkflow(error)) throw error;
    throw new CommandError(exitCodes.notFound, `Temporal has no workflow ${workflowId}`, [
      'Histories are kept for 30 days; what Postgres holds of it: `legwork status <id>`.',
    ]);
  }
}

function historyIn(path: string): History {
  try {
    return historyFromJSON(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(exitCodes.invalid, `${path} is not a history in JSON: ${reason}`, [
      'Write one with `temporal workflow show --workflow-id <id> --output json`.',
    ]);
  }
}

function decisions(lines: ReturnType<typeof historyLines>, result: Replay): readonly string[] {
  const nowMs = lines.at(-1)?.atMs ?? 0;
  const parts = (eventId: number): string =>
    result.kind === 'differs' && result.eventId === eventId ? '← here' : '';
  return [
    table(
      ['event#', 'time', 'what', 'about', ''],
      lines.map(({ eventId, atMs, event, text }) => [
        ...[String(eventId), clockMs(atMs, nowMs), event],
        ...[shortened(text, TEXT_LENGTH_MAX), parts(eventId)],
      ]),
    ),
  ];
}

function ending(name: string, { events }: History, result: Replay): string {
  const count = `${String(events?.length ?? 0)} events`;
  if (result.kind === 'replays') {
    return styleText('green', `${name} replays: ${count}, every decision is the same today`);
  }
  const where = result.eventId === undefined ? '' : ` at event ${String(result.eventId)}`;
  return [
    styleText('red', `${name} does not replay: today's workflow decides otherwise${where}`),
    `  ${result.reason}`,
    '  A change of behaviour needs a named patch; until then keep these trades on the old worker.',
  ].join('\n');
}
