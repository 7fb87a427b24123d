import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import {
  isTradeRow,
  type Read,
  type Venue,
  type VenueEntry,
  venueNames,
} from '../../domain/index.js';
import {
  bookEntries,
  type Database,
  type LeftBehind,
  leftBehind,
  listEntries,
  ownerlessPositions,
} from '../../store/index.js';
import { readLedger } from '../../venues/simulation/index.js';
import type { Ledgers } from './ledger-figures.js';
import { readSessionRows, type SessionRows } from './session-rows.js';

export interface FinalBooks {
  readonly rows: SessionRows;
  readonly ledgers: Ledgers;
  /**
   * Fills and reversals that nobody had booked before the last reading: no stream and no catch-up
   * told of them while their trades lived. Each as `venue/order/execution`.
   */
  readonly unheard: readonly string[];
  readonly left: LeftBehind & {
    /** Orders that still work at a venue, each as `venue/order`: every trade has ended by now. */
    readonly openOrders: readonly string[];
    /** Contracts that nobody answers for: no trade, no held pair, not custody. */
    readonly ownerless: readonly string[];
    /** What a venue did not answer however often it was asked, each as `venue what (code)`. */
    readonly unread: readonly string[];
  };
}

export interface FinalBooking {
  readonly db: Kysely<Database>;
  /** Asked once more for all that they ever said of our account. */
  readonly venues: readonly Venue[];
  readonly ledgersFolder: string;
  readonly log: Logger;
  /** How long a venue is asked that cannot be read, in milliseconds; more than an outage lasts. */
  readonly readMsMax?: number;
}

/** Markets settle all the time; between two of them there is always room for one reading. */
const ATTEMPTS_MAX = 50;
const READ_MS_MAX = 90_000;
const READ_AGAIN_MS = 250;

/**
 * Our books and the venues' ledgers of one and the same moment. Nobody trades any more, but markets
 * may still resolve and pay: so the ledgers are read, every page of the venues is booked, and if a
 * ledger has grown meanwhile it is done again.
 */
export async function finalBooks(booking: FinalBooking): Promise<FinalBooks> {
  const { db, ledgersFolder, log } = booking;
  const unheard: string[] = [];
  const unread = new Set<string>();
  for (let attempt = 1; ; attempt += 1) {
    const before = readLedgers(ledgersFolder);
    unheard.push(...(await bookEverything(booking, unread)));
    const rows = await readSessionRows(db);
    const ledgers = readLedgers(ledgersFolder);
    const isStill = venueNames.every((venue) => before[venue].length === ledgers[venue].length);
    if (isStill || attempt >= ATTEMPTS_MAX) {
      const left = {
        ...(await leftBehind(db)),
        openOrders: await openOrdersAt(booking, unread),
        ownerless: await ownerlessPositions(db),
        unread: [...unread],
      };
      return { rows, ledgers, unheard, left };
    }
    log.info({ attempt }, 'a market paid meanwhile; the books are read again');
  }
}

async function openOrdersAt(
  booking: FinalBooking,
  unread: Set<string>,
): Promise<readonly string[]> {
  const open: string[] = [];
  for (const venue of booking.venues) {
    const orders = await readToTheEnd(booking, unread, {
      ...{ venue, what: 'open orders', read: async () => venue.openOrders() },
    });
    open.push(...(orders ?? []).map(({ venueOrderId }) => `${venue.name}/${venueOrderId}`));
  }
  return open;
}

/** Returns the trade rows that were not booked before. A fill that became final was. */
async function bookEverything(
  booking: FinalBooking,
  unread: Set<string>,
): Promise<readonly string[]> {
  const known = new Set((await listEntries(booking.db)).map(({ entry }) => rowName(entry)));
  const unheard: string[] = [];
  for (const venue of booking.venues) {
    const pages = await readToTheEnd(booking, unread, {
      ...{ venue, what: 'pages', read: async () => venue.entriesSince(0) },
    });
    const booked = await bookEntries(booking.db, pages ?? []);
    unheard.push(...booked.map(({ entry }) => rowName(entry)).filter((name) => !known.has(name)));
  }
  return unheard.filter((name) => name !== UNTOLD);
}

interface LastReading<T> {
  readonly venue: Venue;
  readonly what: string;
  readonly read: () => Promise<Read<T>>;
}

/** What a venue says at last. That it cannot be read is said at once, and kept if it stays so. */
async function readToTheEnd<T>(
  { log, readMsMax = READ_MS_MAX }: FinalBooking,
  unread: Set<string>,
  { venue, what, read }: LastReading<T>,
): Promise<T | undefined> {
  const untilMs = performance.now() + readMsMax;
  for (let asked = 1; ; asked += 1) {
    const answer = await read();
    if (answer.kind === 'read') return answer.value;
    const about = { venue: venue.name, what, code: answer.code };
    if (asked === 1) log.warn(about, 'a venue cannot be read at the end; it is asked again');
    if (performance.now() >= untilMs) {
      log.error(about, 'a venue was asked for long and could not be read');
      unread.add(`${venue.name} ${what} (${answer.code})`);
      return undefined;
    }
    await delay(READ_AGAIN_MS);
  }
}

/** Payments, merges and splits come on no stream: the pages are how one hears of them. */
const UNTOLD = 'settlement, merge or split';

function rowName(entry: VenueEntry): string {
  if (!isTradeRow(entry)) return UNTOLD;
  const name = `${entry.instrument.venue}/${entry.venueOrderId}/${entry.executionId}`;
  return entry.kind === 'reversal' ? `${name} (reversal)` : name;
}

export const ledgerFile = (folder: string, venue: string): string => join(folder, `${venue}.jsonl`);

const readLedgers = (folder: string): Ledgers => ({
  kalshi: readLedger(ledgerFile(folder, 'kalshi')),
  polymarket: readLedger(ledgerFile(folder, 'polymarket')),
});
