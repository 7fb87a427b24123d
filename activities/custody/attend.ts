import {
  type CaseOf,
  type CustodyLook,
  doubled,
  formatAmount,
  instrumentKey,
  isTerminal,
  unreachable,
} from '../../domain/index.js';
import {
  bookEntries,
  closeCase,
  ordersOf,
  position,
  readStoredTrade,
  releaseLeftover,
  restoreReservation,
  takeCase,
} from '../../store/index.js';
import { evidenceOf } from '../evidence-of.js';
import { compareWithBooks } from '../late-rows.js';
import { tell } from '../tell.js';
import type { TradingDesk } from '../trading-desk.js';
import { attendPosition } from './attend-position.js';
import type { AttendRequest } from './custody-activities.js';

const CASE_CLOSED = 'custody: case closed, not told';
const CASE_TAKEN = 'custody: case taken, not told';
/** Pages that are read again where a venue and its own entries disagree. */
const READ_AGAIN_MS = 24 * 60 * 60_000;

/**
 * One look at something without an owner.
 *
 * 1. What can be ended now is ended here, and the case closed with the reason.
 * 2. A stranger's order is canceled by its id, never by cancel-all: that takes ours too.
 * 3. Nothing is released while an order of it is unresolved.
 * 4. What only a person can decide is watched: its break has an age, its pair stays frozen.
 */
export async function attend(desk: TradingDesk, request: AttendRequest): Promise<CustodyLook> {
  const { custodyId, place, found, story } = request;
  desk.reached('custody: asked to look, nothing looked at', custodyId);
  await tell(desk, custodyId, story);
  const look = await lookAt(desk, request);
  desk.reached('custody: looked, case not closed', custodyId);
  const { key } = found;
  const atMs = desk.nowMs();
  if (look.kind === 'over') await closeCase(desk.db, { key, how: look.text, atMs });
  else await takeCase(desk.db, { key, place, atMs });
  desk.reached(look.kind === 'over' ? CASE_CLOSED : CASE_TAKEN, custodyId);
  return look;
}

async function lookAt(desk: TradingDesk, request: AttendRequest): Promise<CustodyLook> {
  const { found } = request;
  switch (found.kind) {
    case 'order':
      return attendOrder(desk, request, found);
    case 'position':
      return attendPosition(desk, request, found);
    case 'difference':
      return attendDifference(desk, request, found);
    case 'reservation':
      return attendReservation(desk, found);
    case 'leftover':
      return attendLeftover(desk, request, found);
    case 'trade':
      return { kind: 'watched', text: 'a trade is adopted, not looked at' };
    default:
      return unreachable(found);
  }
}

async function attendOrder(
  desk: TradingDesk,
  request: AttendRequest,
  { instrument, venueOrderId, clientOrderId, createdAtMs }: CaseOf<'order'>,
): Promise<CustodyLook> {
  const { account } = request.place;
  const venue = desk.venueOf(instrument.venue, account);
  // A stranger may have given it no name: the venue's id is what counts.
  const named = { clientOrderId: clientOrderId ?? venueOrderId, venueOrderId };
  const reference = { ...named, instrument, createdAtMs };
  await venue.cancel(reference); // its answer proves nothing: what is open says the venue
  desk.reached('custody: order of a stranger canceled, not looked for', request.custodyId);
  const read = await venue.openOrders();
  if (read.kind === 'unavailable') return again(desk, request, `no open orders: ${read.code}`);
  const isOpen = read.value.some(
    (one) => one.venueOrderId === venueOrderId && one.state === 'working',
  );
  if (isOpen) return again(desk, request, 'canceled, and still open');
  const entries = await venue.entriesOf(reference);
  if (entries.kind === 'unavailable') return again(desk, request, `no entries: ${entries.code}`);
  await bookEntries(desk.db, entries.value);
  return { kind: 'over', text: 'canceled by its id' };
}

async function attendDifference(
  desk: TradingDesk,
  request: AttendRequest,
  { instrument }: CaseOf<'difference'>,
): Promise<CustodyLook> {
  const { account } = request.place;
  const venue = desk.venueOf(instrument.venue, account);
  const entries = await venue.entriesSince(desk.nowMs() - READ_AGAIN_MS);
  if (entries.kind === 'read') await bookEntries(desk.db, entries.value);
  const read = await venue.positions();
  if (read.kind === 'unavailable') return again(desk, request, `no positions: ${read.code}`);
  const key = instrumentKey(instrument);
  const theirs = read.value.find((one) => instrumentKey(one.instrument) === key)?.quantity ?? 0n;
  const ours = await position(desk.db, account, instrument);
  if (theirs === ours) return { kind: 'over', text: 'the pages were read again: both agree' };
  const figures = `${formatAmount(theirs)} there, ${formatAmount(ours)} by its entries`;
  return { kind: 'watched', text: `${figures}: the venue has to be asked` };
}

async function attendReservation(
  desk: TradingDesk,
  { workflowId }: CaseOf<'reservation'>,
): Promise<CustodyLook> {
  const stored = await readStoredTrade(desk.db, workflowId);
  if (!stored || stored.isClosed) return { kind: 'over', text: 'the trade has ended' };
  const { trade } = stored;
  await restoreReservation(desk.db, { trade, policy: desk.policy, atMs: desk.nowMs() });
  return { kind: 'over', text: 'its reservation, its hold and its exits are there again' };
}

async function attendLeftover(
  desk: TradingDesk,
  request: AttendRequest,
  { workflowId }: CaseOf<'leftover'>,
): Promise<CustodyLook> {
  const stored = await ordersOf(desk.db, workflowId);
  const open = stored.filter(({ status }) => !isTerminal(status) || status === 'absent');
  const clientOrderIds = open.map(({ order }) => order.clientOrderId);
  const { terms } = desk;
  const evidence = await evidenceOf(desk, { workflowId, clientOrderIds, terms, story: [] });
  const trade = await readStoredTrade(desk.db, workflowId);
  if (trade?.isClosed) {
    const { pairId } = trade.trade.intent;
    await compareWithBooks(desk, { workflowId, pairId, by: request.custodyId });
  }
  const isOpen = evidence.some(
    (one) => one.kind === 'open' || (one.kind === 'found' && one.state === 'working'),
  );
  if (isOpen) return again(desk, request, 'an order of it is not resolved yet');
  await releaseLeftover(desk.db, { workflowId, atMs: desk.nowMs() });
  return { kind: 'over', text: 'resolved and released' };
}

function again(desk: TradingDesk, { tries }: AttendRequest, text: string): CustodyLook {
  const { askEveryMs, askEveryMsMax } = desk.terms;
  return { kind: 'again', text, untilMs: desk.nowMs() + doubled(askEveryMs, tries, askEveryMsMax) };
}
