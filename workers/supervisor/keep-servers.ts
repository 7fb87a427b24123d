import { setTimeout as delay } from 'node:timers/promises';
import {
  findStack,
  type Stack,
  type StackOptions,
  startStack,
  stopStack,
} from '../../stack/index.js';

export interface KeptServers {
  /** As they were when they started; a server that comes back has the same address. */
  readonly stack: Stack;
  /** Watches no longer and stops what runs now. */
  readonly stop: () => Promise<void>;
}

export interface KeepServers extends StackOptions {
  readonly lookEveryMs: number;
  /** Told when a server was found dead, when it is back, and when it did not start. */
  readonly onNews: (line: string) => void;
}

/**
 * Starts Temporal and Postgres and starts them again whenever one has died. Servers of somebody else
 * (`TEMPORAL_ADDRESS`, `DATABASE_URL`) are left alone.
 */
export async function keepServers(options: KeepServers): Promise<KeptServers> {
  const stack = await startStack(options);
  const stopped = new AbortController();
  const watching = watch(options, stopped.signal);
  return {
    stack,
    stop: async () => {
      stopped.abort();
      await watching;
      await stopStack(options.folder); // by what is written there: they may be others by now
    },
  };
}

async function watch(options: KeepServers, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    const dead = deadServers(options);
    if (dead.length > 0) await revive(options, dead);
    await pause(options.lookEveryMs, stopped);
  }
}

/** Only what is embedded; a look at two small files and at the processes that they name. */
function deadServers({ folder, temporalAddress, databaseUrl }: StackOptions): readonly string[] {
  const found = findStack(folder);
  return [
    ...(temporalAddress === undefined && found.temporalAddress === undefined ? ['Temporal'] : []),
    ...(databaseUrl === undefined && found.databaseUrl === undefined ? ['Postgres'] : []),
  ];
}

/** What does not start now is tried again at the next look. */
async function revive(options: KeepServers, dead: readonly string[]): Promise<void> {
  const which = dead.join(' and ');
  options.onNews(`${which} died; starting it again`);
  const quietly = { onTemporalStep: () => undefined, onPostgresStep: () => undefined };
  try {
    await startStack({ ...options, ...quietly });
    options.onNews(`${which} is back`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    options.onNews(`${which} did not start: ${reason}`);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined); // stopped: the loop sees it
}
