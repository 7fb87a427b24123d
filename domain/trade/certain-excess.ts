import type { ChildOrder } from '../child-order.js';
import { isTerminal } from '../child-order-lifecycle.js';
import type { Instrument, Outcome } from '../instrument.js';
import { instrumentKey, opposite } from '../instrument.js';
import type { Quantity } from '../money.js';
import { add, greatest, subtract, ZERO_QUANTITY } from '../money.js';
import type { Fill } from '../venue-entry.js';
import { excessOfFills } from './excess-of-rows.js';
import { maximumOf, netOf, standingFills, sumOf } from './order-rows.js';
import { approvalOf } from './phases.js';
import type { Excess, ExitKind, OrderState, TradeState } from './trade.js';

/**
 * The contracts that nothing can match any more (DESIGN §6), as an excess of leg A over leg B:
 *
 * 1. A counts by its trade rows, entries and completions, less its exits, filled or in doubt.
 * 2. B counts as the most that it can still be: the larger of trade rows and the venue's terminal
 *    answer, its legal maximum while it is not terminal; only sales that are final make it less.
 * 3. Nothing is certain while a collateral-sized buy is unknown, nor while an exit's answer is lost.
 * 4. A reversed fill counts for nothing, however long the other leg has been final.
 */
export function certainExcess(state: TradeState): Excess | undefined {
  if (!approvalOf(state) || state.exitInDoubt) return undefined;
  if (state.orders.some(isUnknownBuyOfUnknownSize)) return undefined;
  for (const leg of ['yes', 'no'] as const) {
    const a = legOf(state, leg);
    const b = legOf(state, opposite(leg));
    const quantity = subtract(a.leastHeld, b.mostHeld);
    if (quantity > 0n) return excessOf(state, { leg, quantity });
  }
  return undefined;
}

/** No order can add to this leg any more (reports of its fills may still be missing). */
export function isLegTerminal(state: TradeState, leg: Outcome): boolean {
  return buysOf(state, leg).every((order) => isTerminal(order.status));
}

/** Contracts of the leg that are held by this trade, by rows alone. */
export function heldOf(state: TradeState, leg: Outcome): Quantity {
  const bought = buysOf(state, leg).map((order) => netOf(state, order));
  const sold = reductionsOf(state, leg).map((order) => netOf(state, order));
  return subtract(total(bought), total(sold));
}

/** Entries and completions of a leg. */
export function buysOf(state: TradeState, leg: Outcome): OrderState[] {
  const key = keyOf(state, leg);
  return state.orders.filter(({ order }) => order.side === 'buy' && isOf(order, key));
}

/** Sales of a leg, and purchases of its opposite that the venue nets against it. */
export function reductionsOf(state: TradeState, leg: Outcome): OrderState[] {
  const key = keyOf(state, leg);
  return state.orders.filter(
    ({ order }) =>
      (order.side === 'sell' && isOf(order, key)) ||
      (order.side === 'buy' && instrumentKey(counterpart(order.instrument)) === key),
  );
}

/** What an exit order of this trade was: told by what it trades, never by what we remember. */
export function exitKindOf(state: TradeState, { side, instrument }: ChildOrder): ExitKind {
  if (side === 'sell') return 'sell';
  const legs = (['yes', 'no'] as const).map((leg) => keyOf(state, leg));
  return legs.includes(instrumentKey(instrument)) ? 'complete' : 'complement';
}

/** Contracts of the leg that trade rows show, less all that its exits may still sell. */
export function leastHeldOf(state: TradeState, leg: Outcome): Quantity {
  return legOf(state, leg).leastHeld;
}

interface LegHolding {
  readonly leastHeld: Quantity;
  readonly mostHeld: Quantity;
}

function legOf(state: TradeState, leg: Outcome): LegHolding {
  const buys = buysOf(state, leg);
  const reductions = reductionsOf(state, leg);
  const rows = total(buys.map((order) => netOf(state, order)));
  const most = total(buys.map((order) => maximumOf(state, order)));
  const finallySold = sumOf(reductions.flatMap((order) => finalFills(state, order)));
  return {
    leastHeld: atLeastNone(subtract(rows, soldAtMost(state, reductions))),
    mostHeld: atLeastNone(subtract(most, finallySold)),
  };
}

/** So many contracts of a leg as an excess: what of it may be sold when, and what it had cost. */
export function excessOf(
  state: TradeState,
  { leg, quantity }: { readonly leg: Outcome; readonly quantity: Quantity },
): Excess {
  const buys = buysOf(state, leg);
  const bought = sumOf(buys.flatMap((order) => finalFills(state, order)));
  const final = subtract(bought, soldAtMost(state, reductionsOf(state, leg)));
  const settleDelayMs = approvalOf(state)?.terms.exit.settleDelayMs ?? 0;
  const { chainAheadMs = 0 } = state;
  const fills = buys
    .flatMap((order) => standingFills(state, order))
    .map((fill) => ({ ...fill, atMs: fill.atMs - chainAheadMs }));
  return excessOfFills(fills, { leg, quantity, final, settleDelayMs });
}

/** What a venue sold beyond what was held is a break, and no holding of the other leg. */
const atLeastNone = (held: Quantity): Quantity => greatest(held, ZERO_QUANTITY);

const soldAtMost = (state: TradeState, reductions: readonly OrderState[]): Quantity =>
  total(reductions.map((order) => maximumOf(state, order)));

const finalFills = (state: TradeState, order: OrderState): Fill[] =>
  standingFills(state, order).filter((fill) => fill.finality === 'final');

const isUnknownBuyOfUnknownSize = ({ status, order }: OrderState): boolean =>
  status === 'unknown' && order.side === 'buy' && order.fixed.kind === 'collateral';

function keyOf(state: TradeState, leg: Outcome): string {
  const entries = approvalOf(state)?.entries;
  const entry = leg === 'yes' ? entries?.yesOrder : entries?.noOrder;
  return entry ? instrumentKey(entry.instrument) : '';
}

const isOf = (order: ChildOrder, key: string): boolean => instrumentKey(order.instrument) === key;
const counterpart = (instrument: Instrument): Instrument => ({
  ...instrument,
  outcome: opposite(instrument.outcome),
});
const total = (quantities: readonly Quantity[]): Quantity => quantities.reduce(add, ZERO_QUANTITY);
