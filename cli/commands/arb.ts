import type { Command } from 'commander';
import {
  IntentConflictError,
  InvalidIntentError,
  type StartedArbitrage,
} from '../../client/index.js';
import { type Answer, CommandError } from '../answer.js';
import type { Desk } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { readJson } from '../read-json.js';
import { intentIdFrom } from '../trade-name.js';

export function arbCommand(exit: (code: number) => void): Command {
  return deskCommand('arb', 'hand over one arbitrage and print its verdict')
    .argument('<file.json>', 'the intent, or - to read it from stdin')
    .addHelpText(
      'after',
      '\nExit codes: 0 approved; 1 the intent is invalid; 2 denied; 4 Temporal is away; ' +
        '6 the id is taken by another intent.\nAsked again with the same intent it prints the same verdict and starts nothing.',
    )
    .action(async (file: string, options: DeskOptions) => {
      exit(await answerFrom(options, async (desk) => arb(desk, await readIntent(file))));
    });
}

/** The verdict, by name. What is wrong with an intent is listed in full; then nothing was started. */
export async function arb(desk: Pick<Desk, 'client'>, intent: unknown): Promise<Answer> {
  const client = await desk.client();
  try {
    return answerOf(await client.arbitrage(intent));
  } catch (error) {
    return refusal(error);
  }
}

function answerOf({ verdict, handle }: StartedArbitrage): Answer {
  const intentId = intentIdFrom(handle.workflowId);
  const data = { workflowId: handle.workflowId, verdict };
  const follow = `follow it with \`legwork status ${intentId}\``;
  if (verdict.kind === 'approved') {
    return { exitCode: exitCodes.done, data, text: `approved ${intentId}; ${follow}` };
  }
  const { code, ...numbers } = verdict.denial;
  const why = Object.entries(numbers).map(([name, value]) => `${name} ${String(value)}`);
  const text = [`denied ${intentId}: ${code}`, ...why.map((line) => `  ${line}`)].join('\n');
  return { exitCode: exitCodes.denied, data, text };
}

function refusal(error: unknown): Answer {
  if (error instanceof InvalidIntentError) {
    const lines = error.problems.map(({ path, message }) => `  ${path}: ${message}`);
    return {
      exitCode: exitCodes.invalid,
      data: { error: 'invalid intent', problems: error.problems },
      text: ['error: the intent is invalid, nothing was started', ...lines].join('\n'),
    };
  }
  if (error instanceof IntentConflictError) {
    throw new CommandError(exitCodes.conflict, error.message, ['Choose a new intentId.']);
  }
  throw error;
}

/** The JSON of a file or of stdin; who asks sees the file's name in what goes wrong. */
export const readIntent = (file: string): Promise<unknown> => readJson(file, 'one intent');
