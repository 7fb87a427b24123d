import type { Logger } from 'pino';
import type { PrivateStream, Venue } from '../../domain/index.js';
import type { BookerLock } from '../../store/index.js';
import type { VenueBooks } from './venue-books.js';

export interface BookerOptions {
  readonly venue: Venue;
  readonly openStream: () => PrivateStream;
  readonly books: VenueBooks;
  /** Tries to become the one booker of this venue account; `undefined` while another is. */
  readonly tryLock: () => Promise<BookerLock | undefined>;
  /** How often a stand-by tries again, and how often balances and pages are read. */
  readonly lockEveryMs: number;
  readonly balanceEveryMs: number;
  readonly catchUpEveryMs: number;
  readonly log: Logger;
}

/** Fills come in bursts; the cash that they moved is asked for once after each. */
const BALANCE_SOON_MS = 50;

/**
 * Books everything that one venue says about one account (DESIGN §3).
 *
 * 1. One booker per venue account, by a Postgres advisory lock; the others stand by.
 * 2. Every (re)connect of the private stream is followed by a read of the pages since the last
 *    booked time, because no venue replays what a closed socket missed.
 * 3. The pages are read now and then all the same: settlements come on no stream.
 * 4. An entry is committed before anybody is told of it.
 */
export class Booker {
  #isStopped = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #options: BookerOptions;

  constructor(options: BookerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        const lock = await this.#options.tryLock();
        if (lock) await this.#bookWhileLocked(lock);
      } catch (error) {
        this.#options.log.error({ err: error }, 'booking stopped; trying again');
      }
      await this.#pause(this.#options.lockEveryMs);
    }
  }

  async #bookWhileLocked(lock: BookerLock): Promise<void> {
    const { venue, openStream, books, log } = this.#options;
    log.info({ venue: venue.name, account: venue.account }, 'booking');
    const stream = openStream();
    const caught = new Queue(log);
    const balanceSoon = soon(BALANCE_SOON_MS, () => caught.add(() => books.readBalance()));
    stream.onEntry((entry) => {
      caught.add(() => books.book([entry]));
      balanceSoon();
    });
    stream.onOrder((order) => {
      caught.add(() => books.hear(order));
    });
    stream.onConnect(() => {
      caught.add(() => books.catchUp());
    });
    try {
      await books.readBalance();
      await this.#pollWhile(() => !lock.isLost(), caught);
    } finally {
      await stream.close();
      await caught.drained();
      await books.told();
      await lock.release();
    }
  }

  async #pollWhile(isHeld: () => boolean, queue: Queue): Promise<void> {
    const { books, balanceEveryMs, catchUpEveryMs } = this.#options;
    let sinceCatchUpMs = 0;
    while (!this.#isStopped && isHeld()) {
      await this.#pause(balanceEveryMs);
      queue.add(() => books.readBalance());
      sinceCatchUpMs += balanceEveryMs;
      if (sinceCatchUpMs < catchUpEveryMs) continue;
      sinceCatchUpMs = 0;
      queue.add(() => books.catchUp());
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** One thing after the other, in the order the venue told it; a failure is logged, not lost: the
 * next catch-up reads the same pages again. */
class Queue {
  #last: Promise<void> = Promise.resolve();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  add(work: () => Promise<unknown>): void {
    this.#last = this.#last.then(work).then(
      () => undefined,
      (error: unknown) => {
        this.#log.warn({ err: error }, 'not booked; the next catch-up reads it again');
      },
    );
  }

  drained(): Promise<void> {
    return this.#last;
  }
}

/** A function that does the work once, a while after the first of many calls. */
function soon(afterMs: number, work: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      work();
    }, afterMs);
  };
}
