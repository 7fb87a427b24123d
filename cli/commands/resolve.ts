import type { Command } from 'commander';
import type { Freeze } from '../../domain/index.js';
import { type OpenBreak, readControl, resolveBreak } from '../../store/index.js';
import { type Answer, CommandError } from '../answer.js';
import type { Desk } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { resolveUnknown, type SaidOptions, saidEvidence } from './resolve-unknown.js';

export interface ResolveRequest {
  readonly breakId: number;
  readonly why: string;
}

interface ResolveOptions extends DeskOptions, SaidOptions {
  readonly why: string;
}

export function resolveCommand(exit: (code: number) => void): Command {
  return deskCommand(
    'resolve',
    'close a break, or say what became of an unknown order: somebody has looked',
  )
    .argument('<break|intent>', 'the number of a break, or the intent id of a trade')
    .argument('[clientOrderId]', 'an unknown order of that trade, as `legwork orders` shows it')
    .requiredOption('--why <text>', 'for whoever reads the audit later')
    .option('--never-arrived', 'the order: the venue has never had it')
    .option(
      '--filled <trades.json>',
      'the order: all of it traded; [{executionId, quantity, price}]',
    )
    .option('--canceled', 'the order: it is over, and --filled-quantity traded before it was')
    .option('--filled-quantity <contracts>', 'with --canceled: contracts that traded, 0 too')
    .option('--by <name>', 'who says so, if not you')
    .addHelpText(
      'after',
      '\nA break: its pair stays frozen until `legwork unfreeze`.' +
        '\nAn order: a word ends the waiting, never the doubt. Trade rows alone are fills, the pair' +
        '\nstays frozen until the venue has told of the order, and what the venue tells beats the word.' +
        '\nExit codes: 0 closed, taken; 1 wrong input, or the trade does not take the word; 4 no desk,' +
        '\nTemporal or worker answers; 5 no such open break, trade or living trade.',
    )
    .action(async (name: string, clientOrderId: string | undefined, options: ResolveOptions) => {
      exit(
        await answerFrom(options, (desk) => resolveNamed(desk, { name, clientOrderId, options })),
      );
    });
}

interface Named {
  readonly name: string;
  readonly clientOrderId: string | undefined;
  readonly options: ResolveOptions;
}

async function resolveNamed(desk: Desk, { name, clientOrderId, options }: Named): Promise<Answer> {
  const { why } = options;
  if (clientOrderId === undefined) return resolve(desk, { why, breakId: breakIdOf(name) });
  const { by = desk.operator } = options;
  const word = { clientOrderId, evidence: await saidEvidence(options), by, why };
  return resolveUnknown(desk, name, word);
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

function breakIdOf(text: string): number {
  const breakId = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(breakId)) return breakId;
  throw new CommandError(exitCodes.invalid, `"${text}" is not the number of a break`, [
    '`legwork status` lists the open breaks; for an unknown order name its clientOrderId too.',
  ]);
}
