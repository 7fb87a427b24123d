import type { Price, Quantity } from '../../domain/index.js';
import { assert, ONE_DOLLAR, subtract } from '../../domain/index.js';
import type { BookSide, RestingOrder } from './order-book.js';

/** The account of the seeded counterparties: it is never short of cash and pays no fees. */
export const CROWD = 'crowd';

/**
 * One quote of the crowd, resting. The crowd only ever buys, YES at its bids and NO at its asks, so
 * that it is never short of contracts either. There is one quote per side and price.
 */
export function crowdQuote(bookSide: BookSide, yesPrice: Price, quantity: Quantity): RestingOrder {
  const venueOrderId = `${CROWD}/${bookSide}/${yesPrice}`;
  const outcome = bookSide === 'bid' ? 'yes' : 'no';
  const base = { venueOrderId, account: CROWD, clientKey: venueOrderId, outcome } as const;
  return { ...base, side: 'buy', bookSide, yesPrice, quantity };
}

/** The worst price per contract of its own outcome that a quote trades at. */
export function quoteLimit({ bookSide, yesPrice }: RestingOrder): Price {
  return bookSide === 'bid' ? yesPrice : subtract(ONE_DOLLAR, yesPrice);
}

/** Which quote an order id of the crowd names, whatever better price it may have traded at. */
export function quoteNamed(venueOrderId: string): { side: BookSide; price: Price } {
  const [, side, counts] = venueOrderId.split('/');
  assert(side === 'bid' || side === 'ask', 'a quote stands on one side');
  assert(counts !== undefined, 'a quote has a price');
  return { side, price: BigInt(counts) as Price }; // `crowdQuote` wrote it
}
