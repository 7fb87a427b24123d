import type { Market } from '../instrument.js';
import type { Price, Quantity } from '../money.js';
import { add, greatest, least, price, subtract, toMultiple } from '../money.js';
import { sizedOrder } from '../order-sizing.js';
import { highestPrice, lowestPrice, tickAt, toLegalPrice } from '../price-grid.js';
import type { ResidualReason } from '../trade/trade.js';
import type { ExitInput, ExitOrder } from './exit-input.js';
import { isWithin, lossBound, lossOf } from './exit-loss.js';

/** Seed 001 never sells below a cent; the terms may say otherwise. */
const PRICE_MIN = price('0.01');
const COUNT = 1n as Price; // the smallest price difference that there is

export type Rung = ExitOrder | { readonly kind: 'keep'; readonly reason: ResidualReason };

/**
 * The next rung of the step-down ladder of seed 001: the original price first, then a step below
 * the price that was last accepted and left quantity, down to the floor. `atMost` is a price that
 * the book would fill; once something was accepted the rung is never above the ladder's own.
 */
export function nextRung(input: ExitInput, atMost?: Price): Rung {
  const { own, ladder, excess } = input;
  const { market, instrument } = own;
  const contracts = toMultiple(excess.sellable, market.lot, 'floor');
  if (contracts < market.minimumQuantity || contracts <= 0n) return keep('below_minimum');
  const floor = floorOf(input, contracts);
  if (!floor) return keep('loss_limit');
  if (ladder.price !== undefined && ladder.price <= floor.price) return keep(floor.reason);

  const next =
    ladder.price === undefined ? startOf(market, excess.price) : below(input, ladder.price);
  const wanted = wantedOf(ladder.price, { next, atMost });
  const limitPrice = greatest(wanted, floor.price);
  const wish = { market, instrument, side: 'sell', limitPrice, contracts } as const;
  if (sizedOrder(wish).kind === 'refused') return keep('below_minimum');
  return { kind: 'order', how: 'sell', ...wish, isReduceOnly: market.netsOutcomes };
}

/** Before anything was accepted the book may be followed up as well as down. */
function wantedOf(
  accepted: Price | undefined,
  { next, atMost }: { readonly next: Price; readonly atMost: Price | undefined },
): Price {
  if (atMost === undefined) return next;
  return accepted === undefined ? atMost : least(next, atMost);
}

interface Floor {
  readonly price: Price;
  /** Why nothing is sold below it. */
  readonly reason: ResidualReason;
}

/** The larger of the terms' least price and the lowest legal one, or where the loss bound binds. */
function floorOf({ own, excess, terms }: ExitInput, contracts: Quantity): Floor | undefined {
  const { market } = own;
  const lowest = toLegalPrice(
    market,
    greatest(terms.priceMin ?? PRICE_MIN, lowestPrice(market)),
    'ceil',
  );
  const bound = lossBound(terms);
  if (lowest === undefined) return undefined;
  if (bound === undefined) return { price: lowest, reason: 'kept' };

  const first = greatest(lowest, subtract(excess.basis, bound));
  let limitPrice = toLegalPrice(market, first, 'ceil');
  while (limitPrice !== undefined) {
    const way = { how: 'sell', market, limitPrice, contracts, basis: excess.basis } as const;
    const isLowest = limitPrice === lowest;
    if (isWithin(lossOf(way), bound)) {
      return { price: limitPrice, reason: isLowest ? 'kept' : 'loss_limit' };
    }
    limitPrice = toLegalPrice(market, add(limitPrice, COUNT), 'ceil');
  }
  return undefined;
}

/** The price that it was bought at, on the grid and not below it. */
function startOf(market: Market, original: Price): Price {
  return toLegalPrice(market, original, 'ceil') ?? highestPrice(market);
}

/** One step lower: the larger of `step` and the tick. */
function below({ own: { market }, terms }: ExitInput, from: Price): Price {
  const step = greatest(terms.step, tickAt(market, from));
  return toLegalPrice(market, subtract(from, step), 'floor') ?? lowestPrice(market);
}

const keep = (reason: ResidualReason): Rung => ({ kind: 'keep', reason });
