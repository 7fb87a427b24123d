import { type Kysely, sql } from 'kysely';
import {
  type Admission,
  type ArbitrageIntent,
  type CustodyPlace,
  custodyPlaceOfTrade,
  fromWire,
  isTerminal,
  type LeftoverBook,
  type OpenTradeBook,
  type OurBooks,
  type StoredTrade,
  type StoredTradeOrder,
  type TradeRow,
  tradeCaseKey,
  type VenueName,
  type VenueOrder,
} from '../domain/index.js';
import { openCaseOf } from './custody-cases.js';
import { tradeRows } from './entries.js';
import { tradeRowFrom } from './entry-rows.js';
import { inOneMoment } from './in-one-moment.js';
import { ordersOf, type StoredOrder } from './order-queries.js';
import { positions } from './positions.js';
import type { Database } from './tables.js';
import type { Transaction } from './transaction.js';
import { type UnadoptedShot, unadoptedShots } from './unadopted-shots.js';
import { heldLegs } from './unowned-contracts.js';

export interface BooksQuestion {
  readonly venue: VenueName;
  readonly account: string;
  /** The venue's open orders, read before. */
  readonly orders: readonly VenueOrder[];
  /** Where a trade is looked after that was never decided: nothing of it says which legs. */
  readonly placeOf: (intent: ArbitrageIntent) => CustodyPlace;
}

/** Workflow ids of every trade of an account that has no result: who has to be looked up. */
export async function openTradeIds(
  db: Kysely<Database>,
  account: string,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('intents')
    .select('workflow_id')
    .where('account', '=', account)
    .where('closed_at', 'is', null)
    .execute();
  return rows.map((row) => row.workflow_id);
}

/** Our side of a sweep, all of one moment. */
export async function readOurBooks(
  db: Kysely<Database>,
  question: BooksQuestion,
): Promise<OurBooks> {
  const { venue, account } = question;
  return inOneMoment(db, async (tx) => {
    const held = await positions(tx, account);
    const toCome = await unadoptedShots(tx, account);
    const explained = await explainedOrders(tx, question);
    return {
      account,
      trades: [...(await openTradeBooks(tx, question)), ...toCome.flatMap(bookToCome)],
      leftovers: await leftoverBooks(tx, question),
      explained: new Map([...explained, ...toCome.flatMap(explainedBy)]),
      positions: held.filter(({ instrument }) => instrument.venue === venue),
      held: await heldLegs(tx, question),
    };
  });
}

/** Everything of one trade, to carry it on; `undefined` for an id that no intent has. */
export async function readStoredTrade(
  db: Kysely<Database>,
  workflowId: string,
): Promise<{ readonly trade: StoredTrade; readonly isClosed: boolean } | undefined> {
  const row = await db
    .selectFrom('intents')
    .select(['intent', 'admission', 'closed_at'])
    .where('workflow_id', '=', workflowId)
    .executeTakeFirst();
  if (!row) return undefined;
  const orders = await ordersOf(db, workflowId);
  const trade = {
    workflowId,
    intent: fromWire<ArbitrageIntent>(row.intent),
    ...(row.admission && { admission: fromWire<Admission>(row.admission) }),
    orders: orders.map(tradeOrder),
    rows: (await tradeRows(db, workflowId)).filter((entry) => entry.account === row.intent.account),
  };
  return { trade, isClosed: row.closed_at !== null };
}

/** Without what only the wire needs. */
function tradeOrder(stored: StoredOrder): StoredTradeOrder {
  const { order, status, venueOrderId, cumulativeQuantity, recordedAtMs } = stored;
  return {
    order,
    status,
    recordedAtMs,
    ...(venueOrderId !== undefined && { venueOrderId }),
    ...(cumulativeQuantity !== undefined && { cumulativeQuantity }),
  };
}

async function openTradeBooks(
  tx: Transaction,
  { account, placeOf }: BooksQuestion,
): Promise<readonly OpenTradeBook[]> {
  const trades = await tx
    .selectFrom('intents')
    .leftJoin('reservations', (join) =>
      join
        .onRef('reservations.workflow_id', '=', 'intents.workflow_id')
        .on('reservations.released_at', 'is', null),
    )
    .leftJoin('owners', (join) =>
      join.onRef('owners.key', '=', 'intents.workflow_id').on('owners.kind', '=', 'exit'),
    )
    .leftJoin('pair_holds', (join) =>
      join
        .onRef('pair_holds.pair_id', '=', 'intents.pair_id')
        .onRef('pair_holds.holder', '=', 'intents.workflow_id')
        .on('until', 'is', null),
    )
    .select(['intents.workflow_id', 'intent', 'admission', 'reservations.opened_at'])
    .select(['owners.holder', 'taken_at'])
    .where('intents.account', '=', account)
    .where('closed_at', 'is', null)
    .execute();
  const booked = await entriesOf(
    tx,
    trades.map((trade) => trade.workflow_id),
  );
  return trades.map((trade) => {
    const workflowId = trade.workflow_id;
    const rows = booked.get(workflowId) ?? [];
    const intent = fromWire<ArbitrageIntent>(trade.intent);
    const admission = trade.admission && fromWire<Admission>(trade.admission);
    const entries = admission?.kind === 'approved' ? admission.entries : undefined;
    return {
      workflowId,
      rows,
      isApproved: entries !== undefined,
      hasReservation: trade.opened_at !== null,
      hasHold: trade.taken_at !== null,
      hasOwner: trade.holder !== null,
      isTakenOver: trade.holder !== null && trade.holder !== workflowId,
      place: entries ? custodyPlaceOfTrade(entries, rows) : placeOf(intent),
      instruments: entries ? [entries.yesOrder.instrument, entries.noOrder.instrument] : [],
    };
  });
}

/** Shots that an engine has fired and no trade has taken over yet: there is nothing to look after. */
function bookToCome({ workflowId, orders, rows }: UnadoptedShot): readonly OpenTradeBook[] {
  const [first] = orders;
  if (!first) return [];
  const { account, instrument } = first;
  return [
    {
      ...{ workflowId, rows, isApproved: false, isTakenOver: false },
      ...{ hasReservation: false, hasHold: false, hasOwner: false },
      place: { account, instrument },
      instruments: orders.map((order) => order.instrument),
    },
  ];
}

/** A venue may show one that rests before our row has its name. */
const explainedBy = ({ workflowId, venueOrderIds }: UnadoptedShot) =>
  venueOrderIds.map((venueOrderId) => [venueOrderId, workflowId] as const);

async function entriesOf(
  tx: Transaction,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, readonly TradeRow[]>> {
  if (workflowIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom('venue_entries')
    .selectAll()
    .where('workflow_id', 'in', workflowIds)
    .where('kind', 'in', ['fill', 'reversal'])
    .orderBy('seq')
    .execute();
  return grouped(rows);
}

function grouped(
  rows: readonly (Parameters<typeof tradeRowFrom>[0] & { readonly workflow_id: string | null })[],
): ReadonlyMap<string, readonly TradeRow[]> {
  const groups = new Map<string, TradeRow[]>();
  for (const row of rows) {
    const group = groups.get(row.workflow_id ?? '') ?? [];
    group.push(tradeRowFrom(row));
    groups.set(row.workflow_id ?? '', group);
  }
  return groups;
}

/** A trade is closed in one commit: what is open after it was written by somebody who was late. */
async function leftoverBooks(
  tx: Transaction,
  { account, orders, venue }: BooksQuestion,
): Promise<readonly LeftoverBook[]> {
  const found = await sql<{ readonly workflow_id: string; readonly what: string }>`
    select workflow_id, 'its reservation is open' as what
      from reservations join intents using (workflow_id)
      where reservations.account = ${account} and released_at is null and closed_at is not null
    union all
    select holder, 'its hold has no end'
      from pair_holds join intents on workflow_id = holder
      where intents.account = ${account} and until is null and closed_at is not null
    union all
    select workflow_id, 'order ' || client_order_id || ' is ' || status
      from orders join intents using (workflow_id)
      where orders.account = ${account} and closed_at is not null
        and status in ('planned', 'submitted', 'unknown', 'working', 'pendingCancel')
    union all
    select workflow_id, 'order ' || client_order_id || ' was absent and is there'
      from orders join intents using (workflow_id)
      where orders.account = ${account} and closed_at is not null and status = 'absent'
        and venue = ${venue} and (
          venue_order_id = any(${orders.map((order) => order.venueOrderId)}::text[])
          or client_order_id = any(${orders.map((order) => order.clientOrderId ?? '')}::text[])
        )`.execute(tx);
  const firsts = new Map(found.rows.map((row) => [row.workflow_id, row.what]));
  const books: LeftoverBook[] = [];
  for (const [workflowId, what] of firsts) {
    if (await openCaseOf(tx, tradeCaseKey(workflowId))) continue; // its match is being flattened
    const stored = await readStoredTrade(tx, workflowId);
    if (stored?.trade.admission?.kind !== 'approved') continue;
    const { admission, rows } = stored.trade;
    const place = custodyPlaceOfTrade(admission.entries, rows);
    if (place.instrument.venue === venue) books.push({ workflowId, place, what });
  }
  return books;
}

/** The rows that explain orders which the venue shows as open; one that has ended explains none. */
async function explainedOrders(
  tx: Transaction,
  { venue, account, orders }: BooksQuestion,
): Promise<ReadonlyMap<string, string>> {
  if (orders.length === 0) return new Map();
  const rows = await tx
    .selectFrom('orders')
    .select(['client_order_id', 'venue_order_id', 'workflow_id', 'status'])
    .where('venue', '=', venue)
    .where('account', '=', account)
    .where((where) =>
      where.or([
        where(
          'venue_order_id',
          'in',
          orders.map((order) => order.venueOrderId),
        ),
        where(
          'client_order_id',
          'in',
          orders.map((order) => order.clientOrderId ?? ''),
        ),
      ]),
    )
    .execute();
  const open = rows.filter(({ status }) => !isTerminal(status) || status === 'absent');
  return new Map(
    orders.flatMap(({ venueOrderId, clientOrderId }) => {
      const row = open.find(
        (one) => one.venue_order_id === venueOrderId || one.client_order_id === clientOrderId,
      );
      return row ? [[venueOrderId, row.workflow_id] as const] : [];
    }),
  );
}
