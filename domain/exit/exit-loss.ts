import { takerFee } from '../fees.js';
import type { Market } from '../instrument.js';
import type { Price, Quantity } from '../money.js';
import { add, ONE_DOLLAR, perContract, subtract } from '../money.js';
import { DEFAULT_LOSS_MAX, type ExitTerms } from '../trade/terms.js';
import type { ExitKind } from '../trade/trade.js';

/** One way out of so many contracts at a price, seen per contract and after fees. */
export interface WayOut {
  readonly how: ExitKind;
  readonly market: Market;
  readonly limitPrice: Price;
  readonly contracts: Quantity;
  /** What a contract of the excess had cost, fees included. */
  readonly basis: Price;
}

/**
 * What one contract loses when all of them trade at the limit price: a sale brings its price less
 * the fee, a completed or netted contract is worth the dollar that the pair pays. Negative = a gain.
 */
export function lossOf({ how, market, limitPrice, contracts, basis }: WayOut): Price {
  const fee = perContract(takerFee(market.fees, limitPrice, contracts), contracts, 'ceil');
  if (how === 'sell') return subtract(add(basis, fee), limitPrice);
  return subtract(add(add(basis, limitPrice), fee), ONE_DOLLAR);
}

/** The bound on that loss; `undefined` = none. */
export function lossBound({ policy, lossMax }: ExitTerms): Price | undefined {
  return lossMax ?? (policy === 'step_down' ? undefined : DEFAULT_LOSS_MAX);
}

export function isWithin(loss: Price, bound: Price | undefined): boolean {
  return bound === undefined || loss <= bound;
}
