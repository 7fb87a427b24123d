import { hostname, userInfo } from 'node:os';
import type { Kysely } from 'kysely';
import { connectClient, type LegworkClient } from '../client/index.js';
import type { Mode } from '../domain/index.js';
import { findStack } from '../stack/index.js';
import { connect, type Database, deployedMode } from '../store/index.js';
import { CommandError } from './answer.js';
import { exitCodes } from './exit-codes.js';

/** The running desk as a command sees it: its books at once, its workflows when it asks for them. */
export interface Desk {
  readonly db: Kysely<Database>;
  readonly mode: Mode;
  /** Who is asking, for the audit: "anna@desk7". */
  readonly operator: string;
  readonly nowMs: () => number;
  /** Connects at the first call. Throws `CommandError` when Temporal does not answer. */
  readonly client: () => Promise<LegworkClient>;
  readonly close: () => Promise<void>;
}

export interface DeskPlace {
  readonly dataFolder: string;
  /** Servers that replace those of the data folder. */
  readonly databaseUrl?: string;
  readonly temporalAddress?: string;
}

/** How long a command waits for Temporal before it goes on without. */
const TEMPORAL_WAIT_MS = 3_000;

/** Finds what runs and connects to its Postgres. Throws `CommandError` when nothing does. */
export async function openDesk(place: DeskPlace): Promise<Desk> {
  const found = { ...findStack(place.dataFolder), ...given(place) };
  const { databaseUrl, temporalAddress } = found;
  if (databaseUrl === undefined) throw nothingRuns(place.dataFolder);
  const { db, close } = connect(databaseUrl, { connectionsMax: 2 });
  let client: Promise<LegworkClient> | undefined;
  try {
    const mode = await modeOf(db, place.dataFolder);
    return {
      db,
      mode,
      operator: `${userInfo().username}@${hostname()}`,
      nowMs: Date.now,
      client: () => (client ??= clientOf(mode, temporalAddress)),
      close: async () => {
        await Promise.allSettled([client?.then((open) => open.close()), close()]);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits no longer than this; what was asked may still happen, so the caller must not conclude. */
export async function within<T>(ms: number, work: Promise<T>, otherwise: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(otherwise()), ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function clientOf(mode: Mode, address: string | undefined): Promise<LegworkClient> {
  if (address === undefined) throw temporalAway('it is not running');
  const connecting = connectClient({ address, mode });
  try {
    return await within(TEMPORAL_WAIT_MS, connecting, () =>
      temporalAway(`no answer from ${address} within ${TEMPORAL_WAIT_MS} ms`),
    );
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw temporalAway(error instanceof Error ? error.message : String(error));
  }
}

async function modeOf(db: Kysely<Database>, dataFolder: string): Promise<Mode> {
  const mode = await reachable(deployedMode(db));
  if (mode === undefined) throw nothingRuns(dataFolder);
  return mode;
}

async function reachable<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(exitCodes.unreachable, `Postgres does not answer: ${reason}`, [
      'See `legwork doctor`, or start the desk with `npm start`.',
    ]);
  }
}

const given = ({ databaseUrl, temporalAddress }: DeskPlace) => ({
  ...(databaseUrl !== undefined && { databaseUrl }),
  ...(temporalAddress !== undefined && { temporalAddress }),
});

const nothingRuns = (folder: string): CommandError =>
  new CommandError(exitCodes.unreachable, `no desk runs on ${folder}`, [
    'Start it with `npm start`, or name the data folder of the one that runs with --data.',
  ]);

const temporalAway = (why: string): CommandError =>
  new CommandError(exitCodes.unreachable, `Temporal does not answer: ${why}`, [
    'See `legwork doctor`. Freezes and `legwork status` work without Temporal.',
  ]);
