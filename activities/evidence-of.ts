import { setTimeout } from 'node:timers/promises';
import {
  type ChildOrder,
  type Evidence,
  type FindAnswer,
  isAbsent,
  isSameOrder,
  isTerminal,
  type OrderReference,
  type Venue,
  type VenueOrder,
} from '../domain/index.js';
import {
  bookEntries,
  findOrders,
  forbidOrder,
  liftFreezeOfOrder,
  missesOf,
  openBreak,
  readStoredTrade,
  recordAnswer,
  type StoredOrder,
  tradeRowsOfOrder,
} from '../store/index.js';
import { compareWithBooks } from './late-rows.js';
import { tell } from './tell.js';
import type { Question } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';

/**
 * One round of questions about orders that we do not know enough of.
 *
 * 1. What may still live is cancelled before it is asked about: kill, then ask.
 * 2. An order without a row never left; a tombstone keeps a late twin from sending it after all.
 * 3. Only trade rows are fills; they are booked before they are told.
 * 4. "Not found" is `open` until the order can no longer arrive and every page would show it.
 * 5. So is what a venue has not answered when a freeze is due. The round goes on, as one whose worker
 *    is given up too early does, and what it finds is booked; the next round asks again.
 */
export async function evidenceOf(
  desk: TradingDesk,
  { workflowId, clientOrderIds, terms, untilMs, story }: Question,
): Promise<readonly Evidence[]> {
  desk.reached('ask: asked, nothing cancelled', workflowId);
  const stored = await findOrders(desk.db, clientOrderIds);
  const rounds = clientOrderIds.map(async (clientOrderId): Promise<Evidence> => {
    const row = stored.find((one) => one.order.clientOrderId === clientOrderId);
    if (!row) return neverSent(desk, workflowId, clientOrderId);
    return inTime(desk, {
      clientOrderId,
      untilMs,
      asked: evidenceOfOrder(desk, row, terms.latenessMs),
    });
  });
  const evidence = await Promise.all(rounds);
  await tell(desk, workflowId, story);
  return evidence;
}

interface Asked {
  readonly clientOrderId: string;
  readonly untilMs: number | undefined;
  readonly asked: Promise<Evidence>;
}

async function inTime(
  desk: TradingDesk,
  { clientOrderId, untilMs, asked }: Asked,
): Promise<Evidence> {
  if (untilMs === undefined) return asked;
  const over = new AbortController();
  const open: Evidence = { kind: 'open', clientOrderId, rows: [] };
  const late = setTimeout(Math.max(0, untilMs - desk.nowMs()), open, { signal: over.signal });
  try {
    return await Promise.race([asked, late]);
  } finally {
    over.abort();
  }
}

async function neverSent(
  desk: TradingDesk,
  workflowId: string,
  clientOrderId: string,
): Promise<Evidence> {
  const atMs = desk.nowMs();
  const answer = await forbidOrder(desk.db, { clientOrderId, workflowId, mode: desk.mode, atMs });
  desk.reached('ask: forbidden to leave, not told', workflowId);
  // `exists`: the twin was faster; the next round asks the venue about it.
  if (answer === 'exists') return { kind: 'open', clientOrderId, rows: [] };
  // Its shot was in doubt for so long that the pair was frozen: a worker or Postgres was away.
  await liftFreezeOfOrder(desk.db, clientOrderId, atMs);
  return { kind: 'neverSent', clientOrderId };
}

async function evidenceOfOrder(
  desk: TradingDesk,
  row: StoredOrder,
  latenessMs: number,
): Promise<Evidence> {
  const { order, status } = row;
  const { clientOrderId } = order;
  if (isDefiniteNo(row)) return { kind: 'neverSent', clientOrderId };
  const venue = desk.venueOf(order.instrument.venue, order.account);
  const reference = referenceOf(row);
  // Terminal by the venue's word: only its trade rows are still missing.
  if (isTerminal(status) && status !== 'absent') {
    await bookRowsOf(desk, venue, reference);
    return told(desk, row);
  }

  if (row.venueOrderId !== undefined) await venue.cancel(reference); // its answer proves nothing
  desk.reached('ask: cancelled, not looked for', order.workflowId);
  const askedAtMs = desk.nowMs();
  const answer = await venue.findOrder(reference);
  if (answer.kind === 'found') return adopted(desk, row, { found: answer.order, latenessMs });
  return missed(desk, row, { answer, askedAtMs, latenessMs });
}

/** The venue knows the order: it is ours if it says what ours says. */
async function adopted(
  desk: TradingDesk,
  row: StoredOrder,
  { found, latenessMs }: { readonly found: VenueOrder; readonly latenessMs: number },
): Promise<Evidence> {
  const { order } = row;
  const { clientOrderId } = order;
  if (!isSameOrder(row, found, latenessMs)) {
    const { account, instrument } = order;
    const { venue, market } = instrument;
    const detail = { clientOrderId, found: found.venueOrderId, market };
    const about = { kind: 'order_differs', key: clientOrderId, account, venue, detail };
    await openBreak(desk.db, { ...about, atMs: desk.nowMs() }); // the booker freezes its pair
    return { kind: 'open', clientOrderId, rows: [] };
  }
  const { venueOrderId, cumulativeQuantity, state } = found;
  desk.reached('ask: found, not adopted', order.workflowId);
  await recordAnswer(desk.db, {
    clientOrderId,
    event: 'found',
    status: state,
    venueOrderId,
    cumulativeQuantity,
    detail: { state },
    atMs: desk.nowMs(),
  });
  desk.reached('ask: adopted, its fills not booked', order.workflowId);
  const venue = desk.venueOf(order.instrument.venue, order.account);
  await bookRowsOf(desk, venue, { ...referenceOf(row), venueOrderId });
  desk.reached('ask: fills booked, not told', order.workflowId);
  if (state !== 'working') await endDoubt(desk, order);
  return told(desk, { ...row, status: state, venueOrderId, cumulativeQuantity });
}

/**
 * The pair of an order that is known now takes new risk again. First its trade is looked at: one that
 * has closed on an operator's word misses what was just booked, and its pair is not free for a moment.
 */
async function endDoubt(
  desk: TradingDesk,
  { clientOrderId, workflowId }: ChildOrder,
): Promise<void> {
  const stored = await readStoredTrade(desk.db, workflowId);
  if (stored?.isClosed) {
    const { pairId } = stored.trade.intent;
    await compareWithBooks(desk, { workflowId, pairId, by: workflowId });
  }
  await liftFreezeOfOrder(desk.db, clientOrderId, desk.nowMs());
}

interface Miss {
  readonly answer: Exclude<FindAnswer, { kind: 'found' }>;
  readonly askedAtMs: number;
  readonly latenessMs: number;
}

/**
 * A listing may show what was there when its reading began, and no more: a venue that answers late
 * has not missed what arrived meanwhile. So a miss is as old as its question.
 */
async function missed(
  desk: TradingDesk,
  row: StoredOrder,
  { answer, askedAtMs, latenessMs }: Miss,
): Promise<Evidence> {
  const { order } = row;
  const { clientOrderId, notAfterMs } = order;
  // A trade that names the order is more than any page that does not.
  const rows = await tradeRowsOfOrder(desk.db, clientOrderId);
  if (rows.length > 0 || answer.kind === 'unavailable')
    return { kind: 'open', clientOrderId, rows };
  desk.reached('ask: missed, not recorded', order.workflowId);
  await recordAnswer(desk.db, { clientOrderId, event: 'missed', detail: answer, atMs: askedAtMs });

  const missedAtMs = await missesOf(desk.db, clientOrderId);
  const { readAsOfMs } = answer;
  const stamp = readAsOfMs === undefined ? {} : { readAsOfMs };
  const isGone = isAbsent({ askedAtMs, notAfterMs, latenessMs, missedAtMs, ...stamp });
  if (!isGone) return { kind: 'open', clientOrderId, rows: [] };
  const nowMs = desk.nowMs();
  const event = { clientOrderId, event: 'absent', status: 'absent', detail: answer } as const;
  await recordAnswer(desk.db, { ...event, atMs: nowMs });
  desk.reached('ask: absent, its freeze not lifted', order.workflowId);
  await liftFreezeOfOrder(desk.db, clientOrderId, nowMs);
  return { kind: 'absent', clientOrderId, order };
}

async function bookRowsOf(
  desk: TradingDesk,
  venue: Venue,
  reference: OrderReference,
): Promise<void> {
  const read = await venue.entriesOf(reference);
  if (read.kind === 'read') await bookEntries(desk.db, read.value);
}

async function told(desk: TradingDesk, row: StoredOrder): Promise<Evidence> {
  const { order, status, venueOrderId, cumulativeQuantity } = row;
  const { clientOrderId } = order;
  const rows = await tradeRowsOfOrder(desk.db, clientOrderId);
  const isKnown = venueOrderId !== undefined && cumulativeQuantity !== undefined;
  if (!isKnown || !isFoundState(status)) return { kind: 'open', clientOrderId, rows };
  return {
    kind: 'found',
    clientOrderId,
    order,
    venueOrderId,
    state: status,
    cumulativeQuantity,
    rows,
  };
}

/** Denied by us, or refused by the venue before it took the order: the answer was recorded, then lost. */
function isDefiniteNo({ status, cumulativeQuantity }: StoredOrder): boolean {
  return status === 'denied' || (status === 'rejected' && cumulativeQuantity === undefined);
}

type FoundState = VenueOrder['state'];
const FOUND_STATES: readonly string[] = ['working', 'filled', 'canceled', 'rejected'];
const isFoundState = (status: string): status is FoundState => FOUND_STATES.includes(status);

function referenceOf({ order, venueOrderId }: StoredOrder): OrderReference {
  const { clientOrderId, instrument, createdAtMs } = order;
  const known = venueOrderId === undefined ? {} : { venueOrderId };
  return { clientOrderId, instrument, createdAtMs, ...known };
}
