import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Point, Reached } from '../../activities/index.js';
import { watchHeldPairs } from '../../activities/index.js';
import {
  isNamesake,
  type Pair,
  type Venue,
  type VenueEntry,
  type VenueOrder,
  ZERO_QUANTITY,
} from '../../domain/index.js';
import {
  bookEntries,
  type Database,
  findOrders,
  liftFreezeOfOrder,
  orderByVenueId,
  readBookerCursor,
  recordAnswer,
  recordBalance,
  type StoredOrder,
  writeBookerCursor,
} from '../../store/index.js';
import { freezeBreaks } from './freeze-breaks.js';
import { reportStrays } from './stray-entries.js';
import type { VenueReports } from './venue-reports.js';

/** Pages are read again this far back: clocks differ, and read paths lag behind streams. */
const OVERLAP_MS = 15_000;

export interface VenueBooksOptions {
  readonly db: Kysely<Database>;
  readonly venue: Venue;
  readonly reports: VenueReports;
  /** Whose market an entry is of, where it has to be frozen. */
  readonly pairs: () => readonly Pair[];
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly reached: Reached;
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
    this.#passed('booking: heard, not committed', entries);
    const fresh = await bookEntries(db, entries);
    const booked = fresh.map(({ entry }) => entry);
    this.#passed('booking: committed, nobody told', booked);
    reports.tell(fresh);
    return fresh.length;
  }

  /** Resolves when every trade has heard what was booked. */
  async told(): Promise<void> {
    await this.#options.reports.told();
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
    this.#passed('booking: pages booked, cursor not moved', read.value);
    await writeBookerCursor(db, { venue: venue.name, account: venue.account, atMs: beganAtMs });
    this.#passed('booking: cursor moved, nothing looked at', read.value);
    await reportStrays(this.#options);
    await freezeBreaks(this.#options);
    const { reached } = this.#options;
    await watchHeldPairs({ db, account: venue.account, nowMs: nowMs(), reached });
  }

  /** What a venue says of an order ends a doubt about it, and the freeze that the doubt has caused. */
  async hear(order: VenueOrder): Promise<void> {
    const { db, venue, nowMs, reached } = this.#options;
    const { state, venueOrderId, cumulativeQuantity } = order;
    if (state === 'working') return;
    const ours = await this.#ourOrder(order);
    // Another that goes by our name ends no doubt; the next question compares it in full.
    if (!ours || !isNamesake(ours, order)) return;
    const { clientOrderId } = ours.order;
    const said = {
      event: 'reported',
      status: state,
      detail: { venue: venue.name, state },
    } as const;
    const atMs = nowMs();
    if (isNews(ours, order)) {
      await recordAnswer(db, { clientOrderId, venueOrderId, cumulativeQuantity, atMs, ...said });
    }
    reached('booking: order known, its freeze not lifted', order.instrument.market);
    await liftFreezeOfOrder(db, clientOrderId, atMs);
  }

  async #ourOrder({ clientOrderId, venueOrderId }: VenueOrder): Promise<StoredOrder | undefined> {
    const { db, venue } = this.#options;
    if (clientOrderId !== undefined) return (await findOrders(db, [clientOrderId]))[0];
    return orderByVenueId(db, { venue: venue.name, account: venue.account, venueOrderId });
  }

  /** Every entry is of a market, and every market of one trade at a time. */
  #passed(point: Point, entries: readonly VenueEntry[]): void {
    for (const { instrument } of entries) this.#options.reached(point, instrument.market);
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

/** The answer to the order has mostly said it before. */
function isNews(ours: StoredOrder, told: VenueOrder): boolean {
  const { status, venueOrderId, cumulativeQuantity = ZERO_QUANTITY } = ours;
  const isKnown = status === told.state && venueOrderId === told.venueOrderId;
  return !isKnown || cumulativeQuantity < told.cumulativeQuantity;
}
