import { heldInRows } from '../held-in-rows.js';
import type { Instrument, Outcome } from '../instrument.js';
import { instrumentKey } from '../instrument.js';
import type { Money, Quantity } from '../money.js';
import {
  add,
  greatest,
  least,
  negate,
  notional,
  perContract,
  ZERO_MONEY,
  ZERO_QUANTITY,
} from '../money.js';
import type { Fill, TradeRow } from '../venue-entry.js';
import { isFill, isReversed, sumOf } from './order-rows.js';
import type { Excess } from './trade.js';

export interface LegInRows {
  /** The trade rows that brought it: of one trade, or of several in the same account. */
  readonly rows: readonly TradeRow[];
  readonly leg: Outcome;
  readonly instrument: Instrument;
  /** Contracts of it to get rid of. */
  readonly quantity: Quantity;
  /** `ExitTerms.settleDelayMs`. */
  readonly settleDelayMs: number;
}

/**
 * What is held of one leg as an excess, for whoever gets rid of it when its trade has closed: a
 * flattened held pair is one of each leg. Provisional fills are not sellable.
 */
export function excessOfRows({
  rows,
  leg,
  instrument,
  quantity,
  settleDelayMs,
}: LegInRows): Excess {
  const bought = rows.filter(isFill).filter((fill) => isBuyOf(fill, instrument));
  const fills = bought.filter((fill) => !isReversed(rows, fill));
  const provisional = sumOf(fills.filter((fill) => fill.finality === 'provisional'));
  const final = add(heldInRows(rows, instrument), negate(provisional));
  return excessOfFills(fills, { leg, quantity, final, settleDelayMs });
}

interface Whole {
  readonly leg: Outcome;
  readonly quantity: Quantity;
  /** What is left of final fills. */
  readonly final: Quantity;
  readonly settleDelayMs: number;
}

/** So many contracts as an excess: what of it may be sold when, and what these fills had cost. */
export function excessOfFills(fills: readonly Fill[], whole: Whole): Excess {
  const { leg, quantity, final, settleDelayMs } = whole;
  const bought = sumOf(fills);
  const cost = negate(fills.map((fill) => fill.cash).reduce(add, ZERO_MONEY));
  return {
    leg,
    quantity,
    sellable: greatest(ZERO_QUANTITY, least(quantity, final)),
    sellableFromMs: sellableFromMs(fills, settleDelayMs),
    basis: perContract(cost, bought, 'ceil'),
    price: perContract(fills.map(tradedFor).reduce(add, ZERO_MONEY), bought, 'ceil'),
  };
}

/** Seed 001: Polymarket shares settle on chain before they can be sold. */
function sellableFromMs(fills: readonly Fill[], settleDelayMs: number): number {
  const onChain = fills.filter((fill) => fill.instrument.venue === 'polymarket');
  return Math.max(0, ...onChain.map((fill) => fill.atMs + settleDelayMs));
}

const isBuyOf = ({ instrument, side }: Fill, wanted: Instrument): boolean =>
  side === 'buy' && instrumentKey(instrument) === instrumentKey(wanted);

const tradedFor = ({ price, quantity }: Fill): Money => notional(price, quantity, 'ceil');
