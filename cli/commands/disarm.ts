import type { Command } from 'commander';
import { isNoWorkflow } from '../../client/index.js';
import { type Answer, CommandError } from '../answer.js';
import { type Desk, within } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { notArmed } from '../not-armed.js';

/** An engine that nobody reaches is given up after five seconds; then its first failure is told. */
const DISARM_WAIT_MS = 10_000;

export interface DisarmRequest {
  readonly why: string;
}

export function disarmCommand(exit: (code: number) => void): Command {
  return deskCommand('disarm', 'have an armed pair fired no more; what was fired is traded on')
    .argument('<pairId>', 'as `legwork armed` prints it')
    .requiredOption('--why <text>', 'for whoever reads the audit later')
    .addHelpText(
      'after',
      '\nExit codes: 0 disarmed, or asked and its engine does not answer yet; 4 Temporal is away; ' +
        '5 the pair is not armed.\nTo stop it at once whatever answers: legwork freeze --scope pair:<pairId>.',
    )
    .action(async (pairId: string, options: DeskOptions & DisarmRequest) => {
      exit(await answerFrom(options, (desk) => disarm(desk, { ...options, pairId })));
    });
}

/** Asks; the lease is closed by itself once each of its shots is a trade. */
export async function disarm(
  desk: Pick<Desk, 'client' | 'operator'>,
  { pairId, why }: DisarmRequest & { readonly pairId: string },
): Promise<Answer> {
  const client = await desk.client();
  const asked = client.armedPair(pairId).disarm({ by: desk.operator, why });
  const taken = await within(DISARM_WAIT_MS, asked, unanswered).catch((error: unknown) => {
    throw isNoWorkflow(error) ? notArmed(pairId) : error;
  });
  const said = taken.isDisarmed ? 'DISARMED' : 'NOT DISARMED YET';
  const text = taken.isDisarmed
    ? `${said}: ${pairId} is fired no more; ${taken.waitsFor}`
    : `${said}: ${taken.waitsFor}; it is not lent anew\n  at once: legwork freeze --scope pair:${pairId}`;
  return { exitCode: exitCodes.done, data: { pairId, ...taken }, text };
}

const unanswered = (): CommandError =>
  new CommandError(exitCodes.unreachable, 'Temporal did not answer; it may have been asked', [
    'Run the command again: asking twice does no harm.',
    'To stop it at once: `legwork freeze --scope pair:<pairId> --why "…"`.',
  ]);
