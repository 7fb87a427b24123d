import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Reached } from '../../activities/index.js';
import type { Venue } from '../../domain/index.js';
import { tryBookerLock } from '../../store/index.js';
import type { ProcessConfig } from '../config.js';
import { openStream } from '../venue-access.js';
import { Booker } from './booker.js';
import type { Control } from './control.js';
import type { OpenDesk } from './desk.js';
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
  readonly reached: Reached;
}

/** One booker per venue account; whichever process has the lock books, the others stand by. */
export function startBookers(options: BookersOptions): { readonly stop: () => Promise<void> } {
  const bookers = options.desk.venues.map((venue) => bookerOf(venue, options));
  for (const booker of bookers) booker.start();
  return {
    stop: async () => {
      await Promise.all(bookers.map((booker) => booker.stop()));
    },
  };
}

function bookerOf(venue: Venue, options: BookersOptions): Booker {
  const { config, log, temporal, control, desk, reached } = options;
  const { db } = control;
  const reports = new VenueReports({ temporal, db, nowMs: Date.now, log });
  return new Booker({
    venue,
    openStream: () => openStream(config, venue.name),
    books: new VenueBooks({
      ...{ db, venue, reports, pairs: desk.pairs, nowMs: Date.now, log, reached },
    }),
    tryLock: () => tryBookerLock(config.databaseUrl, venue.name, venue.account),
    lockEveryMs: LOCK_EVERY_MS,
    balanceEveryMs: BALANCE_EVERY_MS,
    catchUpEveryMs: CATCH_UP_EVERY_MS,
    log,
  });
}
