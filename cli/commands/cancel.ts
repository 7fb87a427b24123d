import type { Command } from 'commander';
import { findIntent } from '../../store/index.js';
import { type Answer, CommandError } from '../answer.js';
import { type Desk, within } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { intentIdFrom } from '../trade-name.js';

const CANCEL_WAIT_MS = 3_000;

export function cancelCommand(exit: (code: number) => void): Command {
  return deskCommand(
    'cancel',
    'no new risk for one trade; what is on the wire is resolved and exited',
  )
    .argument('<id>', 'the intent id, or its workflow id')
    .addHelpText(
      'after',
      '\nExit codes: 0 asked, or it had ended; 4 Temporal is away; 5 no such trade.',
    )
    .action(async (id: string, options: DeskOptions) => {
      exit(await answerFrom(options, (desk) => cancel(desk, id)));
    });
}

/** Asks; the trade ends by itself once nothing of it is open. Asking again does no harm. */
export async function cancel(desk: Desk, id: string): Promise<Answer> {
  const intentId = intentIdFrom(id);
  const known = await findIntent(desk.db, intentId);
  if (!known) {
    throw new CommandError(exitCodes.notFound, `there is no trade "${intentId}"`, [
      '`legwork status` lists the latest ones.',
    ]);
  }
  const { workflowId, result } = known;
  if (result) {
    const text = `${intentId} has ended already: ${result.kind}`;
    return {
      exitCode: exitCodes.done,
      data: { workflowId, isEnded: true, kind: result.kind },
      text,
    };
  }
  const client = await desk.client();
  await within(
    CANCEL_WAIT_MS,
    client.trade(intentId).cancel(),
    () =>
      new CommandError(exitCodes.unreachable, 'Temporal did not answer; it may have been asked', [
        'Run the command again: asking twice does no harm.',
      ]),
  );
  return {
    exitCode: exitCodes.done,
    data: { workflowId, isEnded: false },
    text: `asked ${intentId} to cancel; follow it with \`legwork status ${intentId}\``,
  };
}
