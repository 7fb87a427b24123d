import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, type TestContext, vi } from 'vitest';
import { passOn, reopened } from '../../activities/index.js';
import { custodyDoor } from '../../client/index.js';
import type { CustodyCaseKind, Wire } from '../../domain/index.js';
import {
  type CustodyState,
  formatAmount,
  fromWire,
  type Instrument,
  instrumentKey,
  negate,
  subtract,
  type Venue,
  venueNames,
} from '../../domain/index.js';
import { breaksToEnd, heldPairs, keptGroups, openCases } from '../../store/index.js';
import { OrphanGroups } from '../../workers/trading/orphan-groups.js';
import { type Suspicions, sweepAccount } from '../../workers/trading/sweep-account.js';
import { VenueBooks } from '../../workers/trading/venue-books.js';
import { VenueReports } from '../../workers/trading/venue-reports.js';
import { openVenues } from '../../workers/venue-access.js';
import type { TestDesk } from '../support/desk.js';
import { soon } from '../support/desk-ends.js';
import { ACCOUNT } from '../support/desk-venues.js';
import { tellFigures } from '../support/figures.js';

const log = pino({ level: 'silent' });

/** Sweeps both venue accounts when a test says so, and waits until custody has done what it can. */
export class Sweeping {
  readonly desk: TestDesk;
  readonly #venues: readonly Venue[];
  readonly #readsPages: boolean;
  readonly #suspicions = new Map<string, Suspicions>();
  readonly #orphans: readonly OrphanGroups[];
  #lastCaseId = 0;

  /** `readsPages`: as a booker does ahead of a sweep of its own; else the pages may lag behind. */
  constructor(desk: TestDesk, { readsPages = false }: { readonly readsPages?: boolean } = {}) {
    this.desk = desk;
    this.#venues = openVenues(desk.config);
    this.#readsPages = readsPages;
    this.#orphans = this.#venues.flatMap(({ account, orderGroups }) => {
      const { db } = desk;
      const options = { db, sweepEveryMs: 0, nowMs: Date.now, log };
      return orderGroups ? [new OrphanGroups({ ...options, venue: { account, orderGroups } })] : [];
    });
  }

  /** One sweep of every venue account, and custody at rest; the keys that it was told of. */
  async round(): Promise<readonly string[]> {
    const told = await this.tell();
    await this.isAtRest();
    return told;
  }

  /** One sweep of every venue account; custody goes its own way with what it was told. */
  async tell(): Promise<readonly string[]> {
    const { db, temporal, config, place, pairs } = this.desk;
    const custody = custodyDoor(temporal, { mode: config.mode, desk: place.desk });
    const told: string[] = [];
    for (const venue of this.#venues) {
      const options = {
        db,
        temporal,
        venue,
        custody,
        log,
        nowMs: Date.now,
        pairs: () => pairs.pairs,
        reached: passOn,
        reopen: async (workflowId: string) =>
          reopened({ db, policy: place.policy, nowMs: Date.now, reached: passOn }, workflowId),
      };
      if (this.#readsPages) {
        const reports = new VenueReports(options);
        const books = new VenueBooks({ ...options, reports });
        await books.catchUp();
        await books.told();
      }
      const swept = await sweepAccount(options, this.#suspicions.get(venue.name));
      if (!swept.isComplete) throw new Error(`${venue.name} was not swept`);
      this.#suspicions.set(venue.name, swept.suspicions);
      told.push(...swept.told);
    }
    for (const orphans of this.#orphans) await orphans.lookIfDue();
    return told;
  }

  /** Of which kinds the cases are that the desk has had since this was asked last. */
  async found(): Promise<readonly CustodyCaseKind[]> {
    const cases = await this.desk.db
      .selectFrom('custody_cases')
      .select(['case_id', 'kind'])
      .where('case_id', '>', this.#lastCaseId)
      .orderBy('case_id')
      .execute();
    this.#lastCaseId = cases.at(-1)?.case_id ?? this.#lastCaseId;
    return [...new Set(cases.map(({ kind }) => kind))];
  }

  /** Every case is over, or parked by custody until somebody tells something. */
  async isAtRest(): Promise<void> {
    await soon(async () => {
      for (const { custodyId, isTaken, found } of await openCases(this.desk.db)) {
        if (!isTaken) throw new Error(`${found.key} is not taken`);
        const state = await custodyStateOf(this.desk, custodyId);
        const busy = state.items.filter(
          (item) => item.nextAtMs !== undefined || ('adopted' in item && item.adopted),
        );
        if (busy.length > 0) throw new Error(`custody is busy with ${busy[0]?.case.key ?? ''}`);
      }
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#venues.map((venue) => venue.close()));
  }
}

export async function custodyStateOf(
  { temporal }: TestDesk,
  custodyId: string,
): Promise<CustodyState> {
  const state = await temporal.workflow.getHandle(custodyId).query<Wire<CustodyState>>('state');
  return fromWire<CustodyState>(state);
}

const SWEEPS = 2;

/** A row of the table of custody. */
export interface SweptCase {
  readonly what: string;
  /** How many of the two sweeps the test has made itself. */
  readonly swept?: number;
}

/** After two sweeps nothing is left, and a third changes nothing. */
export async function isSweptClean(
  sweeping: Sweeping,
  context: TestContext,
  { what, swept = 0 }: SweptCase,
): Promise<void> {
  const { desk } = sweeping;
  for (let sweeps = swept; sweeps < SWEEPS; sweeps += 1) await sweeping.round();
  let left: readonly string[] = ['nobody has looked'];
  try {
    // What two sweeps have cleared the bookers close in their own time; nobody sweeps meanwhile.
    await soon(async () => {
      left = await leftOf(desk);
      expect(left).toEqual([]);
    });
  } finally {
    const found = (await sweeping.found()).join(', ');
    tellFigures(context, 'custody', { case: what, found, sweeps: SWEEPS, left: left.length });
  }
  const before = await atRest(desk);
  expect(await sweeping.round()).toEqual([]);
  expect(await restOf(desk)).toEqual(before);
}

/**
 * What of a desk nobody may leave behind: open orders, fills that may be taken back, reservations, holds, doubts, breaks, cases that
 * nobody has taken, order groups that nobody names, and contracts that nobody answers for.
 */
export async function leftOf(desk: TestDesk): Promise<readonly string[]> {
  const { db, venues } = desk;
  const { rows } = await sql<{ readonly what: string }>`
    select 'reservation of ' || workflow_id as what from reservations where released_at is null
    union all select 'hold of ' || holder from pair_holds where until is null
    union all select 'order ' || client_order_id || ' ' || status from orders
      where status in ('planned', 'submitted', 'unknown', 'working', 'pendingCancel')
    union all select 'trade ' || workflow_id from intents where closed_at is null
    union all select 'fill ' || execution_id || ' that is not final' from venue_entries as fill
      where finality = 'provisional' and not exists (
        select from venue_entries as reversal
        where kind = 'reversal' and reversal.venue = fill.venue
          and reversal.execution_id = fill.execution_id)`.execute(db);
  const resting = venueNames.flatMap((venue) =>
    venues[venue].exchange
      .orders({ account: ACCOUNT })
      .filter((order) => order.state === 'working')
      .map((order) => `resting at ${venue} ${order.venueOrderId}`),
  );
  const untaken = (await openCases(db)).filter(({ isTaken }) => !isTaken);
  return [
    ...rows.map(({ what }) => what),
    ...resting,
    ...untaken.map(({ found }) => `case ${found.key} that nobody has taken`),
    ...(await breaksToEnd(db)).map(({ kind, key }) => `break ${kind} of ${key}`),
    ...(await namelessGroups(desk)),
    ...(await unownedOf(desk)),
  ];
}

/** One with an order in it is somebody's: to delete it would cancel the order. */
async function namelessGroups({ db, venues }: TestDesk): Promise<readonly string[]> {
  const { exchange } = venues.kalshi;
  const named = new Set((await keptGroups(db, ACCOUNT)).map(({ group }) => group.groupId));
  const used = new Set(exchange.orders({ account: ACCOUNT }).map((order) => order.orderGroupId));
  return exchange
    .orderGroups(ACCOUNT)
    .filter(({ groupId }) => !named.has(groupId) && !used.has(groupId))
    .map(({ groupId }) => `order group ${groupId} that nobody names`);
}

/** Contracts by the venues themselves that are more, or fewer, than held pairs and open cases say. */
async function unownedOf({ db, venues }: TestDesk): Promise<readonly string[]> {
  const unowned = new Map<string, bigint>();
  const add = (instrument: Instrument, contracts: bigint): void => {
    const key = instrumentKey(instrument);
    unowned.set(key, (unowned.get(key) ?? 0n) + contracts);
  };
  for (const venue of venueNames) {
    for (const { market, outcome, quantity } of venues[venue].exchange.positions(ACCOUNT)) {
      add({ venue, market, outcome }, quantity);
    }
  }
  for (const { yes, no, yesHeld, noHeld } of await heldPairs(db, ACCOUNT)) {
    add(yes, negate(yesHeld));
    add(no, negate(noHeld));
  }
  for (const { found } of await openCases(db)) {
    if (found.kind === 'position') add(found.instrument, negate(found.quantity));
    // What the venue states beyond its own entries is looked after as that.
    if (found.kind === 'difference') add(found.instrument, subtract(found.held, found.quantity));
  }
  return [...unowned].flatMap(([key, contracts]) =>
    contracts === 0n ? [] : [`${formatAmount(contracts)} of ${key} without an owner`],
  );
}

type Rest = Readonly<Record<string, number | string>>;

/** A second without news: the last report of a sale may be that late. */
const LOOKS_AT_REST = 20;

/** The bookers close and lift what two sweeps have cleared in their own time, rounds apart. */
async function atRest(desk: TestDesk): Promise<Rest> {
  const seen: Rest[] = [];
  return vi.waitFor(
    async () => {
      seen.push(await restOf(desk));
      const [first, ...others] = seen.slice(-LOOKS_AT_REST);
      if (first === undefined || others.length < LOOKS_AT_REST - 1)
        throw new Error('looked at too rarely yet');
      for (const counts of others) expect(counts).toEqual(first);
      return first;
    },
    { timeout: 15_000, interval: 50 },
  );
}

/** Everything that a sweep could have changed: the rows of each table, and what the venues have seen. */
export async function restOf({ db, venues }: TestDesk): Promise<Rest> {
  const tables = ['custody_cases', 'breaks', 'freezes', 'orders', 'order_events', 'venue_entries'];
  const more = ['audit', 'reservations', 'pair_holds', 'held_pairs', 'owners'];
  const counts: Record<string, number | string> = {};
  for (const table of [...tables, ...more]) {
    const { rows } = await sql<{ readonly digest: string }>`
      select count(*) || ' rows, ' || md5(coalesce(string_agg(one::text, ';' order by one::text), ''))
        as digest from ${sql.table(table)} as one`.execute(db);
    counts[table] = rows[0]?.digest ?? 'unread';
  }
  for (const venue of venueNames) {
    counts[venue] = venues[venue].exchange.orders({ account: ACCOUNT }).length;
  }
  counts.groups = venues.kalshi.exchange.orderGroups(ACCOUNT).length;
  return counts;
}
