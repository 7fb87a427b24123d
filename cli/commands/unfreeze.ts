import type { Command } from 'commander';
import { type Freeze, isInScope } from '../../domain/index.js';
import { liftFreeze, openTrades, readControl } from '../../store/index.js';
import { type Answer, CommandError } from '../answer.js';
import type { Desk } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { parseScope, scopeText, subjectOf } from '../scope.js';
import { type Told, tellTrades } from '../tell-trades.js';

export interface UnfreezeRequest {
  readonly freezeId?: string | undefined;
  /** Every freeze in force with exactly this scope. */
  readonly scope?: string;
  readonly why: string;
}

export function unfreezeCommand(exit: (code: number) => void): Command {
  return deskCommand('unfreeze', 'lift a freeze, by its id or all of one scope')
    .argument('[freezeId]', 'as `legwork freeze` and `legwork status` print it')
    .option('--scope <scope>', 'lift every freeze with exactly this scope')
    .requiredOption('--why <text>', 'for whoever reads the audit later')
    .addHelpText(
      'after',
      '\nExit codes: 0 lifted; 1 wrong input; 4 no desk runs; 5 no such freeze in force.',
    )
    .action(async (freezeId: string | undefined, options: DeskOptions & UnfreezeRequest) => {
      exit(await answerFrom(options, (desk) => unfreeze(desk, { ...options, freezeId })));
    });
}

/** Lifts what was named and tells the running trades. An overlapping freeze still holds what it holds. */
export async function unfreeze(desk: Desk, request: UnfreezeRequest): Promise<Answer> {
  const named = await namedFreezes(desk, request);
  const lifted: Freeze[] = [];
  let epoch = 0;
  for (const frozen of named) {
    const { freezeId } = frozen;
    const thaw = { freezeId, by: desk.operator, why: request.why, atMs: desk.nowMs() };
    const liftedEpoch = await liftFreeze(desk.db, thaw);
    if (liftedEpoch === undefined) continue; // somebody was quicker
    epoch = liftedEpoch;
    lifted.push(frozen);
  }
  const told = await Promise.all(lifted.map(async (frozen) => tellRunning(desk, frozen)));
  return answerOf(lifted, epoch, told);
}

async function namedFreezes(desk: Desk, request: UnfreezeRequest): Promise<readonly Freeze[]> {
  const { freezeId, scope } = request;
  if ((freezeId === undefined) === (scope === undefined)) {
    throw new CommandError(exitCodes.invalid, 'name one freeze by its id, or a --scope', [
      '`legwork status` lists the freezes in force.',
    ]);
  }
  const wanted = scope === undefined ? undefined : scopeText(parseScope(scope));
  const { freezes } = await readControl(desk.db);
  const named = freezes.filter((frozen) =>
    wanted === undefined ? frozen.freezeId === freezeId : scopeText(frozen.scope) === wanted,
  );
  if (named.length > 0) return named;
  throw new CommandError(exitCodes.notFound, `no freeze in force: ${freezeId ?? wanted ?? ''}`, [
    '`legwork status` lists the freezes in force.',
  ]);
}

async function tellRunning(desk: Desk, frozen: Freeze): Promise<Told> {
  const trades = await openTrades(desk.db);
  const inScope = trades.filter((trade) => isInScope(frozen, subjectOf(trade)));
  const { operator: by } = desk;
  return tellTrades(desk, inScope, (handle) => handle.unfreeze({ by, freezeId: frozen.freezeId }));
}

function answerOf(lifted: readonly Freeze[], epoch: number, told: readonly Told[]): Answer {
  const toldCount = told.flatMap((each) => each.told).length;
  const untold = told.flatMap((each) => each.untold);
  return {
    exitCode: exitCodes.done,
    data: { epoch, lifted, told: told.flatMap((each) => each.told), untold },
    text: [
      ...lifted.map(
        (frozen) => `lifted ${frozen.freezeId} (${scopeText(frozen.scope)}), epoch ${epoch}`,
      ),
      `${toldCount} running trades told`,
      ...untold.map(({ workflowId, why }) => `  not told: ${workflowId} (${why})`),
    ].join('\n'),
  };
}
