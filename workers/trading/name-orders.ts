import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import {
  type BookedEntry,
  type Database,
  listen,
  NAMES_PER_ROUND_MAX,
  nameOrder,
  ORDER_NAMES_CHANNEL,
  type ProcessLock,
  unnamedOrders,
} from '../../store/index.js';
import { keepRounds } from './keep-rounds.js';

export interface NamingOptions {
  readonly db: Kysely<Database>;
  readonly databaseUrl: string;
  readonly tryLock: () => Promise<ProcessLock | undefined>;
  /** How often it looks without having heard anything. */
  readonly everyMs: number;
  /** Tells the trades of the entries that are theirs by the name. */
  readonly tell: (attached: readonly BookedEntry[]) => void;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/** After a round that failed, and how often the lock is tried. */
const RETRY_MS = 1_000;

/**
 * Gives orders that an engine has fired for their trades the names that the venues' answers brought:
 * the engine's journal is told in SQL, and what hangs on a name (the entries that came before it, their
 * breaks and freezes, the trade that waits for them) is written here and nowhere else. It hears of
 * each name as its record is committed; what it missed it finds by looking.
 */
export async function nameOrders(
  options: NamingOptions,
): Promise<{ readonly stop: () => Promise<void> }> {
  const { databaseUrl, tryLock, everyMs, log } = options;
  const rounds = keepRounds({
    ...{ tryLock, log, retryMs: RETRY_MS },
    round: async () => ((await nameAll(options)) === NAMES_PER_ROUND_MAX ? 0 : everyMs),
    onFailure: 'orders could not be named; trying again',
  });
  try {
    const listening = await listen(databaseUrl, ORDER_NAMES_CHANNEL, rounds.wake);
    return {
      stop: async () => {
        await listening.close();
        await rounds.stop();
      },
    };
  } catch (error) {
    await rounds.stop();
    throw error;
  }
}

/** How many have been named. One that cannot be (another has its name) holds up no other. */
async function nameAll({ db, tell, nowMs, log }: NamingOptions): Promise<number> {
  let count = 0;
  for (const name of await unnamedOrders(db)) {
    try {
      tell(await nameOrder(db, name, nowMs()));
      count += 1;
    } catch (error) {
      log.error({ err: error, ...name }, 'an order could not be named; trying again');
    }
  }
  return count;
}
