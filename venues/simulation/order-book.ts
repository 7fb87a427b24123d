import type { Level, Outcome, Price, Quantity, Side } from '../../domain/index.js';
import { add, assert, ONE_DOLLAR, subtract, ZERO_QUANTITY } from '../../domain/index.js';

export type BookSide = 'bid' | 'ask';

/** What rests in a market's one book, in terms of YES, whichever outcome its order names. */
export interface RestingOrder {
  readonly venueOrderId: string;
  readonly account: string;
  readonly clientKey: string;
  readonly outcome: Outcome;
  readonly side: Side;
  readonly bookSide: BookSide;
  /** Of YES. */
  readonly yesPrice: Price;
  readonly quantity: Quantity;
}

export const opposite = (side: BookSide): BookSide => (side === 'bid' ? 'ask' : 'bid');

/** Buying YES and selling NO are bids; selling YES and buying NO are asks: YES at p ≡ NO at 1 − p. */
export function bookSideOf(outcome: Outcome, side: Side): BookSide {
  return (outcome === 'yes') === (side === 'buy') ? 'bid' : 'ask';
}

/** A price of `outcome` in terms of YES, and back: it is its own inverse. */
export function mirrored(outcome: Outcome, price: Price): Price {
  return outcome === 'yes' ? price : subtract(ONE_DOLLAR, price);
}

/** One binary market's book: best price first, and at one price whoever came first. */
export class OrderBook {
  private readonly sides: Record<BookSide, RestingOrder[]> = { bid: [], ask: [] };
  /** Grows with every change: who has seen this version has seen the book. */
  version = 0;

  resting(side: BookSide): readonly RestingOrder[] {
    return this.sides[side];
  }

  add(order: RestingOrder): void {
    assert(order.quantity > 0n, 'what rests has a quantity');
    const queue = this.sides[order.bookSide];
    const place = queue.findIndex((other) => isBetter(order, other));
    this.version += 1;
    queue.splice(place === -1 ? queue.length : place, 0, order);
  }

  /** Takes quantity off an order, and the order off the book with its last contract. */
  reduce(side: BookSide, venueOrderId: string, by: Quantity): void {
    const queue = this.sides[side];
    const index = queue.findIndex((order) => order.venueOrderId === venueOrderId);
    const order = queue[index];
    assert(order !== undefined, 'only what rests can be taken');
    const left = subtract(order.quantity, by);
    assert(left >= 0n, 'no more is taken than rests');
    this.version += 1;
    if (left === 0n) queue.splice(index, 1);
    else queue[index] = { ...order, quantity: left };
  }

  /** Removes an order if it rests here. */
  remove(venueOrderId: string): void {
    this.version += 1;
    for (const queue of [this.sides.bid, this.sides.ask]) {
      const index = queue.findIndex((order) => order.venueOrderId === venueOrderId);
      if (index !== -1) queue.splice(index, 1);
    }
  }

  clear(): void {
    this.version += 1;
    this.sides.bid.length = 0;
    this.sides.ask.length = 0;
  }

  /** All that rests at each price, best first. */
  levels(side: BookSide): readonly Level[] {
    const levels: Level[] = [];
    for (const { yesPrice, quantity } of this.sides[side]) {
      const last = levels.at(-1);
      if (last?.price === yesPrice) {
        levels[levels.length - 1] = { price: yesPrice, quantity: add(last.quantity, quantity) };
      } else levels.push({ price: yesPrice, quantity });
    }
    return levels;
  }
}

/** Strictly better by price: who comes later at the same price stands behind. */
function isBetter(order: RestingOrder, other: RestingOrder): boolean {
  return order.bookSide === 'bid'
    ? order.yesPrice > other.yesPrice
    : order.yesPrice < other.yesPrice;
}

/** What a taker may trade: up to its limit, its contracts and, if it fixes them, its dollars. */
export interface Taker {
  readonly account: string;
  readonly outcome: Outcome;
  readonly side: Side;
  /** Per contract of `outcome`. */
  readonly limitPrice: Price;
  readonly quantityMax?: Quantity;
  /** Sums to spend; only buys have it. */
  readonly collateral?: bigint;
  /** Quantities bought with collateral are cut down to multiples of this. */
  readonly shareStep: Quantity;
}

/** One maker that a taker meets, at the maker's price. */
export interface Match {
  readonly maker: RestingOrder;
  readonly quantity: Quantity;
}

/**
 * Walks the other side by price and time. Stops at the limit, when the taker has enough, and
 * before an order of the taker's own account (self-trade prevention: the taker's rest is canceled,
 * Kalshi's `taker_at_cross`; Polymarket documents nothing, so it gets the same).
 */
export function matches(book: OrderBook, taker: Taker): readonly Match[] {
  const found: Match[] = [];
  const limit = mirrored(taker.outcome, taker.limitPrice);
  const side = bookSideOf(taker.outcome, taker.side);
  let open = taker.quantityMax;
  let funds = taker.collateral;
  for (const maker of book.resting(opposite(side))) {
    if (!isWithin(side, limit, maker) || maker.account === taker.account) break;
    const price = mirrored(taker.outcome, maker.yesPrice);
    const quantity = leastOf(maker.quantity, open, affordable(funds, price, taker.shareStep));
    if (quantity <= 0n) break;
    found.push({ maker, quantity });
    if (open !== undefined) open = subtract(open, quantity);
    if (funds !== undefined) funds -= notionalCeil(price, quantity);
  }
  return found;
}

/** An order like this cannot rest: something stands on the other side within its limit. */
export function isCrossing(book: OrderBook, { outcome, side, limitPrice }: Taker): boolean {
  const own = bookSideOf(outcome, side);
  const [best] = book.resting(opposite(own));
  return best !== undefined && isWithin(own, mirrored(outcome, limitPrice), best);
}

const isWithin = (side: BookSide, limit: Price, maker: RestingOrder) =>
  side === 'bid' ? maker.yesPrice <= limit : maker.yesPrice >= limit;

/** What a match costs its taker at most: dollars are cut at 10⁻⁹, against whoever pays. */
function notionalCeil(price: Price, quantity: Quantity): bigint {
  return (price * quantity + ONE_DOLLAR - 1n) / ONE_DOLLAR;
}

function affordable(funds: bigint | undefined, price: Price, step: Quantity) {
  if (funds === undefined) return undefined;
  const contracts = (funds * ONE_DOLLAR) / price;
  return (contracts - (contracts % step)) as Quantity; // dollars ÷ price is contracts
}

function leastOf(first: Quantity, ...others: readonly (Quantity | undefined)[]): Quantity {
  return others.reduce<Quantity>(
    (least, other) => (other !== undefined && other < least ? other : least),
    first,
  );
}

/** Everything of the matches together. */
export function matchedQuantity(found: readonly Match[]): Quantity {
  return found.reduce((sum, match) => add(sum, match.quantity), ZERO_QUANTITY);
}
