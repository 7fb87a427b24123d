import { randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import {
  type Freeze,
  type FreezeAction,
  type FreezeCause,
  freezeCauses,
  isInScope,
} from '../../domain/index.js';
import type { VenueKill } from '../../schemas/venue-kill.js';
import { type Acknowledgement, heldInScope, insertFreeze, openTrades } from '../../store/index.js';
import {
  type Acknowledged,
  acknowledgementWait,
  awaitAcknowledgements,
  type Wait,
} from '../acknowledgements.js';
import type { Answer } from '../answer.js';
import { dataFolder } from '../config.js';
import type { Desk } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { isKilled, killLine, killVenues, type VenueKiller, venueKiller } from '../kill-venues.js';
import { parseScope, scopeText, subjectOf } from '../scope.js';
import { type Told, tellTrades } from '../tell-trades.js';
import { duration } from '../text.js';

export interface FreezeRequest {
  readonly scope: string;
  readonly cause: FreezeCause;
  readonly why: string;
  readonly action: FreezeAction;
  readonly killVenue?: boolean;
}

/** How long is waited for acknowledgements, and who throws the venues' switches. */
export interface FreezeMeans extends Wait {
  readonly kill?: VenueKiller;
}
const means: FreezeMeans = acknowledgementWait;

const actions = ['leave', 'cancel', 'flatten'] as const satisfies readonly FreezeAction[];

export function freezeCommand(exit: (code: number) => void): Command {
  return deskCommand('freeze', 'stop entries; exits go on, by their owner only')
    .requiredOption(
      '--scope <scope>',
      'global, venue:…, account:…, strategy:…, instrument:…, pair:… or workflow:…',
    )
    .addOption(
      new Option('--cause <cause>', 'what happened').choices(freezeCauses).default('manual'),
    )
    .requiredOption('--why <text>', 'for whoever reads the audit later')
    .addOption(
      new Option('--action <action>', 'what becomes of working orders')
        .choices(actions)
        .default('leave'),
    )
    .option(
      '--kill-venue',
      'also throw the switches of the venues in scope: cancel everything of the account there',
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 FROZEN; 3 NOT FROZEN (somebody may still fire) or NOT KILLED; 4 no desk runs.',
    )
    .action(async (options: DeskOptions & FreezeRequest) => {
      const kill = venueKiller(dataFolder(options.data));
      exit(await answerFrom(options, (desk) => freeze(desk, options, { ...means, kill })));
    });
}

/**
 * 1. The freeze is committed with a new epoch before anybody is asked or told.
 * 2. "FROZEN" is said only when every registered process has acknowledged that epoch (DESIGN §8.3).
 * 3. Running trades in scope are told from Postgres' list, whatever visibility says; a trade that
 *    cannot be told changes nothing about 2, because the gate does not ask it.
 */
export async function freeze(
  desk: Desk,
  request: FreezeRequest,
  { kill, ...wait }: FreezeMeans = means,
): Promise<Answer> {
  const frozen = freezeFrom(desk, request);
  const epoch = await insertFreeze(desk.db, frozen);
  const [acknowledged, told, kills, flattened] = await Promise.all([
    awaitAcknowledgements(desk.db, epoch, wait),
    tellRunning(desk, frozen),
    request.killVenue && kill ? killVenues(desk, frozen, kill) : undefined,
    heldInScope(desk.db, frozen.freezeId),
  ]);
  return answerOf({ frozen, epoch, acknowledged, told, flattened, ...(kills && { kills }) });
}

function freezeFrom(desk: Desk, { scope, cause, why, action }: FreezeRequest): Freeze {
  const atMs = desk.nowMs();
  // Short, because it is typed again to lift it; unique, because two may freeze in one millisecond.
  const freezeId = `fz-${atMs.toString(36)}${randomBytes(2).toString('hex')}`;
  return { freezeId, scope: parseScope(scope), cause, why, by: desk.operator, action, atMs };
}

async function tellRunning(desk: Desk, frozen: Freeze): Promise<Told> {
  const trades = await openTrades(desk.db);
  const inScope = trades.filter((trade) => isInScope(frozen, subjectOf(trade)));
  const { cause, why, by, action, freezeId } = frozen;
  return tellTrades(desk, inScope, (handle) => handle.freeze({ cause, why, by, action, freezeId }));
}

interface Outcome {
  readonly frozen: Freeze;
  readonly epoch: number;
  readonly acknowledged: Acknowledged;
  readonly told: Told;
  /** Trades that have ended with a match that custody flattens now. */
  readonly flattened: readonly string[];
  readonly kills?: readonly VenueKill[];
}

function answerOf(outcome: Outcome): Answer {
  const { frozen, epoch, acknowledged, told, flattened, kills } = outcome;
  const isFrozen = acknowledged.missing.length === 0;
  return {
    exitCode: isFrozen && (kills ?? []).every(isKilled) ? exitCodes.done : exitCodes.notFrozen,
    data: {
      ...{ isFrozen, epoch, freeze: frozen, tookMs: Math.round(acknowledged.tookMs) },
      acknowledged: acknowledged.acknowledged.map(({ processId }) => processId),
      missing: acknowledged.missing,
      ...told,
      ...(frozen.action === 'flatten' && { flattened }),
      ...(kills && { kills }),
      ...(!isFrozen && { venueKills }),
    },
    text: [
      isFrozen ? frozenLine(outcome) : notFrozenLines(outcome),
      toldLines(told),
      flattenedLine(outcome),
      killLines(outcome),
    ]
      .flat()
      .join('\n'),
  };
}

function frozenLine({ frozen, epoch, acknowledged }: Outcome): string {
  const by = `${acknowledged.acknowledged.length} processes in ${duration(acknowledged.tookMs)}`;
  return `FROZEN ${scopeText(frozen.scope)}: ${frozen.freezeId}, epoch ${epoch}, acknowledged by ${by}`;
}

function notFrozenLines({ frozen, epoch, acknowledged: { missing } }: Outcome): string[] {
  return [
    `NOT FROZEN ${scopeText(frozen.scope)}: ${frozen.freezeId}, epoch ${epoch}, is committed, but these may still fire:`,
    ...missing.map(missingLine),
    'Kill them and their supervisor confirms it, or stop entries at the venues themselves:',
    `  legwork freeze --scope ${scopeText(frozen.scope)} --why … --kill-venue`,
    ...byHand(),
  ];
}

function missingLine({
  component,
  pid,
  host,
  epochAcknowledged,
  processId,
}: Acknowledgement): string {
  return `  ${component} (pid ${pid} on ${host}, ${processId}): last acknowledged epoch ${epochAcknowledged}`;
}

function toldLines({ told, untold }: Told): string[] {
  return [
    `${told.length} running trades told`,
    ...untold.map(
      ({ workflowId, why }) =>
        `  not told: ${workflowId} (${why}); its entries are stopped all the same`,
    ),
  ];
}

function flattenedLine({ frozen, flattened }: Outcome): string[] {
  if (frozen.action !== 'flatten') return [];
  return [`${flattened.length} held pairs of trades that have ended are flattened by custody`];
}

/** What a venue has not confirmed is left to the operator's hands. */
function killLines({ kills = [], acknowledged }: Outcome): string[] {
  const isOffered = acknowledged.missing.length > 0;
  const isAllKilled = kills.every(isKilled);
  return [...kills.map(killLine), ...(isAllKilled || isOffered ? [] : byHand())];
}

const byHand = (): string[] =>
  Object.entries(venueKills).map(([venue, kill]) => `  ${venue}: ${kill}`);

/** The venues' own switches, for the operator's hands. Source: reference/venues.md 1.11, 2.11. */
const venueKills = {
  kalshi:
    "DELETE /trade-api/v2/portfolio/events/orders; it also takes the next minute's orders, exits among them. Then see that GET /portfolio/orders?status=resting is empty",
  polymarket:
    "DELETE /cancel-all with the account's L2 headers; then see that GET /data/orders is empty",
} as const;
