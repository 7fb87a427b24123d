import { fork } from 'node:child_process';
import { type FreezeScope, unreachable, type VenueName, venueNames } from '../domain/index.js';
import { type VenueKill, type VenueKillRequest, venueKillsSchema } from '../schemas/venue-kill.js';
import { accountNames, keptGroups, markTriggered, writeAuditOnce } from '../store/index.js';
import { venueKillEnvironment } from './config.js';
import type { Desk } from './desk.js';

/** Talks to the venues of one account. */
export type VenueKiller = (
  request: Omit<VenueKillRequest, 'dataFolder'>,
) => Promise<readonly VenueKill[]>;

/** Venues may take their time, and so may a machine in trouble; then nothing more is waited for. */
const KILL_MS_MAX = 60_000;

interface KillProgram {
  readonly entry: URL;
  readonly execArgv: readonly string[];
}
const builtProgram = new URL('../workers/kill-venue.js', import.meta.url);

/** By a program of its own, with the addresses and credentials of this data folder. */
export function venueKiller(
  dataFolder: string,
  program: KillProgram = { entry: builtProgram, execArgv: process.execArgv },
): VenueKiller {
  return (request) => {
    const child = fork(program.entry, [], {
      env: venueKillEnvironment({ ...request, dataFolder }),
      execArgv: [...program.execArgv],
      timeout: KILL_MS_MAX,
    });
    return new Promise((resolve, reject) => {
      child.once('message', (message) => {
        const read = venueKillsSchema.safeParse(message);
        if (!read.success) reject(new Error(`its answer cannot be read: ${read.error.message}`));
        else if ('kills' in read.data) resolve(read.data.kills);
        else reject(new Error(read.data.problem));
      });
      child.once('exit', (code) => {
        reject(new Error(`it ended with ${code ?? 'a signal'} before it had told anything`));
      });
    });
  };
}

export interface KillOrder {
  readonly scope: FreezeScope;
  readonly why: string;
}

/**
 * Cancels everything of the accounts in scope at the venues in scope, and triggers the order groups
 * in scope. That nobody is admitted into a group is written before it is triggered.
 */
export async function killVenues(
  desk: Desk,
  { scope, why }: KillOrder,
  kill: VenueKiller,
): Promise<readonly VenueKill[]> {
  const venues = venuesIn(scope);
  const accounts = (await accountNames(desk.db)).filter((account) => isAccountIn(scope, account));
  const all = accounts.map(async (account) => {
    const kept = await keptGroups(desk.db, account);
    const groupIds = kept
      .filter(({ group }) => isPairIn(scope, group.pairId))
      .map(({ group }) => group.groupId);
    await mark(desk, groupIds, false);
    const kills = await kill({ account, venues: [...venues], groupIds }).catch(failed(account));
    await mark(
      desk,
      kills.flatMap(({ triggered }) => triggered),
      true,
    );
    return kills;
  });
  const kills = (await Promise.all(all)).flat();
  const line = { by: desk.operator, action: 'kill_venue', why, atMs: desk.nowMs(), detail: kills };
  await writeAuditOnce(desk.db, { ...line, subject: venues.join(', ') });
  return kills;

  function failed(account: string) {
    return (error: unknown): readonly VenueKill[] => {
      const code = error instanceof Error ? error.message : String(error);
      const nothing = { account, isCanceled: false, code, triggered: [], notTriggered: [] };
      return venues.map((venue) => ({ ...nothing, venue }));
    };
  }
}

async function mark({ db, nowMs }: Desk, groupIds: readonly string[], isConfirmed: boolean) {
  for (const groupId of groupIds) {
    await markTriggered(db, { groupId, isConfirmed, atMs: nowMs() });
  }
}

export const isKilled = ({ isCanceled, openOrders, notTriggered }: VenueKill): boolean =>
  isCanceled && openOrders === 0 && notTriggered.length === 0;

/** One line per venue: what it has said, and what is left to do by hand. */
export function killLine(kill: VenueKill): string {
  const { account, venue, isCanceled, code, openOrders, triggered, notTriggered } = kill;
  const open = openOrders === undefined ? 'open orders not known' : `${openOrders} orders open`;
  const said = [
    isCanceled ? 'every order canceled' : `NOT canceled (${code ?? 'no answer'})`,
    open,
    ...(triggered.length > 0 ? [`${triggered.length} order groups triggered`] : []),
    ...(notTriggered.length > 0 ? [`${notTriggered.length} order groups NOT triggered`] : []),
  ];
  return `${isKilled(kill) ? 'KILLED' : 'NOT KILLED'} ${venue} ${account}: ${said.join(', ')}`;
}

/** A venue's switch knows accounts, not trades: it is at least as wide as what was asked. */
function venuesIn(scope: FreezeScope): readonly VenueName[] {
  switch (scope.kind) {
    case 'venue':
      return venueNames.filter((venue) => venue === scope.key);
    case 'instrument':
      return venueNames.filter((venue) => scope.key.startsWith(`${venue}/`));
    case 'global':
    case 'account':
    case 'pair':
    case 'strategy':
    case 'workflow':
      return venueNames;
    default:
      return unreachable(scope);
  }
}

const isAccountIn = (scope: FreezeScope, account: string): boolean =>
  scope.kind !== 'account' || scope.key === account;

/** One strategy, trade or instrument shares its pair's group with others. */
function isPairIn(scope: FreezeScope, pairId: string): boolean {
  if (scope.kind === 'pair') return scope.key === pairId;
  return scope.kind === 'global' || scope.kind === 'account' || scope.kind === 'venue';
}
