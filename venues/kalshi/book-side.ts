import type { Side } from '../../domain/child-order.js';
import type { Outcome } from '../../domain/instrument.js';
import { opposite } from '../../domain/instrument.js';
import type { Price } from '../../domain/money.js';
import { ONE_DOLLAR, subtract } from '../../domain/money.js';

/** Kalshi has one book per market and states every price as the price of YES. */
export type BookSide = 'bid' | 'ask';

/** An order in our words: what is bought or sold, and the price of that outcome. */
export interface Direction {
  readonly outcome: Outcome;
  readonly side: Side;
  readonly price: Price;
}

/** Buying YES and selling NO are bids. Selling YES and buying NO are asks, NO at p as 1 − p. */
export function toBookSide({ outcome, side, price }: Direction): {
  readonly bookSide: BookSide;
  readonly yesPrice: Price;
} {
  const isBid = (side === 'buy') === (outcome === 'yes');
  return { bookSide: isBid ? 'bid' : 'ask', yesPrice: priceOf(outcome, price) };
}

/**
 * Reads a venue's row back. The venue does not keep which of the two equal forms was meant (selling
 * YES at p *is* buying NO at 1 − p), so the caller names the outcome that it asks about.
 */
export function fromBookSide(bookSide: BookSide, yesPrice: Price, outcome: Outcome): Direction {
  const isBuy = (bookSide === 'bid') === (outcome === 'yes');
  return { outcome, side: isBuy ? 'buy' : 'sell', price: priceOf(outcome, yesPrice) };
}

/** The outcome that a bid or an ask adds to: the venue's own `outcome_side`. */
export function outcomeBought(bookSide: BookSide): Outcome {
  return bookSide === 'bid' ? 'yes' : opposite('yes');
}

/** The price of an outcome from the price of YES, and back: the same step both ways. */
export function priceOf(outcome: Outcome, price: Price): Price {
  return outcome === 'yes' ? price : subtract(ONE_DOLLAR, price);
}
