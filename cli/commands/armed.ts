import type { Command } from 'commander';
import type { ArmedHandle } from '../../client/index.js';
import {
  type ArmingState,
  armingWaitsFor,
  budgetLeft,
  type Freeze,
  formatAmount,
  freezeOf,
  type Pair,
  shotsFired,
  toWire,
  venueNames,
} from '../../domain/index.js';
import { readControl } from '../../store/index.js';
import type { Answer } from '../answer.js';
import { type Desk, within } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { table } from '../output.js';
import { clock } from '../text.js';

/** A worker that is busy or gone is not waited for; its pair is shown all the same. */
const STATE_WAIT_MS = 3_000;

export function armedCommand(exit: (code: number) => void): Command {
  return deskCommand('armed', 'pairs that engines fire by themselves, and what is left of each')
    .addHelpText('after', '\nExit codes: 0 shown, also when there is none; 4 Temporal is away.')
    .action(async (options: DeskOptions) => {
      exit(await answerFrom(options, armed));
    });
}

/** An armed pair, as far as its workflow answers. */
interface Known {
  readonly pairId: string;
  readonly state?: ArmingState;
  readonly freeze?: Freeze;
}

export async function armed(desk: Desk): Promise<Answer> {
  const client = await desk.client();
  const { freezes } = await readControl(desk.db);
  const handles = await client.armed();
  const known = await Promise.all(handles.map(async (handle) => knownOf(handle, freezes)));
  return {
    exitCode: exitCodes.done,
    data: known.map(toWire),
    text: armedTable(known, desk.nowMs()),
  };
}

async function knownOf(handle: ArmedHandle, freezes: readonly Freeze[]): Promise<Known> {
  const { pairId } = handle;
  const state = await within(STATE_WAIT_MS, handle.state(), () => new Error('no answer')).catch(
    () => undefined, // shown as one whose state is not known
  );
  if (!state) return { pairId };
  const freeze = freezeOf(freezes, subjectOf(state));
  return { pairId, state, ...(freeze && { freeze }) };
}

/** The engine's gate holds the freezes themselves; here is shown what it finds there. */
function subjectOf({ request, lease, workflowId }: ArmingState) {
  const { account, strategy, pairId } = request;
  const instruments = lease?.pair ? instrumentsOf(lease.pair) : [];
  return { account, strategy, pairId, workflowId, instruments, venues: venueNames };
}

const instrumentsOf = ({ kalshi, polymarket }: Pair) =>
  [kalshi, polymarket].flatMap(({ venue, market }) =>
    (['yes', 'no'] as const).map((outcome) => ({ venue, market, outcome })),
  );

export function armedTable(known: readonly Known[], nowMs: number): string {
  return table(
    [
      'pair',
      'host',
      'fires',
      'edge#',
      'budget#',
      'left#',
      'contracts#',
      'shots#',
      'expires',
      'state',
    ],
    known.map(({ pairId, state, freeze }) => {
      if (!state)
        return [pairId, '?', '?', '?', '?', '?', '?', '?', '?', 'its workflow does not answer'];
      const { request, terms, lease, stage } = state;
      const left = budgetLeft(state);
      const what = freeze ? `FROZEN by ${freeze.freezeId}` : `waits for ${armingWaitsFor(state)}`;
      return [
        ...[pairId, lease?.host ?? '', request.fires, formatAmount(terms.edgeMin)],
        ...[
          formatAmount(request.budget.exposure),
          formatAmount(left.exposure),
          formatAmount(left.contracts),
        ],
        ...[String(shotsFired(state)), clock(request.expiresAtMs, nowMs)],
        ...[`${stage}: ${what}`],
      ];
    }),
  );
}
