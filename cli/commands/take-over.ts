import { type Command, Option } from 'commander';
import {
  type Admission,
  type CustodyPlace,
  type CustodyPolicy,
  custodyOf,
  custodyPlaceOfTrade,
  custodyPolicies,
  fromWire,
} from '../../domain/index.js';
import {
  findIntent,
  type StoredIntent,
  type TakenOver,
  takeOverExit,
  tradeRows,
} from '../../store/index.js';
import { type Answer, CommandError } from '../answer.js';
import { type Desk, within } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { instrumentText } from '../text.js';
import { intentIdFrom } from '../trade-name.js';

export interface TakeOverRequest {
  readonly why: string;
  readonly policy?: CustodyPolicy;
}

const SIGNAL_WAIT_MS = 3_000;

export function takeOverCommand(exit: (code: number) => void): Command {
  return deskCommand(
    'take-over',
    'give the exits of a trade that is stuck to custody; needs neither its workflow nor a worker',
  )
    .argument('<id>', 'the intent id, or its workflow id')
    .requiredOption('--why <text>', 'for whoever reads the audit later')
    .addOption(
      new Option(
        '--policy <policy>',
        'what custody does with what the trade holds (default: as the desk says)',
      ).choices(custodyPolicies),
    )
    .addHelpText(
      'after',
      '\nThe trade itself can send no exit any more, also when it recovers.' +
        '\nExit codes: 0 taken over, or it had ended; 4 nothing is known, or Temporal is away and' +
        '\ncustody is not told yet; 5 no such trade, or none that was ever admitted.',
    )
    .action(async (id: string, options: DeskOptions & TakeOverRequest) => {
      exit(await answerFrom(options, (desk) => takeOver(desk, { ...options, id })));
    });
}

/**
 * 1. Ownership moves first, by the database alone: from this commit on the trade can send no exit.
 * 2. Then custody is told, and started by that; while no worker runs it waits in Temporal for one.
 * 3. Where Temporal does not answer, the sweep finds the trade by its new owner.
 */
export async function takeOver(
  desk: Desk,
  { id, why, policy }: TakeOverRequest & { readonly id: string },
): Promise<Answer> {
  const trade = await tradeOf(desk, id);
  if (trade.result) return ended(trade, trade.result.kind);
  const place = await placeOf(desk, trade);
  const { workflowId } = trade;
  const said = { workflowId, by: desk.operator, why };
  const taken = await takeOverExit(desk.db, {
    ...said,
    holder: custodyOf(place),
    atMs: desk.nowMs(),
  });
  if (!taken) return ended(await tradeOf(desk, id), 'closed meanwhile');
  const untold = await tellCustody(desk, place, { ...said, ...(policy && { policy }) });
  return answerOf({ trade, place, taken, ...(untold !== undefined && { untold }) });
}

async function tradeOf(desk: Desk, id: string): Promise<StoredIntent> {
  const intentId = intentIdFrom(id);
  const trade = await findIntent(desk.db, intentId);
  if (trade) return trade;
  throw new CommandError(exitCodes.notFound, `there is no trade "${intentId}"`, [
    '`legwork status` lists the latest ones.',
  ]);
}

/** Custody of the leg that is held in excess: what it has to get out of. */
async function placeOf(
  desk: Desk,
  { admission: wire, ...trade }: StoredIntent,
): Promise<CustodyPlace> {
  const admission = wire && fromWire<Admission>(wire);
  if (admission?.kind !== 'approved') {
    throw new CommandError(
      exitCodes.notFound,
      `${trade.intentId} was never approved: it has no exits`,
      ['`legwork cancel` stops a trade before it fires.'],
    );
  }
  return custodyPlaceOfTrade(admission.entries, await tradeRows(desk.db, trade.workflowId));
}

type Adopted = Parameters<Awaited<ReturnType<Desk['client']>>['custody']['adoptTrade']>[1];

/** Why custody could not be told; `undefined` where it was. */
async function tellCustody(
  desk: Desk,
  place: CustodyPlace,
  adopted: Adopted,
): Promise<string | undefined> {
  try {
    const { custody } = await desk.client();
    const told = custody.adoptTrade(place, adopted);
    await within(SIGNAL_WAIT_MS, told, () => new Error('no answer'));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Outcome {
  readonly trade: StoredIntent;
  readonly place: CustodyPlace;
  readonly taken: TakenOver;
  readonly untold?: string;
}

function answerOf({ trade, place, taken, untold }: Outcome): Answer {
  const { intentId, workflowId } = trade;
  const { before, now } = taken;
  const isNew = before.epoch !== now.epoch;
  return {
    exitCode: untold === undefined ? exitCodes.done : exitCodes.unreachable,
    data: {
      workflowId,
      ...taken,
      isNew,
      custody: now.holder,
      ...(untold !== undefined && { untold }),
    },
    text: [
      `${isNew ? 'TAKEN OVER' : 'was taken over before'}: the exits of ${intentId} belong to ${now.holder}, epoch ${now.epoch}`,
      ...(isNew
        ? [`  before: ${before.holder}, epoch ${before.epoch}; it can send no exit any more`]
        : []),
      ...(untold === undefined
        ? [
            `  custody of ${instrumentText(place.instrument)} is told; it starts with the next worker where none runs`,
            `  follow it: legwork status ${intentId}`,
          ]
        : [
            `NOT TOLD: custody does not know yet (${untold})`,
            '  run the command again when Temporal answers; the next sweep tells it, too',
          ]),
    ].join('\n'),
  };
}

function ended({ intentId, workflowId }: StoredIntent, kind: string): Answer {
  return {
    exitCode: exitCodes.done,
    data: { workflowId, isEnded: true, kind },
    text: `${intentId} has ended already: ${kind}; nothing is taken over`,
  };
}
