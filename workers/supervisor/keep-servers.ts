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
  /** Waits until both live: a process that is started without them would only die of it. */
  readonly areUp: () => Promise<void>;
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
  let reviving = Promise.resolve();
  const look = async (): Promise<void> => {
    const dead = deadServers(options);
    if (dead.length > 0) reviving = revive(options, { dead, was: stack });
    await reviving;
  };
  const watching = repeat(look, options.lookEveryMs, stopped.signal);
  return {
    stack,
    areUp: async () => {
      await reviving;
      while (!stopped.signal.aborted && deadServers(options).length > 0) {
        await pause(options.lookEveryMs, stopped.signal);
        await reviving; // alive is not yet ready
      }
    },
    stop: async () => {
      stopped.abort();
      await watching;
      await stopStack(options.folder); // by what is written there: they may be others by now
    },
  };
}

async function repeat(look: () => Promise<void>, everyMs: number, stopped: AbortSignal) {
  while (!stopped.aborted) {
    await look();
    await pause(everyMs, stopped);
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
async function revive(
  options: KeepServers,
  { dead, was }: { readonly dead: readonly string[]; readonly was: Stack },
): Promise<void> {
  const which = dead.join(' and ');
  options.onNews(`${which} died; starting it again`);
  const quietly = { onTemporalStep: () => undefined, onPostgresStep: () => undefined };
  try {
    const { temporal, postgres } = await startStack({ ...options, ...quietly });
    const isWhereItWas =
      temporal.address === was.temporal.address &&
      postgres.databaseUrl === was.postgres.databaseUrl;
    options.onNews(isWhereItWas ? `${which} is back` : `${which} is back, and ${ELSEWHERE}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    options.onNews(`${which} did not start: ${reason}`);
  }
}

const ELSEWHERE =
  'at another address, because a program has taken its port: stop this desk and start it again';

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined); // stopped: the loop sees it
}
