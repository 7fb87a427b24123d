import type { Outcome } from '../instrument.js';
import { opposite } from '../instrument.js';
import type { Quantity } from '../money.js';
import { add, greatest, subtract, ZERO_QUANTITY } from '../money.js';
import { isByWord } from './by-word.js';
import { buysOf, certainExcess, excessOf, leastHeldOf, reductionsOf } from './certain-excess.js';
import { expectedOf } from './operator-word.js';
import { maximumOf, standingFills, sumOf, toldOf } from './order-rows.js';
import { approvalOf } from './phases.js';
import type { Excess, OrderState, TradeState } from './trade.js';

/** What the trade gets out of: its certain excess or, under a freeze that says `flatten`, both legs. */
export function excessToExit(state: TradeState): Excess | undefined {
  return isFlattening(state) ? excessToFlatten(state) : certainExcess(state);
}

export function isFlattening({ freezes }: TradeState): boolean {
  return freezes.some((freeze) => freeze.action === 'flatten');
}

/**
 * Both legs of a match, one order at a time:
 *
 * 1. The leg that settles on chain goes first. While it cannot be sold (not CONFIRMED, below its
 *    minimum, beyond the loss bound) nothing is, and the match stays whole.
 * 2. The other leg follows what was sold of the first, before the first goes on; it does not wait for
 *    CONFIRMED, because a sale that fails is made again.
 * 3. Only what trade rows show is sold. An order of the first leg in doubt counts by its legal maximum,
 *    or by an operator's word: whoever said both wants to be out, and a wrong word costs a second sale.
 */
export function excessToFlatten(state: TradeState): Excess | undefined {
  if (!approvalOf(state) || state.exitInDoubt) return undefined;
  const first = firstLegOf(state);
  const second = opposite(first);
  const follows = subtract(leastHeldOf(state, second), mostLeftOf(state, first));
  if (follows > 0n) return excessOf(state, { leg: second, quantity: follows });
  const held = leastHeldOf(state, first);
  return held > 0n ? excessOf(state, { leg: first, quantity: held }) : undefined;
}

/** Shares on chain take their time and have a minimum; a sale on Kalshi is final at once. */
function firstLegOf(state: TradeState): Outcome {
  const no = approvalOf(state)?.entries.noOrder;
  return no?.instrument.venue === 'polymarket' ? 'no' : 'yes';
}

function mostLeftOf(state: TradeState, leg: Outcome): Quantity {
  const bought = buysOf(state, leg).map((order) => mostOf(state, order));
  const sold = reductionsOf(state, leg).flatMap((order) => standingFills(state, order));
  return greatest(subtract(bought.reduce(add, ZERO_QUANTITY), sumOf(sold)), ZERO_QUANTITY);
}

function mostOf(state: TradeState, order: OrderState): Quantity {
  const { word } = order;
  if (!word || !isByWord(state, order)) return maximumOf(state, order);
  return greatest(toldOf(state, order), expectedOf(word));
}
