import { unreachable } from '../assert.js';
import type { ChildOrderEvent } from '../child-order-lifecycle.js';
import { greatest } from '../money.js';
import type { TradeRow } from '../venue-entry.js';
import { without } from '../without.js';
import { questionOfExit } from './by-word.js';
import { excessToExit } from './flatten.js';
import { followUp } from './follow-up.js';
import { EXIT_ORDERS_MAX, ladderFor } from './ladder.js';
import { planned } from './open-trade.js';
import { withHeard } from './order-rows.js';
import { termsOf } from './phases.js';
import { askedAgain, questionOf } from './questions.js';
import { after, sentOrder } from './sent-order.js';
import type {
  Evidence,
  ExitOutcome,
  Ladder,
  OrderState,
  SendOutcome,
  TradeState,
  WaitReason,
} from './trade.js';

/** What became of the shot, by `clientOrderId`. A leg without an answer is unknown, never refused. */
export function fired(
  state: TradeState,
  outcomes: Readonly<Record<string, SendOutcome>>,
  atMs: number,
): TradeState {
  const orders = state.orders.map((order) => {
    if (order.status !== 'planned') return order;
    return sentOrder(order, outcomes[order.order.clientOrderId] ?? ANSWER_MISSING, atMs);
  });
  return followUp(state, { ...state, orders }, atMs);
}

const ANSWER_MISSING: SendOutcome = {
  kind: 'unknown',
  code: 'ANSWER_MISSING',
  reason: 'the shot told nothing of this leg',
};

/** The venue's entries, as booked. Told twice, they count once. */
export function reported(state: TradeState, rows: readonly TradeRow[], atMs: number): TradeState {
  return followUp(state, withHeard(state, rows, atMs), atMs);
}

/** One round of answers. Whatever was due and is still open is asked again later. */
export function learned(
  state: TradeState,
  evidence: readonly Evidence[],
  atMs: number,
): TradeState {
  const told = evidence.reduce((known, item) => withEvidence(known, item, atMs), state);
  return askedLater(followUp(state, told, atMs), atMs);
}

/**
 * What came of one try to get out. Every order that may have left takes the next rung, a refused one
 * the next attempt, so that no id is ever used twice.
 */
export function exitTried(state: TradeState, outcome: ExitOutcome, atMs: number): TradeState {
  const excess = excessToExit(state);
  // Reports may have changed the excess while the order was on its way; the rungs go on counting.
  const ladder = ladderFor(state, excess?.leg ?? state.ladder?.leg ?? 'yes');
  const { exit } = termsOf(state);
  switch (outcome.kind) {
    case 'waited':
      return waited({ ...state, ladder: without(ladder, 'waitingFor') }, outcome, atMs);
    case 'kept': {
      if (!excess) return state;
      const { reason, quantity } = outcome;
      const isDecided = [quantity ?? excess.quantity, ladder.keptOnce?.quantity].includes(
        excess.quantity,
      );
      if (isDecided) return { ...state, ladder, gaveUp: reason };
      // Reports have changed the excess meanwhile: it is looked at once more as it is now.
      const notBeforeMs = atMs + exit.rungDelayMs;
      return {
        ...state,
        ladder: { ...ladder, notBeforeMs, keptOnce: { quantity: excess.quantity } },
      };
    }
    case 'fenced':
      return { ...state, exitsTakenBy: outcome.owner };
    case 'unknown': {
      const { clientOrderId } = outcome;
      const exitInDoubt = { clientOrderId, sinceMs: atMs, asks: 0, nextAskAtMs: atMs };
      return bounded({ ...state, ladder: nextRung(ladder, atMs), exitInDoubt });
    }
    case 'sent': {
      const notBeforeMs = atMs + exit.rungDelayMs;
      const sent = sentOrder(planned(outcome.order, atMs), outcome.outcome, atMs);
      const stepped = sent.refusal
        ? nextAttempt(ladder, notBeforeMs)
        : nextRung(ladder, notBeforeMs);
      const tried = { ...state, orders: [...state.orders, sent], ladder: stepped };
      return bounded(followUp(state, tried, atMs));
    }
    default:
      return unreachable(outcome);
  }
}

/**
 * What this trade's rows call an excess may be gone from the account: its market has paid, or an
 * operator has sold it. Reports that only lag explain that for a while, not for ever.
 */
export const NOTHING_LEFT = 'NOTHING_LEFT';

function waited(
  state: TradeState & { readonly ladder: Ladder },
  { why, untilMs }: Extract<ExitOutcome, { readonly kind: 'waited' }>,
  atMs: number,
): TradeState {
  const { exit } = termsOf(state);
  const { ladder } = state;
  const notBeforeMs = Math.max(untilMs, atMs + exit.rungDelayMs);
  const waitingFor = REASONS.find((reason) => reason === why);
  const waiting = { ...ladder, notBeforeMs, ...(waitingFor ? { waitingFor } : {}) };
  if (why !== NOTHING_LEFT) return { ...state, ladder: waiting };

  const refusedSinceMs = ladder.refusedSinceMs ?? atMs;
  if (atMs - refusedSinceMs >= exit.refusalWaitMsMax) return { ...state, gaveUp: 'kept' };
  return { ...state, ladder: { ...waiting, refusedSinceMs } };
}

function withEvidence(state: TradeState, item: Evidence, atMs: number): TradeState {
  const isExitInDoubt = state.exitInDoubt?.clientOrderId === item.clientOrderId;
  switch (item.kind) {
    case 'open':
      return withHeard(state, item.rows, atMs);
    case 'neverSent':
      return isExitInDoubt
        ? without(state, 'exitInDoubt')
        : moved(state, item.clientOrderId, ['notSent']);
    case 'absent':
    case 'found': {
      const lost = planned(item.order, atMs);
      const { word } = state.exitInDoubt ?? {};
      const said = isExitInDoubt && word ? { word } : {};
      const unknown = { ...lost, ...said, status: 'unknown', wasUnknown: true } as const;
      const known = isExitInDoubt
        ? { ...without(state, 'exitInDoubt'), orders: [...state.orders, unknown] }
        : state;
      return item.kind === 'found'
        ? found(withHeard(known, item.rows, atMs), item)
        : moved(known, item.clientOrderId, ['absent']);
    }
    default:
      return unreachable(item);
  }
}

function found(state: TradeState, item: Extract<Evidence, { readonly kind: 'found' }>): TradeState {
  const { venueOrderId, cumulativeQuantity, clientOrderId } = item;
  const told = { ...state, orders: state.orders.map(withAnswer) };
  return moved(told, clientOrderId, eventsOf(item.state));

  function withAnswer(order: OrderState): OrderState {
    if (order.order.clientOrderId !== clientOrderId) return order;
    // A read path that lags never takes back what it has said.
    const most = greatest(order.cumulativeQuantity ?? cumulativeQuantity, cumulativeQuantity);
    return { ...order, venueOrderId, cumulativeQuantity: most };
  }
}

function eventsOf(state: 'working' | 'filled' | 'canceled' | 'rejected'): ChildOrderEvent[] {
  if (state === 'working') return ['accepted'];
  return state === 'filled' ? ['fill'] : [state];
}

function moved(
  state: TradeState,
  clientOrderId: string,
  events: readonly ChildOrderEvent[],
): TradeState {
  const orders = state.orders.map((order) =>
    order.order.clientOrderId === clientOrderId
      ? { ...order, status: after(order.status, events) }
      : order,
  );
  return { ...state, orders };
}

function askedLater(state: TradeState, atMs: number): TradeState {
  const terms = termsOf(state);
  const orders = state.orders.map((order) => {
    const question = questionOf(state, order);
    return question ? askedAgain(order, { question, terms, atMs }) : order;
  });
  const { exitInDoubt } = state;
  const question = questionOfExit(state);
  if (!exitInDoubt || !question) return { ...state, orders };
  return { ...state, orders, exitInDoubt: askedAgain(exitInDoubt, { question, terms, atMs }) };
}

function bounded(state: TradeState): TradeState {
  const { rung = 0, attempt = 0 } = state.ladder ?? {};
  return rung + attempt >= EXIT_ORDERS_MAX ? { ...state, gaveUp: 'kept' } : state;
}

function nextRung(ladder: Ladder, notBeforeMs: number): Ladder {
  return { ...without(ladder, 'waitingFor'), rung: ladder.rung + 1, attempt: 0, notBeforeMs };
}

function nextAttempt(ladder: Ladder, notBeforeMs: number): Ladder {
  return { ...without(ladder, 'waitingFor'), attempt: ladder.attempt + 1, notBeforeMs };
}

const REASONS: readonly WaitReason[] = [
  'reports',
  'settlement',
  'evidence',
  'next_rung',
  'refusal',
];
