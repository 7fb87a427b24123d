import { heldInRows } from '../held-in-rows.js';
import { type Instrument, instrumentKey, opposite } from '../instrument.js';
import { add, greatest, least, negate, type Quantity, subtract, ZERO_QUANTITY } from '../money.js';
import type { TradeRow } from '../venue-entry.js';

/** Contracts of an instrument. */
export interface Holding {
  readonly instrument: Instrument;
  readonly quantity: Quantity;
}

/** What answers for contracts: trades that have not ended, by their rows, and held pairs. */
export interface Explanation {
  readonly rows: readonly TradeRow[];
  readonly held: readonly Holding[];
}

/**
 * The part of a holding that nothing explains: never below zero, never more than is held. What is
 * explained and not held is the held pair's own question, not this one.
 */
export function unownedOf({ instrument, quantity }: Holding, by: Explanation): Quantity {
  const explained = add(heldInRows(by.rows, instrument), heldInPairs(by.held, instrument));
  const beyond = subtract(quantity, explained);
  return greatest(ZERO_QUANTITY, least(beyond, greatest(quantity, ZERO_QUANTITY)));
}

/** Held pairs count like bought contracts: their other outcome nets where one venue has both. */
function heldInPairs(held: readonly Holding[], instrument: Instrument): Quantity {
  const key = instrumentKey(instrument);
  const other = instrumentKey({ ...instrument, outcome: opposite(instrument.outcome) });
  return held
    .map((one): Quantity => {
      const of = instrumentKey(one.instrument);
      if (of === key) return one.quantity;
      return of === other ? negate(one.quantity) : ZERO_QUANTITY;
    })
    .reduce(add, ZERO_QUANTITY);
}
