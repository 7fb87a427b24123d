import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Venue, VenueEntry } from '../../domain/index.js';
import {
  bookEntries,
  type Database,
  readBookerCursor,
  recordBalance,
  writeBookerCursor,
} from '../../store/index.js';
import type { VenueReports } from './venue-reports.js';

/** Pages are read again this far back: clocks differ, and read paths lag behind streams. */
const OVERLAP_MS = 15_000;

export interface VenueBooksOptions {
  readonly db: Kysely<Database>;
  readonly venue: Venue;
  readonly reports: VenueReports;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/** The rows of one venue account in Postgres: its entries and its balance. */
export class VenueBooks {
  readonly #options: VenueBooksOptions;

  constructor(options: VenueBooksOptions) {
    this.#options = options;
  }

  /** Commits what is new, then wakes the trades it belongs to. Returns how many were new. */
  async book(entries: readonly VenueEntry[]): Promise<number> {
    const { db, reports } = this.#options;
    const fresh = await bookEntries(db, entries);
    await reports.tell(fresh);
    return fresh.length;
  }

  /** Everything since the last complete read, a little overlapping; entries count once. */
  async catchUp(): Promise<void> {
    const { db, venue, log, nowMs } = this.#options;
    const beganAtMs = nowMs();
    const since = await readBookerCursor(db, venue.name, venue.account);
    const read = await venue.entriesSince(Math.max(0, (since ?? 0) - OVERLAP_MS));
    if (read.kind === 'unavailable') {
      log.warn({ venue: venue.name, code: read.code }, 'entries cannot be read');
      return;
    }
    await this.book(read.value);
    await writeBookerCursor(db, { venue: venue.name, account: venue.account, atMs: beganAtMs });
  }

  async readBalance(): Promise<void> {
    const { db, venue, log, nowMs } = this.#options;
    const askedAtMs = nowMs(); // as old as the question, not as the answer
    const read = await venue.balance();
    if (read.kind === 'unavailable') {
      log.warn({ venue: venue.name, code: read.code }, 'the balance cannot be read');
      return;
    }
    const { name, account } = venue;
    await recordBalance(db, { venue: name, account, balance: read.value, atMs: askedAtMs });
  }
}
