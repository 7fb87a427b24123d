import {
  assert,
  type Book,
  type ChildOrder,
  type ExitOrder,
  type ExitOutcome,
  greatest,
  heldInRows,
  type Instrument,
  instrumentKey,
  isSameOwner,
  least,
  type Market,
  NOTHING_LEFT,
  opposite,
  ownExit,
  type Pair,
  planExit,
  type Quantity,
  type SendOutcome,
  sizedOrder,
  ZERO_QUANTITY,
} from '../domain/index.js';
import {
  exitOwner,
  isNameTaken,
  position,
  recordExit,
  resultOfTrade,
  tradeRows,
} from '../store/index.js';
import { isOpenAgain } from './reopen.js';
import { outcomeOf, preparedExit, recordOutcome } from './send-order.js';
import { tell } from './tell.js';
import type { ExitRequest } from './trade-activities.js';
import { marketOf, type TradingDesk } from './trading-desk.js';

/** An exit order may not leave later than this after it was priced. */
const EXIT_VALID_MS = 2_000;
/** When nothing can be done now: how soon it is looked at again. */
const LOOK_AGAIN_MS = 250;

/**
 * One try to get out of the certain excess: at most one order.
 *
 * 1. A rung whose name is taken was tried, by a zombie of this activity or before a reset: the venue
 *    knows what became of it, and nothing is left of what it sold. Or it was forbidden, and this is
 *    the zombie.
 * 2. What is left is asked first, of this trade's rows, capped by the account's position.
 * 3. Both books are priced by `planExit`; a book that is stale here is read from the venue, because
 *    an exit may not wait for a stream.
 * 4. The order is a row of its own rung, committed before the send: no second process can send it.
 * 5. Only the owner of the excess sends one: its epoch is checked in the commit that records the
 *    order, and `notAfter` once more in the last turn before the write, so that a process which was
 *    held up anywhere in between sends nothing beside the next owner.
 * 6. A trade whose end is written takes it back; where that cannot be, custody has what is left.
 * 7. A freeze leaves only selling and keeping; it never stops an exit.
 */
export async function exitOnce(desk: TradingDesk, request: ExitRequest): Promise<ExitOutcome> {
  desk.reached('exit: asked, nothing priced', request.workflowId);
  const outcome = await tryExit(desk, request);
  await tell(desk, request.workflowId, request.story);
  return outcome;
}

async function tryExit(desk: TradingDesk, request: ExitRequest): Promise<ExitOutcome> {
  await pauseUntil(desk, request.ladder.notBeforeMs);
  const { own, other } = legsOf(request);
  const { clientOrderId, workflowId } = request;
  const held = () => stillHeld(desk, request, own.instrument);
  const [before, owner, isTaken, end] = await Promise.all([
    held(),
    exitOwner(desk.db, request.ownership.key),
    isNameTaken(desk.db, clientOrderId),
    resultOfTrade(desk.db, workflowId),
  ]);
  if (owner && !isSameOwner(owner, request.ownership)) return { kind: 'fenced', owner };
  if (isTaken) return { kind: 'unknown', clientOrderId };
  if (end && isTradesOwn(request) && !(await isOpenAgain(desk, workflowId))) {
    return { kind: 'kept', reason: 'kept', quantity: request.excess.quantity };
  }
  const left = end ? await held() : before;
  if (left === 0n) return waited(desk, NOTHING_LEFT);

  const [ownBook, otherBook, complement] = await Promise.all([
    freshBook(desk, own),
    freshBook(desk, other),
    complementBook(desk, own),
  ]);
  const plan = planExit({
    excess: { ...request.excess, quantity: left, sellable: least(left, request.excess.sellable) },
    ladder: request.ladder,
    own: { ...own, book: ownBook, complement },
    other: { ...other, book: otherBook, isOppositeHeld: await isOppositeHeld(desk, other) },
    isOtherLegTerminal: request.isOtherLegTerminal,
    isFrozen: request.isFrozen || isPairFrozen(desk, request),
    terms: request.terms.exit,
    nowMs: desk.nowMs(),
  });
  if (plan.kind === 'wait') return { kind: 'waited', why: plan.why, untilMs: plan.untilMs };
  if (plan.kind === 'keep') return { kind: 'kept', reason: plan.reason, quantity: left };
  return send(desk, { ...request, left }, plan);
}

/** By the trade itself, not by custody for it. */
const isTradesOwn = ({ ownership, workflowId }: ExitRequest): boolean =>
  isSameOwner(ownership, ownExit(workflowId));

/** One side of what is got out of, or into. */
export interface Leg {
  readonly instrument: Instrument;
  readonly market: Market;
  readonly account: string;
}

async function send(
  desk: TradingDesk,
  { left, ...request }: ExitRequest & { readonly left: Quantity },
  plan: ExitOrder,
): Promise<ExitOutcome> {
  const { workflowId } = request;
  desk.reached('exit: priced, nothing recorded', workflowId);
  const order = exitOrder(desk, request, plan);
  if (!order) return { kind: 'kept', reason: 'below_minimum' };
  const { venue, request: onWire } = await preparedExit(desk, { pair: request.pair, order, left });
  const record = await recordExit(desk.db, { ...onWire, mode: desk.mode }, request.ownership);
  if (record.kind === 'fenced') return record;
  // A zombie was faster since this began.
  if (record.kind === 'exists') return { kind: 'unknown', clientOrderId: order.clientOrderId };

  await venue.warm(order);
  desk.reached('exit: recorded, nothing sent', workflowId);
  // The point of no return: the write begins in this turn of the event loop.
  const { answerTimeoutMs } = request.terms;
  const outcome = tooLate(desk, order) ?? outcomeOf(await venue.place(onWire, answerTimeoutMs));
  desk.reached('exit: answered, nothing recorded', workflowId);
  await recordOutcome(desk, order.clientOrderId, outcome);
  desk.reached('exit: answer recorded, not told', workflowId);
  return { kind: 'sent', how: plan.how, order, outcome, atMs: desk.nowMs() };
}

/** Past this no other process waits for the order any more, so it may not leave (DESIGN §9). */
function tooLate(desk: TradingDesk, { notAfterMs }: ChildOrder): SendOutcome | undefined {
  const lateMs = desk.nowMs() - notAfterMs;
  if (lateMs <= 0) return undefined;
  return { kind: 'notSent', code: 'TOO_LATE', reason: `${String(lateMs)} ms after notAfter` };
}

function exitOrder(
  desk: TradingDesk,
  request: ExitRequest,
  plan: ExitOrder,
): ChildOrder | undefined {
  const { clientOrderId, workflowId, ladder, excess } = request;
  const { instrument, side, isReduceOnly } = plan;
  const sized = sizedOrder(plan);
  if (sized.kind === 'refused') return undefined;
  const nowMs = desk.nowMs();
  return {
    clientOrderId,
    workflowId,
    account: request.entries.yesOrder.account,
    purpose: { kind: 'exit', leg: excess.leg, rung: ladder.rung, attempt: ladder.attempt },
    instrument,
    side,
    timeInForce: 'IOC',
    limitPrice: sized.limitPrice,
    fixed: sized.fixed,
    legalMaximum: sized.legalMaximum,
    isReduceOnly,
    notAfterMs: nowMs + EXIT_VALID_MS,
    createdAtMs: nowMs,
  };
}

/** The pair's two legs as they were entered: the excess leg's own, and the other. */
function legsOf({ entries, excess, pair }: ExitRequest) {
  const orders = { yes: entries.yesOrder, no: entries.noOrder };
  const own = legOf(pair, orders[excess.leg]);
  const otherOrder = orders[opposite(excess.leg)];
  const { limitPrice } = otherOrder;
  const contractsMax = orders[excess.leg].legalMaximum;
  const other = { ...legOf(pair, otherOrder), limitPrice, contractsMax };
  return { own, other };
}

function legOf(pair: Pair, { instrument, account }: ChildOrder): Leg {
  const market = marketOf(pair, instrument);
  assert(market !== undefined, `${instrumentKey(instrument)} is a market of ${pair.pairId}`);
  return { instrument, market, account };
}

/** The excess, but never more than this trade's rows and the account's position still show. */
async function stillHeld(
  desk: TradingDesk,
  { workflowId, excess, entries }: ExitRequest,
  instrument: Instrument,
): Promise<Quantity> {
  const ofTrade = heldInRows(await tradeRows(desk.db, workflowId), instrument);
  const ofAccount = await position(desk.db, entries.yesOrder.account, instrument);
  const held = least(ofTrade, ofAccount);
  return greatest(ZERO_QUANTITY, least(held, excess.quantity));
}

/** Buying where the account holds the opposite and the venue nets would undo an earlier match. */
export async function isOppositeHeld(desk: TradingDesk, { instrument, market, account }: Leg) {
  if (!market.netsOutcomes) return false;
  const other = { ...instrument, outcome: opposite(instrument.outcome) };
  return (await position(desk.db, account, other)) > 0n;
}

/** Where the venue nets, buying the opposite outcome is a way out too, and it is quoted apart. */
export async function complementBook(desk: TradingDesk, leg: Leg): Promise<Book | undefined> {
  if (!leg.market.netsOutcomes) return undefined;
  const { instrument } = leg;
  return freshBook(desk, {
    ...leg,
    instrument: { ...instrument, outcome: opposite(instrument.outcome) },
  });
}

/** This process' book if it is fresh, else the venue's by REST, else none. */
export async function freshBook(desk: TradingDesk, leg: Leg): Promise<Book | undefined> {
  const { instrument, market, account } = leg;
  const book = desk.bookOf(instrument);
  const isFresh =
    book && !book.hasGap && Math.abs(desk.nowMs() - book.heardAtMs) <= desk.policy.bookSilenceMsMax;
  if (isFresh) return book;
  const read = await desk.venueOf(instrument.venue, account).book(market);
  if (read.kind === 'unavailable') return undefined;
  return read.value.find((one) => one.instrument.outcome === instrument.outcome);
}

function isPairFrozen(desk: TradingDesk, request: ExitRequest): boolean {
  const { entries, pair, strategy, workflowId } = request;
  const orders = [entries.yesOrder, entries.noOrder];
  const freeze = desk.freezes.freezeOf({
    venues: orders.map(({ instrument }) => instrument.venue),
    account: entries.yesOrder.account,
    strategy,
    instruments: orders.map(({ instrument }) => instrument),
    pairId: pair.pairId,
    workflowId,
  });
  return freeze !== undefined;
}

const waited = (desk: TradingDesk, why: string): ExitOutcome => ({
  kind: 'waited',
  why,
  untilMs: desk.nowMs() + LOOK_AGAIN_MS,
});

/** A rung's delay is waited here, because a timer in the workflow costs a round trip each way. */
async function pauseUntil(desk: TradingDesk, atMs: number): Promise<void> {
  const waitMs = atMs - desk.nowMs();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
