import type { Quantity } from '../../domain/index.js';
import { collateralLeft } from './funds.js';
import type { PlaceRequest, SimulatedOrder } from './order.js';
import type { Taker } from './order-book.js';
import type { VenueRules } from './venue-rules.js';

/** What an order may take from the book: its contracts, or what its dollars buy. */
export function takerOf(
  { shareStep }: VenueRules,
  order: PlaceRequest | SimulatedOrder,
  quantity: Quantity,
): Taker {
  const { account, outcome, side, limitPrice, fixed } = order;
  const base = { account, outcome, side, limitPrice, shareStep };
  if (fixed.kind === 'contracts') return { ...base, quantityMax: quantity };
  const left = 'filledNotional' in order ? collateralLeft(order) : fixed.collateral;
  return { ...base, collateral: left ?? fixed.collateral };
}
