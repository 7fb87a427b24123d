import {
  assert,
  type ChildOrder,
  type ExitOrder,
  type ExitOutcome,
  instrumentKey,
  least,
  NOTHING_LEFT,
  ONE_DOLLAR,
  type Pair,
  planExit,
  type SendOutcome,
  sizedOrder,
} from '../../domain/index.js';
import { findOrders, recordExit } from '../../store/index.js';
import { complementBook, freshBook, isOppositeHeld, type Leg } from '../exit-once.js';
import { outcomeOf, preparedForPosition, recordOutcome } from '../send-order.js';
import { tell } from '../tell.js';
import type { TradingDesk } from '../trading-desk.js';
import { otherLeg, pairWith, unhedgedNow } from './attend-position.js';
import type { PositionExitRequest } from './custody-activities.js';

/** As of a trade's exits: no later than this after it was priced. */
const EXIT_VALID_MS = 2_000;
/** When nothing can be done now: how soon it is looked at again. */
const LOOK_AGAIN_MS = 250;

/**
 * One try to get rid of contracts that nobody answers for: at most one order, by the rules of
 * `exitOnce`, of what is without an owner at this moment.
 *
 * 1. A rung that is recorded was tried before: the venue knows what became of it, and nothing is left
 *    of what it sold.
 * 2. `exit` sells down the ladder (reduce-only where the venue can say so); `hedge` only buys the
 *    other leg of the pair, within the loss bound.
 * 3. The freeze that the find has caused stops no hedge: it takes away risk.
 * 4. Only the owner of the position records an order, before its first byte.
 */
export async function exitPosition(
  desk: TradingDesk,
  request: PositionExitRequest,
): Promise<ExitOutcome> {
  desk.reached('custody exit: asked, nothing priced', request.custodyId);
  await tell(desk, request.custodyId, request.story);
  const { place, exiting, clientOrderId } = request;
  const { account, instrument } = place;
  const [open, [recorded]] = await Promise.all([
    unhedgedNow(desk, { account, instrument, policy: exiting.policy }),
    findOrders(desk.db, [clientOrderId]),
  ]);
  if (recorded) return { kind: 'unknown', clientOrderId };
  const left = least(open, exiting.excess.quantity);
  if (left === 0n) return waited(desk, NOTHING_LEFT);
  const pair = pairWith(desk, instrument);
  if (!pair) return { kind: 'kept', reason: 'kept' };

  const plan = planExit(await inputOf(desk, { request, pair, left }));
  if (plan.kind === 'wait') return { kind: 'waited', why: plan.why, untilMs: plan.untilMs };
  if (plan.kind === 'keep') return { kind: 'kept', reason: plan.reason, quantity: left };
  return send(desk, { request, pair, left }, plan);
}

interface Try {
  readonly request: PositionExitRequest;
  readonly pair: Pair;
  readonly left: PositionExitRequest['exiting']['excess']['quantity'];
}

async function inputOf(desk: TradingDesk, { request, pair, left }: Try) {
  const { excess, ladder, terms, policy } = request.exiting;
  const { own, other } = legsOf(request, pair);
  const [ownBook, otherBook, complement] = await Promise.all([
    freshBook(desk, own),
    freshBook(desk, other),
    complementBook(desk, own),
  ]);
  const isHedge = policy === 'hedge';
  return {
    excess: { ...excess, quantity: left, sellable: least(left, excess.sellable) },
    ladder: isHedge ? { ...ladder, without: ['sell', 'complement'] as const } : ladder,
    own: { ...own, book: ownBook, complement },
    // No entry has said what the other leg may cost: the loss bound alone does.
    other: {
      ...other,
      book: otherBook,
      limitPrice: ONE_DOLLAR,
      isOppositeHeld: await isOppositeHeld(desk, other),
    },
    isOtherLegTerminal: true,
    isFrozen: !isHedge,
    terms: { ...terms.exit, policy: isHedge ? ('cheapest' as const) : ('step_down' as const) },
    nowMs: desk.nowMs(),
  };
}

/** The contracts' own market, and the other outcome on the pair's other venue. */
function legsOf({ place }: PositionExitRequest, pair: Pair) {
  const { account, instrument } = place;
  const missing = otherLeg(pair, instrument);
  const own: Leg = { account, instrument, market: pair[instrument.venue] };
  const other: Leg = { account, instrument: missing, market: pair[missing.venue] };
  return { own, other };
}

async function send(
  desk: TradingDesk,
  { request, pair, left }: Try,
  plan: ExitOrder,
): Promise<ExitOutcome> {
  const { clientOrderId, custodyId, place, exiting } = request;
  desk.reached('custody exit: priced, nothing recorded', custodyId);
  const order = orderOf(desk, request, plan);
  if (!order) return { kind: 'kept', reason: 'below_minimum', quantity: left };
  const holding = { ...place, quantity: left };
  const { venue, request: onWire } = await preparedForPosition(desk, { pair, order, holding });
  const record = await recordExit(desk.db, { ...onWire, mode: desk.mode }, exiting.ownership);
  if (record.kind === 'fenced') return record;
  if (record.kind === 'exists') return { kind: 'unknown', clientOrderId };

  await venue.warm(order);
  desk.reached('custody exit: recorded, nothing sent', custodyId);
  // The point of no return: the write begins in this turn of the event loop.
  const { answerTimeoutMs } = exiting.terms;
  const outcome = tooLate(desk, order) ?? outcomeOf(await venue.place(onWire, answerTimeoutMs));
  desk.reached('custody exit: answered, nothing recorded', custodyId);
  await recordOutcome(desk, clientOrderId, outcome);
  desk.reached('custody exit: answer recorded, not told', custodyId);
  return { kind: 'sent', how: plan.how, order, outcome, atMs: desk.nowMs() };
}

function orderOf(
  desk: TradingDesk,
  { clientOrderId, custodyId, place, exiting }: PositionExitRequest,
  plan: ExitOrder,
): ChildOrder | undefined {
  const sized = sizedOrder(plan);
  if (sized.kind === 'refused') return undefined;
  const { leg, rung, attempt } = exiting.ladder;
  assert(leg === place.instrument.outcome, `${instrumentKey(place.instrument)} is the leg ${leg}`);
  const nowMs = desk.nowMs();
  return {
    clientOrderId,
    workflowId: custodyId,
    account: place.account,
    purpose: { kind: 'exit', leg, rung, attempt },
    instrument: plan.instrument,
    side: plan.side,
    timeInForce: 'IOC',
    limitPrice: sized.limitPrice,
    fixed: sized.fixed,
    legalMaximum: sized.legalMaximum,
    isReduceOnly: plan.isReduceOnly,
    notAfterMs: nowMs + EXIT_VALID_MS,
    createdAtMs: nowMs,
  };
}

/** As `exitOnce`: past this no other process waits for the order any more, so it may not leave. */
function tooLate(desk: TradingDesk, { notAfterMs }: ChildOrder): SendOutcome | undefined {
  const lateMs = desk.nowMs() - notAfterMs;
  if (lateMs <= 0) return undefined;
  return { kind: 'notSent', code: 'TOO_LATE', reason: `${String(lateMs)} ms after notAfter` };
}

const waited = (desk: TradingDesk, why: string): ExitOutcome => ({
  kind: 'waited',
  why,
  untilMs: desk.nowMs() + LOOK_AGAIN_MS,
});
