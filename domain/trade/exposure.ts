import type { Quantity } from '../money.js';
import { add, divide, greatest, least, negate, subtract, ZERO_QUANTITY } from '../money.js';
import { buysOf, reductionsOf } from './certain-excess.js';
import { rowsOf } from './order-rows.js';
import type { OrderState, TradeState } from './trade.js';

const MS_PER_SECOND = 1_000n;

/**
 * Σ contracts that only one leg held × seconds, by the times of the venue's rows (each venue's own
 * clock). What is left over counts until `nowMs`.
 */
export function exposureOf(state: TradeState, nowMs: number): Quantity {
  const changes = [...changesOf(state, 'yes'), ...changesOf(state, 'no')];
  const inTime = changes.sort((left, right) => left.atMs - right.atMs);
  let imbalance = ZERO_QUANTITY;
  let contractMs = ZERO_QUANTITY;
  for (const [index, change] of inTime.entries()) {
    imbalance = add(imbalance, change.quantity);
    const untilMs = inTime[index + 1]?.atMs ?? Math.max(nowMs, change.atMs);
    contractMs = add(contractMs, during(imbalance, untilMs - change.atMs));
  }
  return divide(contractMs, MS_PER_SECOND, 'ceil') as Quantity; // contract-seconds, as its name says
}

interface Change {
  readonly atMs: number;
  /** Positive for YES, negative for NO: a pair of them is hedged. */
  readonly quantity: Quantity;
}

function changesOf(state: TradeState, leg: 'yes' | 'no'): Change[] {
  const sign = leg === 'yes' ? same : negate;
  return [
    ...buysOf(state, leg).flatMap((order) => movesOf(state, order, sign)),
    ...reductionsOf(state, leg).flatMap((order) => movesOf(state, order, (q) => negate(sign(q)))),
  ];
}

function movesOf(
  state: TradeState,
  order: OrderState,
  signed: (quantity: Quantity) => Quantity,
): Change[] {
  return rowsOf(state, order).map(({ kind, atMs, quantity }) => ({
    atMs,
    quantity: signed(kind === 'fill' ? quantity : negate(quantity)),
  }));
}

const same = (quantity: Quantity): Quantity => quantity;

function during(imbalance: Quantity, ms: number): Quantity {
  const size = subtract(greatest(imbalance, ZERO_QUANTITY), least(imbalance, ZERO_QUANTITY));
  return (size * BigInt(Math.max(0, Math.round(ms)))) as Quantity; // contracts × milliseconds
}
