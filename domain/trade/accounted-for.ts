import { add, notional, ONE_DOLLAR, ZERO_MONEY } from '../money.js';
import type { TradeRow } from '../venue-entry.js';
import type { TradeResult } from './trade.js';

/**
 * Whether a recorded result holds everything that these rows moved: its contracts at a dollar each
 * plus all their cash is its net. A row that came after the end shows here.
 */
export function isAccountedFor(result: TradeResult, rows: readonly TradeRow[]): boolean {
  const cash = rows.map((row) => row.cash).reduce(add, ZERO_MONEY);
  return result.net === add(notional(ONE_DOLLAR, result.contracts, 'floor'), cash);
}
