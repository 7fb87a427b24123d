import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { freezeTimes } from '../../domain/index.js';
import { type Database, FREEZES_CHANNEL, listen, silentProcesses } from '../../store/index.js';
import { noLongerThan } from './no-longer-than.js';
import { SilentChildren } from './silent-children.js';
import type { Supervisor } from './supervisor.js';

interface FreezeWatchOptions {
  readonly db: Kysely<Database>;
  readonly databaseUrl: string;
  readonly supervisor: Pick<Supervisor, 'running'>;
  readonly log: Logger;
  /** A line for the operator. */
  readonly say: (line: string) => void;
}

export interface FreezeWatch {
  /** Waits for no Postgres that hangs. */
  readonly close: () => Promise<void>;
}

/** While somebody is silent: the kill comes this late at most, of a second that the command has left. */
const LOOK_AGAIN_MS = 50;
/** Two readings missed: whoever reads as often as this one may have missed them, too. */
const LOOK_GAP_MS = 2 * freezeTimes.readEveryMs;

/** A look in flight, or a connection's farewell, takes milliseconds where Postgres answers at all. */
const CLOSED_WITHIN_MS = 1_000;

/**
 * Kills what stands still, so that "frozen" can be said without its word (DESIGN §8.3): a child of this
 * supervisor that is registered and does not acknowledge a freeze in time. It is confirmed when it was
 * seen gone, and started again, as after any other death.
 *
 * 1. Its row in Postgres is what the command waits for, so it is what counts here, too: no word of the
 *    child, which may stand still before it has said one. Whether it is ready is asked by nobody.
 * 2. A child that has no row has done nothing yet: its supervisor waits for it by another clock.
 * 3. Nothing is killed because Postgres does not answer here.
 */
export async function watchFreezes(options: FreezeWatchOptions): Promise<FreezeWatch> {
  const watching = new Watch(options);
  const listening = await listen(options.databaseUrl, FREEZES_CHANNEL, () => watching.wake());
  watching.wake();
  return {
    close: async () => {
      const closed = Promise.all([listening.close(), watching.stop()]);
      await noLongerThan(CLOSED_WITHIN_MS, closed);
    },
  };
}

class Watch {
  readonly #options: FreezeWatchOptions;
  readonly #silent = new SilentChildren({
    silentMs: freezeTimes.acknowledgedWithinMs,
    lookGapMs: LOOK_GAP_MS,
  });
  readonly #killed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isStopped = false;
  /** A look that is under way may not know of what has woken it. */
  #isWoken = false;

  constructor(options: FreezeWatchOptions) {
    this.#options = options;
  }

  wake(): void {
    this.#isWoken = true;
    if (this.#isStopped || this.#looking) return;
    clearTimeout(this.#timer);
    this.#isWoken = false;
    this.#looking = this.#look().then((againMs) => {
      this.#looking = undefined;
      const waitMs = this.#isWoken ? 0 : againMs;
      if (!this.#isStopped) this.#timer = setTimeout(() => this.wake(), waitMs);
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  /** How soon to look again. Never rejects. */
  async #look(): Promise<number> {
    const { db, supervisor, log } = this.#options;
    try {
      const silence = await silentProcesses(db);
      const own = new Set(supervisor.running().keys());
      for (const processId of this.#silent.late(performance.now(), silence, own)) {
        this.#kill(processId, silence?.epoch);
      }
      return silence?.processes.length ? LOOK_AGAIN_MS : freezeTimes.readEveryMs;
    } catch (error) {
      log.debug({ err: error }, 'nobody knows who has acknowledged');
      return freezeTimes.readEveryMs;
    }
  }

  #kill(processId: string, epoch: number | undefined): void {
    const { supervisor, log, say } = this.#options;
    const managed = supervisor.running().get(processId);
    if (!managed || this.#killed.has(processId)) return;
    this.#killed.add(processId);
    const { name, pid } = managed;
    log.warn({ name, pid, processId, epoch }, 'silent about a freeze, and killed');
    say(
      `${name} (pid ${pid ?? 'unknown'}) stands still: it has not acknowledged a freeze within ` +
        `${freezeTimes.acknowledgedWithinMs} ms, and is killed so that it sends nothing more`,
    );
    managed.kill();
  }
}
