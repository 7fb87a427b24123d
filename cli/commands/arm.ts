import type { Command } from 'commander';
import { InvalidArmRequestError, PairArmedError, type StartedArming } from '../../client/index.js';
import { type Answer, CommandError } from '../answer.js';
import type { Desk } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { readJson } from '../read-json.js';

export function armCommand(exit: (code: number) => void): Command {
  return deskCommand('arm', 'lend a pair to the engine that owns it, and have it fire by itself')
    .argument('<file.json>', 'what is to be armed, or - to read it from stdin')
    .addHelpText(
      'after',
      '\nExit codes: 0 armed; 1 the request is invalid; 2 denied; 4 Temporal is away; ' +
        '6 the pair is armed by another request, or being disarmed.\n' +
        'Asked again with the same request while it is armed it prints the same verdict.',
    )
    .action(async (file: string, options: DeskOptions) => {
      exit(await answerFrom(options, async (desk) => arm(desk, await readRequest(file))));
    });
}

/** The verdict, by name. What is wrong with a request is listed in full; then nothing was started. */
export async function arm(desk: Pick<Desk, 'client'>, request: unknown): Promise<Answer> {
  const client = await desk.client();
  try {
    return answerOf(await client.arm(request));
  } catch (error) {
    return refusal(error);
  }
}

function answerOf({ verdict, handle }: StartedArming): Answer {
  const { pairId, workflowId } = handle;
  const data = { workflowId, verdict };
  if (verdict.kind === 'armed') {
    const text = `armed ${pairId} at ${verdict.host}; see \`legwork armed\``;
    return { exitCode: exitCodes.done, data, text };
  }
  const { code, ...numbers } = verdict.denial;
  const why = Object.entries(numbers).map(([name, value]) => `  ${name} ${String(value)}`);
  const text = [`denied ${pairId}: ${code}`, ...why].join('\n');
  return { exitCode: exitCodes.denied, data, text };
}

function refusal(error: unknown): Answer {
  if (error instanceof InvalidArmRequestError) {
    const lines = error.problems.map(({ path, message }) => `  ${path}: ${message}`);
    return {
      exitCode: exitCodes.invalid,
      data: { error: 'invalid request', problems: error.problems },
      text: ['error: the request is invalid, nothing was started', ...lines].join('\n'),
    };
  }
  if (error instanceof PairArmedError) {
    throw new CommandError(exitCodes.conflict, error.message, [
      '`legwork armed` shows it; `legwork disarm <pair> --why "…"` ends it.',
    ]);
  }
  throw error;
}

const readRequest = (file: string): Promise<unknown> => readJson(file, 'one request to arm a pair');
