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
  };
}

export interface FinalBooking {
  readonly db: Kysely<Database>;
  /** Asked once more for all that they ever said of our account. */
  readonly venues: readonly Venue[];
  readonly ledgersFolder: string;
  readonly log: Logger;
}

/** Markets settle all the time; between two of them there is always room for one reading. */
const ATTEMPTS_MAX = 50;
/** A venue that cannot be read now is asked again, so long: longer than its worst weather lasts. */
const READ_MS_MAX = 15_000;
const READ_AGAIN_MS = 250;

/**
 * Our books and the venues' ledgers of one and the same moment. Nobody trades any more, but markets
 * may still resolve and pay: so the ledgers are read, every page of the venues is booked, and if a
 * ledger has grown meanwhile it is done again.
 */
export async function finalBooks(booking: FinalBooking): Promise<FinalBooks> {
  const { db, ledgersFolder, log } = booking;
  const unheard: string[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const before = readLedgers(ledgersFolder);
    unheard.push(...(await bookEverything(booking)));
    const rows = await readSessionRows(db);
    const ledgers = readLedgers(ledgersFolder);
    const isStill = venueNames.every((venue) => before[venue].length === ledgers[venue].length);
    if (isStill || attempt >= ATTEMPTS_MAX) {
      const left = {
        ...(await leftBehind(db)),
        ...{ openOrders: await openOrdersAt(booking), ownerless: await ownerlessPositions(db) },
      };
      return { rows, ledgers, unheard, left };
    }
    log.info({ attempt }, 'a market paid meanwhile; the books are read again');
  }
}

async function openOrdersAt({ venues, log }: FinalBooking): Promise<readonly string[]> {
  const open: string[] = [];
  for (const venue of venues) {
    const read = await readAgain(() => venue.openOrders());
    if (read.kind === 'read') {
      open.push(...read.value.map(({ venueOrderId }) => `${venue.name}/${venueOrderId}`));
    } else {
      log.warn({ venue: venue.name, code: read.code }, 'open orders cannot be read');
      open.push(`${venue.name}/?`);
    }
  }
  return open;
}

/** Returns the trade rows that were not booked before. A fill that became final was. */
async function bookEverything({ db, venues, log }: FinalBooking): Promise<readonly string[]> {
  const known = new Set((await listEntries(db)).map(({ entry }) => rowName(entry)));
  const unheard: string[] = [];
  for (const venue of venues) {
    const read = await readAgain(() => venue.entriesSince(0));
    if (read.kind !== 'read') {
      log.warn({ venue: venue.name, code: read.code }, 'the last pages cannot be read');
      continue;
    }
    const booked = await bookEntries(db, read.value);
    unheard.push(...booked.map(({ entry }) => rowName(entry)).filter((name) => !known.has(name)));
  }
  return unheard.filter((name) => name !== UNTOLD);
}

/** What a venue says at last; that it cannot be read only after it was asked for long enough. */
async function readAgain<T>(read: () => Promise<Read<T>>): Promise<Read<T>> {
  const untilMs = performance.now() + READ_MS_MAX;
  for (;;) {
    const answer = await read();
    if (answer.kind === 'read' || performance.now() >= untilMs) return answer;
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
