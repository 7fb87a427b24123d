import { type Instrument, instrumentKey, opposite } from './instrument.js';
import { add, negate, type Quantity, ZERO_QUANTITY } from './money.js';
import type { TradeRow } from './venue-entry.js';

/**
 * Contracts of an instrument that these trade rows leave: bought − sold, reversals taken back. Bought
 * contracts of the opposite outcome count against it: no trade buys both outcomes of one market but
 * to net one with the other.
 */
export function heldInRows(rows: readonly TradeRow[], instrument: Instrument): Quantity {
  return rows.map((row) => signedQuantity(row, instrument)).reduce(add, ZERO_QUANTITY);
}

function signedQuantity(row: TradeRow, instrument: Instrument): Quantity {
  const direction = directionOf(row, instrument);
  if (direction === 0) return ZERO_QUANTITY;
  const isTakenBack = row.kind === 'reversal';
  return direction > 0 !== isTakenBack ? row.quantity : negate(row.quantity);
}

/** +1: the row adds to the instrument; −1: it takes from it; 0: it is about something else. */
function directionOf({ instrument: traded, side }: TradeRow, instrument: Instrument): number {
  const sign = side === 'buy' ? 1 : -1;
  if (instrumentKey(traded) === instrumentKey(instrument)) return sign;
  const other = { ...instrument, outcome: opposite(instrument.outcome) };
  return instrumentKey(traded) === instrumentKey(other) ? -sign : 0;
}
