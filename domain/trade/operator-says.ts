import { assert } from '../assert.js';
import type { ChildOrderStatus } from '../child-order-lifecycle.js';
import type { Price, Quantity } from '../money.js';
import { formatAmount, ZERO_QUANTITY } from '../money.js';
import { questionOfExit } from './by-word.js';
import { followUp } from './follow-up.js';
import { expectedOf, type OperatorWord, type SaidTrade } from './operator-word.js';
import { toldOf } from './order-rows.js';
import { termsOf } from './phases.js';
import { firstAskAtMs, questionOf } from './questions.js';
import type { OrderState, TradeState, WaitReason } from './trade.js';

/**
 * Why this word is not taken, in a sentence for the operator; `undefined` = it is. It must be about an
 * order of this trade that is unknown, must be possible for that order, and must not be less than what
 * the venue has told already. Another word about the same order takes the place of the first.
 */
export function wordRefusal(
  state: TradeState,
  word: OperatorWord,
  nowMs: number,
): string | undefined {
  const { clientOrderId, by } = word;
  if (by.trim() === '') return 'it is not said by whom';
  const impossible = impossibleTrades(word);
  if (impossible !== undefined) return impossible;
  const known = orderOf(state, clientOrderId);
  if (known) return refusalOfKnown(state, { known, word, nowMs });
  if (state.exitInDoubt?.clientOrderId !== clientOrderId) {
    return `this trade has no order ${clientOrderId}`;
  }
  const isNamed = state.rows.some((row) => row.clientOrderId === clientOrderId);
  const isDenied = expectedOf(word) === ZERO_QUANTITY && isNamed;
  return isDenied
    ? `order ${clientOrderId} did trade: the venue has told a trade of it`
    : undefined;
}

/** The word is taken: it ends the waiting, or makes it a slow one for the trade rows that it expects. */
export function saidByOperator(state: TradeState, word: OperatorWord, atMs: number): TradeState {
  const { clientOrderId } = word;
  const { exitInDoubt } = state;
  if (exitInDoubt?.clientOrderId === clientOrderId) return saidOfExit(state, word, atMs);
  const orders = state.orders.map((known) =>
    known.order.clientOrderId === clientOrderId ? { ...known, word } : known,
  );
  return followUp(state, { ...state, orders }, atMs);
}

/** Where an order stands, for the audit: once before an operator's word and once after. */
export interface Standing {
  readonly status: ChildOrderStatus;
  /** Absent: nothing is waited for. */
  readonly waitsFor?: WaitReason;
  /** What an operator says was traded. */
  readonly expected?: Quantity;
  /** What the venue says was traded. */
  readonly quantity: Quantity;
}

export function standingOf(state: TradeState, clientOrderId: string): Standing {
  const known = orderOf(state, clientOrderId);
  const doubt = known ?? state.exitInDoubt;
  assert(doubt !== undefined, `order ${clientOrderId} is of this trade`);
  const waitsFor = known ? questionOf(state, known) : questionOfExit(state);
  return {
    status: known?.status ?? 'unknown',
    ...(waitsFor && { waitsFor }),
    ...(doubt.word && { expected: expectedOf(doubt.word) }),
    quantity: known ? toldOf(state, known) : ZERO_QUANTITY,
  };
}

function saidOfExit(state: TradeState, word: OperatorWord, atMs: number): TradeState {
  const { exitInDoubt } = state;
  assert(exitInDoubt !== undefined, 'an exit is in doubt');
  const said = { ...state, exitInDoubt: { ...exitInDoubt, word, asks: 0 } };
  const question = questionOfExit(said);
  if (!question) return said;
  const asking = { terms: termsOf(state), atMs, isSilent: true };
  const nextAskAtMs = firstAskAtMs(question, said.exitInDoubt, asking);
  return { ...said, exitInDoubt: { ...said.exitInDoubt, nextAskAtMs } };
}

function impossibleTrades({ evidence }: OperatorWord): string | undefined {
  if (evidence.kind === 'never_arrived') return undefined;
  if (evidence.kind === 'canceled') {
    return evidence.filled < 0n ? 'less than nothing cannot be filled' : undefined;
  }
  const { trades } = evidence;
  if (trades.length === 0) return 'filled, and no trade is named';
  if (trades.some((trade) => trade.quantity <= 0n)) return 'a trade of nothing is none';
  const ids = new Set(trades.map((trade) => trade.executionId));
  return ids.size < trades.length ? 'a trade is named twice' : undefined;
}

interface Said {
  readonly known: OrderState;
  readonly word: OperatorWord;
  readonly nowMs: number;
}

function refusalOfKnown(state: TradeState, said: Said): string | undefined {
  const { known, word } = said;
  const { order, status } = known;
  const name = `order ${order.clientOrderId}`;
  if (status === 'planned') return `${name} has not left yet`;
  if (status !== 'unknown') return `${name} is ${status}: its venue has told of it`;

  const expected = expectedOf(word);
  const told = toldOf(state, known);
  const { legalMaximum } = order;
  if (expected > legalMaximum) {
    return `${formatAmount(expected)} is more than ${name} may trade: ${formatAmount(legalMaximum)}`;
  }
  if (expected < told) {
    return `${formatAmount(expected)} is less than its venue has told of ${name}: ${formatAmount(told)}`;
  }
  return refusalOfKind(state, said);
}

function refusalOfKind(state: TradeState, { known, word, nowMs }: Said): string | undefined {
  const { order } = known;
  const { evidence } = word;
  if (evidence.kind === 'never_arrived') {
    const restMs = order.notAfterMs + termsOf(state).latenessMs - nowMs;
    return restMs >= 0 ? `it may still arrive for another ${String(restMs)} ms` : undefined;
  }
  if (evidence.kind === 'canceled') return undefined;
  const { fixed } = order;
  const expected = expectedOf(word);
  if (fixed.kind === 'contracts' && expected !== fixed.contracts) {
    return `filled means all ${formatAmount(fixed.contracts)}, the trades sum to ${formatAmount(expected)}: say canceled`;
  }
  const worse = evidence.trades.find((trade) => isBeyond(order.side, trade, order.limitPrice));
  return (
    worse && `trade ${worse.executionId} is beyond the limit ${formatAmount(order.limitPrice)}`
  );
}

const isBeyond = (side: 'buy' | 'sell', { price }: SaidTrade, limit: Price): boolean =>
  side === 'buy' ? price > limit : price < limit;

const orderOf = ({ orders }: TradeState, clientOrderId: string): OrderState | undefined =>
  orders.find(({ order }) => order.clientOrderId === clientOrderId);
