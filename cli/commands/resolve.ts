import { type Command, InvalidArgumentError } from 'commander';
import type { Freeze } from '../../domain/index.js';
import { type OpenBreak, readControl, resolveBreak } from '../../store/index.js';
import { type Answer, CommandError } from '../answer.js';
import type { Desk } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';

export interface ResolveRequest {
  readonly breakId: number;
  readonly why: string;
}

export function resolveCommand(exit: (code: number) => void): Command {
  return deskCommand('resolve', 'close a break: somebody has looked and says why it is over')
    .argument('<breakId>', 'its number, as `legwork status` shows it', parseBreakId)
    .requiredOption('--why <text>', 'for whoever reads the audit later')
    .addHelpText(
      'after',
      '\nIts pair stays frozen until `legwork unfreeze`.' +
        '\nExit codes: 0 closed; 1 wrong input; 4 no desk runs; 5 no such open break.',
    )
    .action(async (breakId: number, options: DeskOptions & Pick<ResolveRequest, 'why'>) => {
      exit(await answerFrom(options, (desk) => resolve(desk, { ...options, breakId })));
    });
}

/** Closes it and names the freezes that came with such breaks: thawing is a decision of its own. */
export async function resolve(desk: Desk, { breakId, why }: ResolveRequest): Promise<Answer> {
  const said = { by: desk.operator, why, atMs: desk.nowMs() };
  const closed = await resolveBreak(desk.db, { ...said, breakId });
  if (!closed) {
    throw new CommandError(exitCodes.notFound, `no open break ${breakId}`, [
      '`legwork status` lists the open breaks.',
    ]);
  }
  const freezes = await freezesOf(desk, closed);
  return {
    exitCode: exitCodes.done,
    data: { closed, freezes: freezes.map(({ freezeId }) => freezeId) },
    text: [
      `closed break ${breakId}: ${closed.kind} ${closed.key}`,
      ...freezes.map(
        ({ freezeId }) => `  its pair is still frozen: legwork unfreeze '${freezeId}' --why "…"`,
      ),
    ].join('\n'),
  };
}

async function freezesOf({ db }: Desk, { pairId }: OpenBreak): Promise<readonly Freeze[]> {
  const { freezes } = await readControl(db);
  return freezes.filter(
    ({ scope, cause }) =>
      cause === 'reconciliation_break' && scope.kind === 'pair' && scope.key === pairId,
  );
}

function parseBreakId(text: string): number {
  const breakId = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(breakId)) return breakId;
  throw new InvalidArgumentError('the number of a break, as `legwork status` shows it');
}
