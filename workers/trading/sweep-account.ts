import type { Logger } from 'pino';
import { compareClosed, type Reached, watchHeldPairs } from '../../activities/index.js';
import type { CustodyDoor } from '../../client/index.js';
import {
  type ArbitrageIntent,
  type CustodyCase,
  type CustodyPlace,
  type FoundCase,
  type Instrument,
  instrumentKey,
  legInstrument,
  type Pair,
  type Read,
  sweep,
  type TheirBooks,
  type Venue,
} from '../../domain/index.js';
import {
  openCase,
  openCases,
  openTradeIds,
  readOurBooks,
  type StoredCase,
} from '../../store/index.js';
import { liftNeedless } from './lift-needless.js';
import { deadAmong } from './liveness.js';
import { type Reopen, reopenLiving } from './reopen-living.js';

export interface SweepOptions extends Reopen {
  readonly venue: Venue;
  readonly pairs: () => readonly Pair[];
  readonly custody: CustodyDoor;
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly reached: Reached;
}

/** Trades that closed earlier are looked at when something is booked of them. */
const CLOSED_AGO_MS = 24 * 60 * 60_000;

/** What one sweep has seen and not been sure of: seen again, it is a case. */
export type Suspicions = ReadonlySet<string>;

export interface Swept {
  /** `false`: the venue did not answer; nothing was concluded. */
  readonly isComplete: boolean;
  /** Cases that custody was told of by this sweep. */
  readonly told: readonly string[];
  readonly suspicions: Suspicions;
}

/**
 * One look at one venue account for what nobody answers for (`domain/custody/sweep.ts`).
 *
 * 1. The venue is read first, then who lives, then our books: what is in flight has its row by then.
 * 2. An end that was written without rows which have come since is taken back where its trade lives,
 *    and told of where it does not, before anybody takes its contracts for nobody's.
 * 3. What may still be on its way is only suspected, and is a case when the next sweep sees the same.
 * 4. A case is a row before custody is told of it; it is told until custody has taken it.
 * 5. What this sweep no longer sees is told too: custody looks for itself, and ends the case.
 * 6. A freeze whose reason is over is lifted by the second sweep that sees it.
 */
export async function sweepAccount(
  options: SweepOptions,
  suspicions: Suspicions = new Set(),
): Promise<Swept> {
  const { db, temporal, venue, log } = options;
  const theirs = await theirBooks(venue);
  if (theirs.kind === 'unavailable') {
    log.warn({ venue: venue.name, code: theirs.code }, 'not swept: the venue cannot be read');
    return { isComplete: false, told: [], suspicions };
  }
  const { positions } = theirs.value;
  const { reached, nowMs } = options;
  await watchHeldPairs({ db, account: venue.account, positions, nowMs: nowMs(), reached });
  const sinceMs = options.nowMs() - CLOSED_AGO_MS;
  await compareClosed(options, {
    ...{ account: venue.account, sinceMs, by: 'sweep' },
    reopen: async (workflowId) => reopenLiving(options, workflowId),
  });
  const needless = await liftNeedless(db, { before: suspicions, atMs: options.nowMs() });
  const of = { venue: venue.name, account: venue.account };
  const open = await openCases(db, of);
  const custodians = open.map((one) => one.custodyId);
  const dead = await deadAmong(temporal, [
    ...(await openTradeIds(db, venue.account)),
    ...custodians,
  ]);
  const { orders } = theirs.value;
  const placeOf = (intent: ArbitrageIntent): CustodyPlace => placeOfIntent(options, intent);
  const ours = await readOurBooks(db, { ...of, orders, placeOf });
  const seen = sweep(ours, theirs.value, dead).filter(
    ({ place }) => place.instrument.venue === venue.name,
  );

  const busy = new Set(ours.trades.flatMap((trade) => trade.instruments).map(marketOf));
  const sure: FoundCase[] = [];
  const unsure = new Set(needless);
  for (const one of await stillThere(venue, seen)) {
    const figures = JSON.stringify(one.found, withBigints);
    const isSure = isCertain(one.found, busy);
    // Kept while it is seen: or the sweep after the next would take the case for gone, and tell it.
    if (!isSure) unsure.add(figures);
    if (isSure || suspicions.has(figures)) sure.push(one);
  }
  const told = await tellCustody(options, { sure, open, dead });
  return { isComplete: true, told, suspicions: unsure };
}

async function theirBooks(venue: Venue): Promise<Read<TheirBooks>> {
  const [orders, positions] = await Promise.all([venue.openOrders(), venue.positions()]);
  if (orders.kind === 'unavailable') return orders;
  if (positions.kind === 'unavailable') return positions;
  return { kind: 'read', value: { orders: orders.value, positions: positions.value } };
}

/** An order that was on its way out when it was read first is nobody's case. */
async function stillThere(venue: Venue, seen: readonly FoundCase[]): Promise<readonly FoundCase[]> {
  if (!seen.some(({ found }) => found.kind === 'order')) return seen;
  const again = await venue.openOrders();
  if (again.kind === 'unavailable') return seen.filter(({ found }) => found.kind !== 'order');
  const open = new Set(again.value.map((order) => order.venueOrderId));
  return seen.filter(({ found }) => found.kind !== 'order' || open.has(found.venueOrderId));
}

/**
 * Positions lag: a fill may be booked before its order has a name, and a venue's positions follow its
 * fills. Where no trade is under way, entries do not.
 */
function isCertain(found: CustodyCase, busy: ReadonlySet<string>): boolean {
  if (found.kind === 'difference') return false;
  return found.kind !== 'position' || !busy.has(marketOf(found.instrument));
}

interface ToTell {
  readonly sure: readonly FoundCase[];
  readonly open: readonly StoredCase[];
  readonly dead: ReadonlySet<string>;
}

async function tellCustody(
  options: SweepOptions,
  { sure, open, dead }: ToTell,
): Promise<readonly string[]> {
  const stored: StoredCase[] = [];
  for (const one of sure) stored.push(await openCase(options.db, toOpen(options, one)));
  const keys = new Set(stored.map(({ found }) => found.key));
  const unseen = open.filter(({ found }) => !keys.has(found.key));
  const isUntold = ({ isTaken, custodyId }: StoredCase): boolean => !isTaken || dead.has(custodyId);
  const toTell = [
    ...stored.filter(isUntold),
    ...unseen.filter((one) => isUntold(one) || isAboutFigures(one.found)),
  ];
  for (const custodyId of new Set(toTell.map((one) => one.custodyId))) {
    const cases = toTell.filter((one) => one.custodyId === custodyId);
    const [first] = cases;
    if (!first) continue;
    const found = cases.map((one) => one.found);
    for (const { key } of found) options.reached(CASE_WRITTEN, key);
    options.log.warn({ custodyId, found: found.map(({ key }) => key) }, 'found without an owner');
    await options.custody.found(first.place, found);
  }
  return toTell.map(({ found }) => found.key);
}

const CASE_WRITTEN = 'sweep: case written, custody not told';

/** Nobody but the sweep notices that these are gone. */
const isAboutFigures = ({ kind }: CustodyCase): boolean =>
  kind === 'position' || kind === 'difference';

function toOpen({ pairs, nowMs }: SweepOptions, { place, found }: FoundCase) {
  const { venue, market } = place.instrument;
  const pair = pairs().find((one) => one[venue].market === market);
  return { place, found, ...(pair && { pairId: pair.pairId }), atMs: nowMs() };
}

/** A trade that was never decided names no instrument: its pair's YES does, else the pair itself. */
function placeOfIntent({ pairs, venue }: SweepOptions, intent: ArbitrageIntent): CustodyPlace {
  const { account, pairId, type } = intent;
  const pair = pairs().find((one) => one.pairId === pairId);
  const instrument: Instrument = pair
    ? legInstrument(pair, type, 'yes')
    : { venue: venue.name, market: pairId, outcome: 'yes' };
  return { account, instrument };
}

const marketOf = (instrument: Instrument): string =>
  instrumentKey({ ...instrument, outcome: 'yes' });

const withBigints = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;
