import {
  outcomeOf,
  type Prepared,
  preparedLegs,
  recordOutcome,
} from '../../activities/send-order.js';
import { tell } from '../../activities/tell.js';
import type { LegOutcome, Shot } from '../../activities/trade-activities.js';
import type { TradingDesk } from '../../activities/trading-desk.js';
import { freezeOf, HELD_BACK, isHeldBack, type SendOutcome } from '../../domain/index.js';
import { readControl, recordOrders } from '../../store/index.js';
import type { FirePoint } from './fire-points.js';
import { withOnWritten } from './on-written.js';

export interface FiringDesk
  extends Pick<TradingDesk, 'db' | 'mode' | 'venueOf' | 'nowMs' | 'warn'> {
  readonly reached: (point: FirePoint, about: string) => void;
}

/**
 * What an engine does with a shot, as far as a trade can see it: both legs, once, by the adapters.
 *
 * 1. Both orders are complete, signed and committed before any byte leaves.
 * 2. Where a row is there already (a reset, a zombie's twin) nothing is sent: it is `unknown`.
 * 3. The freezes are read last. That "frozen" is true of every byte only the engine's gate can say.
 * 4. A leg whose other one is held back by its venue stays at home: its trade buys what that fills.
 * 5. Answers are read after both writes, and each is recorded as it comes, before either is told.
 *
 * It judges no book: the admission has, a moment ago; stale ones at the gate are the engine's.
 */
export async function fireLegs(desk: FiringDesk, shot: Shot): Promise<readonly LegOutcome[]> {
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
  const refusal = (await frozen(desk, shot)) ?? tooLate(desk, shot);
  const sent = refusal ? legs.map((leg) => ({ leg, becameOf: refusal })) : shoot(desk, shot, legs);
  const recorded = sent.map(async ({ leg, becameOf }) => {
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

/** Both writes begin in this turn of the event loop. */
function shoot(desk: FiringDesk, shot: Shot, legs: readonly Prepared[]): readonly Sent[] {
  desk.reached('fire: past the gate, nothing sent', shot.workflowId);
  const now = legs.filter(({ venue }) => !isHeldBack(shot.pair, venue.name));
  let written = 0;
  const onWritten = (): void => {
    written += 1;
    desk.reached(written === now.length ? BOTH_SENT : ONE_SENT, shot.workflowId);
  };
  return legs.map((leg) => {
    if (!now.includes(leg)) return { leg, becameOf: HELD_BACK };
    const answer = withOnWritten(onWritten, () =>
      leg.venue.place(leg.request, shot.terms.answerTimeoutMs),
    );
    return { leg, becameOf: answer.then(outcomeOf) };
  });
}

const ONE_SENT = 'fire: one leg sent, the other not';
const BOTH_SENT = 'fire: both legs sent, no answer';

async function frozen(
  { db }: FiringDesk,
  { orders, pair, strategy, workflowId }: Shot,
): Promise<SendOutcome | undefined> {
  const { freezes } = await readControl(db);
  const freeze = freezeOf(freezes, {
    venues: orders.map(({ instrument }) => instrument.venue),
    account: orders[0]?.account ?? '',
    strategy,
    instruments: orders.map(({ instrument }) => instrument),
    pairId: pair.pairId,
    workflowId,
  });
  return freeze && notSent('FROZEN', freeze.why);
}

function tooLate({ nowMs }: FiringDesk, { orders }: Shot): SendOutcome | undefined {
  const lateMs = nowMs() - Math.min(...orders.map(({ notAfterMs }) => notAfterMs));
  return lateMs > 0 ? notSent('TOO_LATE', `${String(lateMs)} ms after notAfter`) : undefined;
}

const notSent = (code: string, reason: string): SendOutcome => ({ kind: 'notSent', code, reason });

const told = (leg: Prepared, outcome: SendOutcome): LegOutcome => ({
  clientOrderId: leg.request.order.clientOrderId,
  outcome,
});
