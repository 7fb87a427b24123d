import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { type Reached, reopened } from '../../activities/index.js';
import { type CustodyDoor, custodyDoor } from '../../client/index.js';
import type { Venue } from '../../domain/index.js';
import { type BookedEntry, beginSweeping, recordSweep, tryBookerLock } from '../../store/index.js';
import type { ProcessConfig } from '../config.js';
import { openStream } from '../venue-access.js';
import { Booker } from './booker.js';
import type { Control } from './control.js';
import type { OpenDesk } from './desk.js';
import { sweepAccount } from './sweep-account.js';
import { Sweeper } from './sweeper.js';
import { VenueBooks } from './venue-books.js';
import { VenueReports } from './venue-reports.js';

const LOCK_EVERY_MS = 1_000;
const BALANCE_EVERY_MS = 2_000;
const CATCH_UP_EVERY_MS = 6_000;

export interface BookersOptions {
  readonly config: ProcessConfig;
  readonly log: Logger;
  readonly temporal: Client;
  readonly control: Control;
  readonly desk: OpenDesk;
  /** The desk whose queues custody is started on. */
  readonly queues: string;
  readonly reached: Reached;
}

export interface RunningBookers {
  /** It is known of every account who books it, and that nobody has swept for him yet. */
  readonly begun: Promise<void>;
  /** Wakes the trades of entries that were booked before and have become theirs. */
  readonly tell: (attached: readonly BookedEntry[]) => void;
  readonly stop: () => Promise<void>;
}

/** One booker per venue account; whichever process has the lock books, the others stand by. */
export function startBookers(options: BookersOptions): RunningBookers {
  const { config, temporal, control, log, desk, reached } = options;
  const custody = custodyDoor(temporal, { mode: config.mode, desk: options.queues });
  // One for all: the fills of both legs come together, and a trade hears of them in one signal.
  const reports = new VenueReports({
    ...{ temporal, db: control.db, custody, nowMs: Date.now, log, reached },
    reopen: reopenAt(desk),
  });
  const bookers = desk.venues.map((venue) => bookerOf(venue, { ...options, custody, reports }));
  for (const booker of bookers) booker.start();
  return {
    begun: Promise.all(bookers.map((booker) => booker.begun)).then(() => undefined),
    tell: (attached) => {
      reports.tell(attached);
    },
    stop: async () => {
      await Promise.all(bookers.map((booker) => booker.stop()));
    },
  };
}

const reopenAt = (desk: OpenDesk) => async (workflowId: string) =>
  reopened(desk.trading, workflowId);

interface Shared extends BookersOptions {
  readonly custody: CustodyDoor;
  readonly reports: VenueReports;
}

function bookerOf(venue: Venue, options: Shared): Booker {
  const { config, log, control, desk, reached, custody, reports } = options;
  const { db } = control;
  const { sweepEveryMs } = desk.trading.custody;
  return new Booker({
    venue,
    openStream: () => openStream(config, venue.name),
    books: new VenueBooks({
      ...{ db, venue, reports, pairs: desk.pairs, nowMs: Date.now, log, reached },
    }),
    sweeper: sweeperOf(venue, options, custody),
    tryLock: () => tryBookerLock(config.databaseUrl, venue.name, venue.account),
    lockEveryMs: LOCK_EVERY_MS,
    // A sweep compares what a venue shows with its pages: those are read no less often.
    balanceEveryMs: Math.min(BALANCE_EVERY_MS, sweepEveryMs),
    catchUpEveryMs: Math.min(CATCH_UP_EVERY_MS, sweepEveryMs),
    log,
  });
}

function sweeperOf(
  venue: Venue,
  { control: { db }, desk, temporal, log, reached }: BookersOptions,
  custody: CustodyDoor,
): Sweeper {
  const { name, account } = venue;
  const swept = () => ({ venue: name, account, atMs: Date.now() });
  const look = {
    ...{ db, temporal, venue, pairs: desk.pairs, custody, nowMs: Date.now, log, reached },
    reopen: reopenAt(desk),
  };
  return new Sweeper({
    begin: () => beginSweeping(db, swept()),
    sweep: (suspicions) => sweepAccount(look, suspicions),
    swept: () => recordSweep(db, swept()),
    everyMs: desk.trading.custody.sweepEveryMs,
    log,
  });
}
