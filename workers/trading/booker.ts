import type { Logger } from 'pino';
import type { PrivateStream, Venue, VenueEntry, VenueOrder } from '../../domain/index.js';
import type { BookerLock } from '../../store/index.js';
import type { Sweeper } from './sweeper.js';
import type { VenueBooks } from './venue-books.js';

export interface BookerOptions {
  readonly venue: Venue;
  readonly openStream: () => PrivateStream;
  readonly books: VenueBooks;
  readonly sweeper: Sweeper;
  /** Tries to become the one booker of this venue account; `undefined` while another is. */
  readonly tryLock: () => Promise<BookerLock | undefined>;
  /** How often a stand-by tries again, and how often balances and pages are read. */
  readonly lockEveryMs: number;
  readonly balanceEveryMs: number;
  readonly catchUpEveryMs: number;
  readonly log: Logger;
}

/**
 * A match tells several things at once: they are one commit, and the answer to the order that was
 * matched, which comes at the same moment, is recorded before them.
 */
const BURST_MS = 20;
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
 * 5. Whoever books also sweeps: the first time before any entry of the account is admitted.
 */
export class Booker {
  /** Who books is decided for the first time; whoever it is, its first sweep is still to come. */
  readonly begun: Promise<void>;
  #hasBegun: () => void = () => undefined;
  #isStopped = false;
  readonly #wakers = new Set<() => void>();
  #running: Promise<void> = Promise.resolve();
  readonly #options: BookerOptions;

  constructor(options: BookerOptions) {
    this.#options = options;
    this.begun = new Promise((resolve) => {
      this.#hasBegun = resolve;
    });
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const wake of [...this.#wakers]) wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        const lock = await this.#options.tryLock();
        if (lock) await this.#begin(lock);
        this.#hasBegun();
        if (lock) await this.#bookWhileLocked(lock);
      } catch (error) {
        this.#options.log.error({ err: error }, 'booking stopped; trying again');
      }
      await this.#pause(this.#options.lockEveryMs);
    }
  }

  async #begin(lock: BookerLock): Promise<void> {
    try {
      await this.#options.sweeper.begin();
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async #bookWhileLocked(lock: BookerLock): Promise<void> {
    const { venue, openStream, books, log } = this.#options;
    log.info({ venue: venue.name, account: venue.account }, 'booking');
    const stream = openStream();
    const caught = new Queue(log);
    const balanceSoon = soon(BALANCE_SOON_MS, () => caught.add(() => books.readBalance()));
    const heard = new Burst((entries, orders) => {
      if (entries.length > 0) caught.add(() => books.book(entries));
      for (const order of orders) caught.add(() => books.hear(order));
    });
    stream.onEntry((entry) => {
      heard.entry(entry);
      balanceSoon();
    });
    stream.onOrder((order) => {
      heard.order(order);
    });
    stream.onConnect(() => {
      caught.add(() => books.catchUp());
    });
    try {
      await books.readBalance();
      const isHeld = (): boolean => !lock.isLost();
      await Promise.all([this.#pollWhile(isHeld, caught), this.#sweepWhile(isHeld, caught)]);
    } finally {
      try {
        await stream.close();
        heard.end();
        await caught.drained();
        await books.told();
      } finally {
        await lock.release(); // or nobody could book this account while we live
      }
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

  /** After the pages are booked, so that a sweep does not find what is only unread. */
  async #sweepWhile(isHeld: () => boolean, queue: Queue): Promise<void> {
    const { books, sweeper } = this.#options;
    while (!this.#isStopped && isHeld()) {
      queue.add(() => books.catchUp());
      await queue.drained();
      await this.#pause(await sweeper.sweep());
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#wakers.add(wake);
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

type Take = (entries: readonly VenueEntry[], orders: readonly VenueOrder[]) => void;

/** What a stream tells within a moment of each other. */
class Burst {
  #entries: VenueEntry[] = [];
  #orders: VenueOrder[] = [];
  readonly #take: Take;
  readonly #soon = soon(BURST_MS, () => {
    this.end();
  });

  constructor(take: Take) {
    this.#take = take;
  }

  entry(entry: VenueEntry): void {
    this.#entries.push(entry);
    this.#soon();
  }

  order(order: VenueOrder): void {
    this.#orders.push(order);
    this.#soon();
  }

  /** Hands over what has been told so far. */
  end(): void {
    const [entries, orders] = [this.#entries, this.#orders];
    this.#entries = [];
    this.#orders = [];
    this.#take(entries, orders);
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
