import type { ChildOrder } from '../child-order.js';
import { isTerminal } from '../child-order-lifecycle.js';
import type { Outcome } from '../instrument.js';
import type { Quantity } from '../money.js';
import { contractsFor, least } from '../money.js';
import { without } from '../without.js';
import { isByWord } from './by-word.js';
import { exitKindOf } from './certain-excess.js';
import { excessToExit } from './flatten.js';
import { toldOf } from './order-rows.js';
import { termsOf } from './phases.js';
import { doubled } from './questions.js';
import type { DefiniteNo, ExitKind, Ladder, OrderState, TradeState } from './trade.js';

/** A loop that should end by itself ends here at the latest: exit orders of one trade. */
export const EXIT_ORDERS_MAX = 1_000;

/** The ladder that an excess of this leg is sold on. Rungs go on counting when the excess changes sides. */
export function ladderFor({ ladder }: TradeState, leg: Outcome): Ladder {
  if (ladder?.leg === leg) return ladder;
  return { leg, rung: ladder?.rung ?? 0, attempt: ladder?.attempt ?? 0, notBeforeMs: 0 };
}

/**
 * The ladder after news (DESIGN §6). A rung steps down only when the venue accepted it and left
 * quantity. Refusals for funds, rate or venue state wait at the same price, up to
 * `refusalWaitMsMax`; a way out that is closed for good is not tried again for this excess.
 */
export function ladderAfter(before: TradeState, now: TradeState, atMs: number): TradeState {
  const ended = now.orders.filter(({ order, status }) => {
    if (order.purpose.kind !== 'exit' || !isTerminal(status)) return false;
    const was = before.orders.find((one) => one.order.clientOrderId === order.clientOrderId);
    return was === undefined || !isTerminal(was.status);
  });
  const stepped = ended.reduce((state, order) => steppedBy(state, order, atMs), now);
  return putAway(stepped);
}

function steppedBy(state: TradeState, ended: OrderState, atMs: number): TradeState {
  const { ladder } = state;
  if (!ladder || ended.status === 'absent') return state;
  const how = exitKindOf(state, ended.order);
  const { refusal } = ended;
  if (refusal && !isNoMatch(refusal)) return refused(state, { ladder, how, refusal, atMs });
  const accepted = without(ladder, 'refusedSinceMs');
  const told = toldOf(state, ended);
  if (how !== 'sell') {
    // Quantity that a book shows and does not give would be asked for without end.
    return { ...state, ladder: told === 0n ? closed(accepted, how) : accepted };
  }
  if (told >= meantOf(ended.order)) return { ...state, ladder: accepted };
  const { limitPrice } = ended.order;
  const price = least(accepted.price ?? limitPrice, limitPrice);
  return { ...state, ladder: { ...accepted, price } };
}

interface Refused {
  readonly ladder: Ladder;
  readonly how: ExitKind;
  readonly refusal: DefiniteNo;
  readonly atMs: number;
}

function refused(state: TradeState, { ladder, how, refusal, atMs }: Refused): TradeState {
  const { exit, askEveryMsMax } = termsOf(state);
  const refusedSinceMs = ladder.refusedSinceMs ?? atMs;
  const isOver = atMs - refusedSinceMs >= exit.refusalWaitMsMax;
  if (isOver || isClosedBy(refusal, how)) {
    return { ...state, ladder: closed(without(ladder, 'refusedSinceMs'), how) };
  }
  const notBeforeMs = atMs + doubled(exit.rungDelayMs, ladder.attempt - 1, askEveryMsMax);
  return { ...state, ladder: { ...ladder, refusedSinceMs, notBeforeMs, waitingFor: 'refusal' } };
}

/** A sale waits for balances and venues; a completion that needs other funds gives way to it. */
function isClosedBy(no: DefiniteNo, how: ExitKind): boolean {
  if (no.kind === 'notSent') return false;
  if (no.refusal === 'market_closed') return true;
  return how !== 'sell' && (no.refusal === 'funds' || no.refusal === 'terminal');
}

/** Nothing to trade against is an answer, not a fault: the order was taken and left everything. */
const isNoMatch = (no: DefiniteNo): boolean => no.kind === 'refused' && no.refusal === 'no_match';

const closed = (ladder: Ladder, how: ExitKind): Ladder => ({
  ...ladder,
  without: [...new Set([...(ladder.without ?? []), how])],
});

/** The contracts that the order was meant to trade. */
function meantOf({ fixed, limitPrice }: ChildOrder): Quantity {
  if (fixed.kind === 'contracts') return fixed.contracts;
  return contractsFor(fixed.collateral, limitPrice, 'floor');
}

/** Nothing is in excess any more: the next one, if there ever is one, starts at its own price. */
function putAway(state: TradeState): TradeState {
  const { ladder, exitInDoubt } = state;
  if (!ladder || exitInDoubt || hasOpenExit(state)) return state;
  if (excessToExit(state)?.leg === ladder.leg) return state;
  const { leg, rung, attempt } = ladder;
  return { ...state, ladder: { leg, rung, attempt, notBeforeMs: 0 } };
}

/**
 * An exit or completion in doubt blocks the next. One that an operator spoke of is not waited for:
 * its legal maximum counts against the excess all the same.
 */
export function hasOpenExit(state: TradeState): boolean {
  if (state.exitInDoubt) return true;
  return state.orders.some(
    (known) =>
      known.order.purpose.kind === 'exit' && !isTerminal(known.status) && !isByWord(state, known),
  );
}
