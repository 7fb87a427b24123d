import type { Command } from 'commander';
import { ArmingRefusedError, isNoWorkflow, type TermsTaken } from '../../client/index.js';
import { type Answer, CommandError } from '../answer.js';
import { type Desk, within } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { notArmed } from '../not-armed.js';
import { readJson } from '../read-json.js';

/** An engine that takes longer is away; its workflow goes on asking it. */
const TOLD_WAIT_MS = 10_000;

export function changeTermsCommand(exit: (code: number) => void): Command {
  return deskCommand('change-terms', 'have an armed pair fired by other terms, within its grant')
    .argument('<pairId>', 'as `legwork armed` prints it')
    .argument('<file.json>', 'contractsMax, edgeMin and validMs, or - to read them from stdin')
    .addHelpText(
      'after',
      '\nExit codes: 0 its engine has them; 1 they are invalid, or more than was granted; ' +
        '4 Temporal or its engine is away; 5 the pair is not armed.\n' +
        'A larger budget is a new arming: disarm the pair, and arm it again.',
    )
    .action(async (pairId: string, file: string, options: DeskOptions) => {
      exit(
        await answerFrom(options, async (desk) =>
          changeTerms(desk, pairId, await readJson(file, 'the new terms of an armed pair')),
        ),
      );
    });
}

/** The terms as its engine has them; where it was disarmed meanwhile, that. */
export async function changeTerms(
  desk: Pick<Desk, 'client'>,
  pairId: string,
  terms: unknown,
): Promise<Answer> {
  const client = await desk.client();
  const asked = client.armedPair(pairId).changeTerms(terms);
  return answerOf(pairId, await within(TOLD_WAIT_MS, asked, unanswered).catch(told(pairId)));
}

function answerOf(pairId: string, taken: TermsTaken): Answer {
  const { contractsMax, edgeMin, validMs } = taken.terms;
  const terms = `contractsMax ${contractsMax}, edgeMin ${edgeMin}, validMs ${validMs}`;
  const data = { pairId, ...taken };
  if (!taken.isTold) {
    return { exitCode: exitCodes.notFound, data, text: `NOT TOLD: ${pairId} is being disarmed` };
  }
  return { exitCode: exitCodes.done, data, text: `${pairId} is fired by ${terms}` };
}

const told = (pairId: string) => (error: unknown) => {
  if (isNoWorkflow(error)) throw notArmed(pairId);
  if (error instanceof ArmingRefusedError) {
    throw new CommandError(exitCodes.invalid, error.message, ['Its terms are as they were.']);
  }
  throw error;
};

const unanswered = (): CommandError =>
  new CommandError(exitCodes.unreachable, 'its engine has not taken the new terms yet', [
    'They are tried until it does; `legwork armed` shows what the pair waits for.',
  ]);
