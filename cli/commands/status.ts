import type { Command } from 'commander';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { deskStatus } from '../desk-status.js';
import { tradeStatus } from '../trade-status.js';

export function statusCommand(exit: (code: number) => void): Command {
  return deskCommand('status', 'how the desk stands, or the story of one trade; needs no worker')
    .argument('[id]', 'the intent id, or its workflow id')
    .addHelpText('after', '\nExit codes: 0 shown; 4 no desk runs; 5 no such trade.')
    .action(async (id: string | undefined, options: DeskOptions) => {
      exit(
        await answerFrom(options, (desk) =>
          id === undefined ? deskStatus(desk) : tradeStatus(desk, id),
        ),
      );
    });
}
