import {
  add,
  formatAmount,
  greatest,
  type Money,
  notional,
  ONE_DOLLAR,
  quantity,
  type Wire,
  ZERO_MONEY,
  ZERO_QUANTITY,
} from '../../domain/index.js';
import type { SessionRows } from './session-rows.js';

/** A trade whose recorded result is not what its rows add up to. */
export interface ResultDifference {
  readonly intentId: string;
  readonly net: Wire<Money>;
  /** A dollar per matched contract and the cash of every booked row of the trade. */
  readonly rows: Wire<Money>;
}

/**
 * Holds every result against the rows that are booked of its trade now: what a venue said after the
 * trade had closed is seen here, and so is a figure that was never right.
 */
export function resultDifferences({ trades, entries }: SessionRows): readonly ResultDifference[] {
  const cash = new Map<string, Money>();
  for (const { workflowId, entry } of entries) {
    if (workflowId === undefined) continue;
    cash.set(workflowId, add(cash.get(workflowId) ?? ZERO_MONEY, entry.cash));
  }
  return trades.flatMap(({ intent: { intent, workflowId, result } }) => {
    if (!result) return [];
    const matched = greatest(quantity(result.contracts), ZERO_QUANTITY);
    const paid = notional(ONE_DOLLAR, matched, 'floor');
    const rows = formatAmount(add(paid, cash.get(workflowId) ?? ZERO_MONEY));
    return rows === result.net ? [] : [{ intentId: intent.intentId, net: result.net, rows }];
  });
}
