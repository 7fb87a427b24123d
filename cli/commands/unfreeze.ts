import { type Command, Option } from 'commander';
import { type Freeze, isInScope, isTerminal } from '../../domain/index.js';
import { findOrders, liftFreeze, openTrades, readControl } from '../../store/index.js';
import { type Answer, CommandError } from '../answer.js';
import type { Desk } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { parseScope, scopeText, subjectOf } from '../scope.js';
import { type Told, tellTrades } from '../tell-trades.js';
import { intentIdFrom } from '../trade-name.js';
import { type BreakerRequest, breakers, resetBreakerOf } from './reset-breaker.js';

export interface UnfreezeRequest {
  readonly freezeId?: string | undefined;
  /** Every freeze in force with exactly this scope. */
  readonly scope?: string;
  readonly why: string;
}

export function unfreezeCommand(exit: (code: number) => void): Command {
  return deskCommand('unfreeze', 'lift a freeze, by its id or all of one scope, or reset a breaker')
    .argument('[freezeId]', 'as `legwork freeze` and `legwork status` print it')
    .option('--scope <scope>', 'lift every freeze with exactly this scope')
    .addOption(new Option('--breaker <name>', 'reset this breaker instead').choices(breakers))
    .option('--account <name>', 'with --breaker: of this account')
    .option('--pair <pairId>', 'with --breaker: of one pair only, not of the total')
    .requiredOption('--why <text>', 'for whoever reads the audit later')
    .addHelpText(
      'after',
      '\nExit codes: 0 lifted or reset; 1 wrong input; 4 no desk runs; 5 no such freeze in force, ' +
        'or no such account; 7 the freeze waits for evidence about an order.',
    )
    .action(async (freezeId: string | undefined, options: UnfreezeOptions) => {
      exit(await answerFrom(options, (desk) => undo(desk, { ...options, freezeId })));
    });
}

type UnfreezeOptions = DeskOptions & UnfreezeRequest & Partial<BreakerRequest>;

async function undo(desk: Desk, request: UnfreezeOptions): Promise<Answer> {
  const { breaker, freezeId, scope, account, pair } = request;
  if (breaker === undefined) {
    if (account === undefined && pair === undefined) return unfreeze(desk, request);
    throw new CommandError(exitCodes.invalid, '--account and --pair belong to --breaker', [
      'To lift the freezes of a pair, use --scope pair:….',
    ]);
  }
  if (freezeId === undefined && scope === undefined) {
    return resetBreakerOf(desk, { ...request, breaker });
  }
  throw new CommandError(exitCodes.invalid, 'name a freeze or a --breaker, not both');
}

/** Lifts what was named and tells the running trades. An overlapping freeze still holds what it holds. */
export async function unfreeze(desk: Desk, request: UnfreezeRequest): Promise<Answer> {
  const named = await namedFreezes(desk, request);
  await refuseOpenDoubt(desk, named);
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

/** The desk froze these itself over an order that nobody knows enough about; only evidence does. */
async function refuseOpenDoubt(desk: Desk, named: readonly Freeze[]): Promise<void> {
  const waiting = named.flatMap(({ freezeId, liftsWhenResolved: clientOrderId }) =>
    clientOrderId === undefined ? [] : [{ freezeId, clientOrderId }],
  );
  const ids = waiting.map(({ clientOrderId }) => clientOrderId);
  const inDoubt = (await findOrders(desk.db, ids)).filter(({ status }) => !isTerminal(status));
  const [first] = inDoubt;
  if (!first) return;
  const { clientOrderId, workflowId } = first.order;
  const held = waiting.find((freeze) => freeze.clientOrderId === clientOrderId);
  throw new CommandError(
    exitCodes.evidenceOnly,
    `${held?.freezeId ?? ''} waits for evidence about order ${clientOrderId}, which is ${first.status}; nothing was lifted`,
    [
      'It lifts by itself when the order is found, ended or proved absent.',
      `\`legwork status ${intentIdFrom(workflowId)}\` says what is being asked.`,
    ],
  );
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
