import { type ChildOrder, HELD_BACK, isHeldBack, type SendOutcome } from '../domain/index.js';
import { recordOrders } from '../store/index.js';
import type { Passage } from './freeze-gate.js';
import { outcomeOf, type Prepared, preparedLegs, recordOutcome } from './send-order.js';
import { tell } from './tell.js';
import type { LegOutcome, Shot } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';

/**
 * Puts both legs on the wire, once.
 *
 * 1. Both orders are complete, signed and committed before any byte leaves.
 * 2. Where a row is already there (a reset, a zombie's twin) nothing is sent: the answer is `unknown`.
 * 3. Both connections are in hand before the gate is read; the gate is read last, once.
 * 4. Nothing between the gate and the two writes waits for anything.
 * 5. A leg whose other one is held back by its venue stays at home: its trade buys what that fills.
 * 6. Answers are read after both writes, and each is recorded as it comes, before either is told.
 */
export async function fireLegs(desk: TradingDesk, shot: Shot): Promise<readonly LegOutcome[]> {
  const { workflowId } = shot;
  desk.reached('fire: asked, nothing recorded', workflowId);
  const legs = await preparedLegs(desk, shot);
  const records = await recordOrders(
    desk.db,
    legs.map((leg) => ({ ...leg.request, mode: desk.mode })),
  );
  if (records.includes('exists')) return legs.map((leg) => told(leg, FIRED_BEFORE));

  await Promise.all(legs.map(({ venue }) => venue.warm()));
  desk.reached('fire: recorded, nothing sent', workflowId);
  const recorded = shoot(desk, shot, legs).map(async ({ leg, becameOf }) => {
    const outcome = await becameOf;
    desk.reached('fire: one leg answered, nothing recorded', workflowId);
    await recordOutcome(desk, leg.request.order.clientOrderId, outcome);
    desk.reached('fire: one answer recorded, the other not', workflowId);
    return told(leg, outcome);
  });
  // Both, whatever becomes of one: a leg that is out is ours until it is answered and recorded.
  await Promise.all([Promise.allSettled(recorded), tell(desk, workflowId, shot.story)]);
  const outcomes = await Promise.all(recorded);
  desk.reached('fire: answers recorded, not told', workflowId);
  return outcomes;
}

const FIRED_BEFORE: SendOutcome = {
  kind: 'unknown',
  code: 'RECORDED_BEFORE',
  reason: 'an order with this id was recorded before; it is asked about, never sent again',
};

interface Sent {
  readonly leg: Prepared;
  readonly becameOf: SendOutcome | Promise<SendOutcome>;
}

/** From the gate to the last byte: a section, so that "frozen" is true when it is said. */
function shoot(desk: TradingDesk, shot: Shot, legs: readonly Prepared[]): readonly Sent[] {
  const refusal = tooLateOrStale(desk, shot.orders);
  if (refusal) return legs.map((leg) => ({ leg, becameOf: refusal }));
  const passage = desk.gate.enter({
    venues: legs.map(({ venue }) => venue.name),
    account: shot.orders[0]?.account ?? '',
    strategy: shot.strategy,
    instruments: shot.orders.map((order) => order.instrument),
    pairId: shot.pair.pairId,
    workflowId: shot.workflowId,
  });
  if (passage.kind !== 'entered') {
    return legs.map((leg) => ({ leg, becameOf: notPassed(passage) }));
  }
  try {
    // The point of no return: both writes begin in this turn of the event loop.
    desk.reached('fire: past the gate, nothing sent', shot.workflowId);
    const now = legs.filter(({ venue }) => !isHeldBack(shot.pair, venue.name));
    const written = afterCalls(now.length, passage.leave);
    const onWritten = (): void => {
      const isLast = written();
      desk.reached(isLast ? BOTH_SENT : ONE_SENT, shot.workflowId);
    };
    const sent = legs.map((leg) => {
      if (!now.includes(leg)) return { leg, becameOf: Promise.resolve(HELD_BACK) };
      const answer = leg.venue.place(leg.request, shot.terms.answerTimeoutMs, onWritten);
      return { leg, becameOf: answer.then(outcomeOf) };
    });
    // Where a connection did not tell of its last byte, the answer does.
    void Promise.allSettled(sent.map(({ becameOf }) => becameOf)).then(passage.leave);
    return sent;
  } catch (error) {
    passage.leave(); // or no freeze would ever be acknowledged again
    throw error;
  }
}

const ONE_SENT = 'fire: one leg sent, the other not';
const BOTH_SENT = 'fire: both legs sent, no answer';

/** What the clock or the books forbid is a definite no: nothing has left. */
function tooLateOrStale(desk: TradingDesk, orders: readonly ChildOrder[]): SendOutcome | undefined {
  const nowMs = desk.nowMs();
  const late = orders.find((order) => nowMs > order.notAfterMs);
  if (late) return notSent('TOO_LATE', `${String(nowMs - late.notAfterMs)} ms after notAfter`);
  const { bookSilenceMsMax } = desk.policy;
  const stale = orders.find(({ instrument }) => {
    const book = desk.bookOf(instrument);
    return !book || book.hasGap || Math.abs(nowMs - book.heardAtMs) > bookSilenceMsMax;
  });
  return stale && notSent('BOOK_STALE', `no fresh book of ${stale.instrument.market}`);
}

function notPassed(passage: Exclude<Passage, { kind: 'entered' }>): SendOutcome {
  if (passage.kind === 'frozen') return notSent('FROZEN', passage.freeze.why);
  return notSent('CONTROL_LOST', `no word about freezes for ${String(passage.heardMsAgo)} ms`);
}

/**
 * The section ends with the last byte of the last leg; a hanging answer holds up no freeze. Each call
 * tells whether it was the last.
 */
function afterCalls(count: number, done: () => void): () => boolean {
  let calls = 0;
  return () => {
    calls += 1;
    if (calls === count) done();
    return calls === count;
  };
}

const notSent = (code: string, reason: string): SendOutcome => ({ kind: 'notSent', code, reason });

const told = (leg: Prepared, outcome: SendOutcome): LegOutcome => ({
  clientOrderId: leg.request.order.clientOrderId,
  outcome,
});
