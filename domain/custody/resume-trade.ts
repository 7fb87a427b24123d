import type { ArbitrageIntent } from '../arbitrage-intent.js';
import type { ChildOrder } from '../child-order.js';
import type { ChildOrderStatus } from '../child-order-lifecycle.js';
import { least, type Quantity } from '../money.js';
import { admitted, openTrade, planned } from '../trade/open-trade.js';
import type { Admission, Ladder, OrderState, TradeState } from '../trade/trade.js';
import { reported } from '../trade/transitions.js';
import type { TradeRow } from '../venue-entry.js';

/** Everything that Postgres knows of a trade: enough to bring it to its end without its history. */
export interface StoredTrade {
  readonly workflowId: string;
  readonly intent: ArbitrageIntent;
  /** Absent: it was never decided, so nothing of it can have left. */
  readonly admission?: Admission;
  readonly orders: readonly StoredTradeOrder[];
  readonly rows: readonly TradeRow[];
}

export interface StoredTradeOrder {
  readonly order: ChildOrder;
  readonly status: ChildOrderStatus;
  readonly venueOrderId?: string;
  readonly cumulativeQuantity?: Quantity;
  readonly recordedAtMs: number;
}

/**
 * A trade as its rows tell it, for whoever carries it on in place of its workflow.
 *
 * 1. What has no terminal row may have left: it is unknown, and asked about at once. So is an entry
 *    without any row, because a shot that was on its way outlives the workflow that asked for it;
 *    asking leaves the tombstone that stops it.
 * 2. A dry run, and a trade that was never approved, sent nothing.
 * 3. Rungs go on counting after the last one that was recorded, and the ladder never goes up.
 */
export function resumeTrade(stored: StoredTrade, atMs: number): TradeState {
  const { intent, workflowId, admission, rows } = stored;
  const open = openTrade(intent, workflowId);
  // Never decided, so never sent: whoever still decides it finds it closed.
  if (!admission) return admitted(open, { kind: 'denied', denial: { code: 'CANCELED' }, atMs });
  const decided = admitted(open, admission);
  if (admission.kind !== 'approved' || intent.dryRun) return decided;

  const entries = decided.orders.map((entry) => resumedEntry(stored, entry, atMs));
  const exits = exitsOf(stored).map((exit) => resumed(exit, atMs));
  const ladder = ladderOf(stored);
  const orders = [...entries, ...exits];
  return reported({ ...decided, orders, ...(ladder && { ladder }) }, rows, atMs);
}

function resumedEntry({ orders }: StoredTrade, entry: OrderState, atMs: number): OrderState {
  const { clientOrderId } = entry.order;
  const row = orders.find(({ order }) => order.clientOrderId === clientOrderId);
  return row ? resumed(row, atMs) : unknown(entry, atMs);
}

function resumed(row: StoredTradeOrder, atMs: number): OrderState {
  const { order, status, venueOrderId, cumulativeQuantity, recordedAtMs } = row;
  const known: OrderState = {
    ...planned(order, recordedAtMs),
    nextAskAtMs: atMs,
    ...(venueOrderId !== undefined && { venueOrderId }),
    ...(cumulativeQuantity !== undefined && { cumulativeQuantity }),
  };
  const isSilent = status === 'planned' || status === 'submitted' || status === 'unknown';
  return isSilent ? unknown(known, atMs) : { ...known, status };
}

const unknown = (order: OrderState, atMs: number): OrderState => ({
  ...order,
  status: 'unknown',
  unknownSinceMs: atMs,
  wasUnknown: true,
  nextAskAtMs: atMs,
});

function exitsOf({ orders }: StoredTrade): readonly StoredTradeOrder[] {
  const exits = orders.filter(({ order }) => order.purpose.kind === 'exit');
  return exits.toSorted((one, other) => rungOf(one) - rungOf(other));
}

function ladderOf(stored: StoredTrade): Ladder | undefined {
  const exits = exitsOf(stored);
  const last = exits.at(-1);
  if (last?.order.purpose.kind !== 'exit') return undefined;
  const { leg } = last.order.purpose;
  const accepted = exits.filter(({ order, status }) => {
    const { purpose, side } = order;
    const hasLeft = status === 'canceled' || status === 'expired';
    return purpose.kind === 'exit' && purpose.leg === leg && side === 'sell' && hasLeft;
  });
  const [first, ...others] = accepted.map(({ order }) => order.limitPrice);
  return {
    leg,
    rung: rungOf(last) + 1,
    attempt: 0,
    notBeforeMs: 0,
    ...(first !== undefined && { price: others.reduce(least, first) }),
  };
}

const rungOf = ({ order: { purpose } }: StoredTradeOrder): number =>
  purpose.kind === 'exit' ? purpose.rung : -1;
