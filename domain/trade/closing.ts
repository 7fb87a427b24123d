import type { ArbitrageIntent } from '../arbitrage-intent.js';
import type { ChildOrderStatus } from '../child-order-lifecycle.js';
import { ZERO_QUANTITY } from '../money.js';
import { type Break, breaks, isExecutionError } from './breaks.js';
import { netOf } from './order-rows.js';
import { approvalOf } from './phases.js';
import type { TradeResult, TradeState } from './trade.js';

/** What is left behind when a trade ends: the last thing that it asks to be recorded. */
export interface Closing {
  readonly workflowId: string;
  readonly intent: ArbitrageIntent;
  readonly result: TradeResult;
  /** Counted by the errors breaker. */
  readonly isError: boolean;
  /** How long its pair stays held; 0 releases it at once (DESIGN §7). */
  readonly holdForMs: number;
  /** What became of each order, as the trade knows it from answers, evidence and rows together. */
  readonly orders: readonly ClosedOrder[];
  /** What the venues told of it that cannot be: somebody has to look. */
  readonly breaks: readonly Break[];
}

export interface ClosedOrder {
  readonly clientOrderId: string;
  /** `unknown`: only an operator has spoken of it. */
  readonly status: ChildOrderStatus;
}

export function closingOf(state: TradeState, result: TradeResult): Closing {
  const { workflowId, intent } = state;
  const isError = isExecutionError(state);
  const orders = state.orders
    .filter(({ status }) => status !== 'planned')
    .map(({ order, status }): ClosedOrder => ({ clientOrderId: order.clientOrderId, status }));
  const { exitInDoubt } = state;
  const inDoubt: readonly ClosedOrder[] = exitInDoubt
    ? [{ clientOrderId: exitInDoubt.clientOrderId, status: 'unknown' }]
    : [];
  return {
    workflowId,
    intent,
    result,
    isError,
    holdForMs: holdForMs(state),
    orders: [...orders, ...inDoubt],
    breaks: breaks(state),
  };
}

/**
 * A pair whose quotes we have just taken shows the same opportunity again until the books catch up,
 * so it rests (seed 001). Where nothing was taken it is free at once.
 */
function holdForMs(state: TradeState): number {
  const { admission, intent, orders } = state;
  const approval = approvalOf(state);
  if (!approval || admission?.kind !== 'approved') return 0;
  const { holdAfterMs } = approval.terms;
  if (intent.dryRun) return holdAfterMs;
  const isThin = orders.some(
    ({ refusal }) => refusal?.kind === 'refused' && refusal.refusal === 'no_match',
  );
  const hasFill = orders.some((order) => netOf(state, order) > ZERO_QUANTITY);
  const wasTaken = orders.some(({ cumulativeQuantity = ZERO_QUANTITY }) => cumulativeQuantity > 0n);
  return isThin || hasFill || wasTaken ? holdAfterMs : 0;
}
