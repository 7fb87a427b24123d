import { isTerminal } from '../child-order-lifecycle.js';
import type { Quantity } from '../money.js';
import { add, greatest, subtract, ZERO_QUANTITY } from '../money.js';
import type { Fill, TradeRow } from '../venue-entry.js';
import type { OrderState, TradeState } from './trade.js';

/** This order's trade rows. A row that does not name our id is found by the venue's (Kalshi fills). */
export function rowsOf({ rows }: TradeState, { order, venueOrderId }: OrderState): TradeRow[] {
  return rows.filter((row) => {
    if (row.instrument.venue !== order.instrument.venue) return false;
    if (row.clientOrderId !== undefined) return row.clientOrderId === order.clientOrderId;
    return row.venueOrderId === venueOrderId;
  });
}

/** The fills that the venue has not taken back. */
export function standingFills(state: TradeState, order: OrderState): Fill[] {
  const rows = rowsOf(state, order);
  return rows.filter(isFill).filter((fill) => !isReversed(rows, fill));
}

/** Contracts that stand: fills − reversals. */
export function netOf(state: TradeState, order: OrderState): Quantity {
  return sumOf(standingFills(state, order));
}

/** Contracts that were ever matched, reversed ones too: what the venue's cumulative figure counts. */
export function grossOf(state: TradeState, order: OrderState): Quantity {
  return sumOf(rowsOf(state, order).filter(isFill));
}

/** The larger of trade rows and the venue's own answer: reports may lag, and so may answers. */
export function toldOf(state: TradeState, order: OrderState): Quantity {
  return greatest(grossOf(state, order), order.cumulativeQuantity ?? ZERO_QUANTITY);
}

/** The most that this order can still stand for: its legal maximum until it is terminal. */
export function maximumOf(state: TradeState, order: OrderState): Quantity {
  const { legalMaximum } = order.order;
  const told = toldOf(state, order);
  const most = isTerminal(order.status) ? told : greatest(told, legalMaximum);
  const reversed = sumOf(rowsOf(state, order).filter((row) => row.kind === 'reversal'));
  return greatest(subtract(most, reversed), netOf(state, order));
}

/**
 * The trade with rows that were just heard of. Nothing happens after it is heard of: by how much a
 * venue's clock says so is kept, or its settlement would be waited for as long as it is ahead.
 */
export function withHeard(
  state: TradeState,
  news: readonly TradeRow[],
  heardAtMs: number,
): TradeState {
  const onChain = news.filter(({ instrument }) => instrument.venue === 'polymarket');
  const aheadMs = Math.max(0, ...onChain.map(({ atMs }) => atMs - heardAtMs));
  const heard = { ...state, rows: withRows(state.rows, news) };
  return aheadMs > (state.chainAheadMs ?? 0) ? { ...heard, chainAheadMs: aheadMs } : heard;
}

/** Adds what is new; a final row replaces its provisional twin, everything else told twice is dropped. */
function withRows(known: readonly TradeRow[], news: readonly TradeRow[]): TradeRow[] {
  return news.reduce<TradeRow[]>(withRow, [...known]);
}

function withRow(rows: TradeRow[], row: TradeRow): TradeRow[] {
  const index = rows.findIndex((known) => isSameRow(known, row));
  const known = rows[index];
  if (known === undefined) return [...rows, row];
  if (!isFill(known) || !isFill(row)) return rows;
  const isNewlyFinal = known.finality === 'provisional' && row.finality === 'final';
  // The match time stays: settlement delays and exposure count from it.
  const atMs = Math.min(known.atMs, row.atMs);
  return isNewlyFinal ? rows.with(index, { ...row, atMs }) : rows;
}

/** One trade of a venue may fill several of our orders, so the order is part of its name. */
function isSameRow(left: TradeRow, right: TradeRow): boolean {
  return left.kind === right.kind && isSameExecution(left, right);
}

function isSameExecution(left: TradeRow, right: TradeRow): boolean {
  return (
    left.instrument.venue === right.instrument.venue &&
    left.venueOrderId === right.venueOrderId &&
    left.executionId === right.executionId
  );
}

/** The venue has taken this fill back. */
export function isReversed(rows: readonly TradeRow[], fill: Fill): boolean {
  return rows.some((row) => row.kind === 'reversal' && isSameExecution(row, fill));
}

export const isFill = (row: TradeRow): row is Fill => row.kind === 'fill';

export function sumOf(rows: readonly { readonly quantity: Quantity }[]): Quantity {
  return rows.map((row) => row.quantity).reduce(add, ZERO_QUANTITY);
}
