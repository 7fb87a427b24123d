import type { Level } from '../book.js';
import type { Outcome } from '../instrument.js';
import type { Price, Quantity } from '../money.js';
import { least, subtract } from '../money.js';

export interface Slice {
  /** Contracts that can be bought on both sides at these prices, after all slices before it. */
  readonly quantity: Quantity;
  readonly prices: Readonly<Record<Outcome, Price>>;
}

/**
 * Walks both ladders of offers at once, best first: each slice is what rests on *both* sides at
 * one pair of prices. It ends with the first pair that is not worth it, since every later pair
 * costs more, and with the shorter ladder.
 */
export function executableDepth(
  asks: Readonly<Record<Outcome, readonly Level[]>>,
  isWorthIt: (prices: Slice['prices']) => boolean,
): readonly Slice[] {
  const slices: Slice[] = [];
  const yes = new Ladder(asks.yes);
  const no = new Ladder(asks.no);
  for (;;) {
    const yesTop = yes.top();
    const noTop = no.top();
    if (!yesTop || !noTop) return slices;
    const prices = { yes: yesTop.price, no: noTop.price };
    if (!isWorthIt(prices)) return slices;
    const quantity = least(yesTop.quantity, noTop.quantity);
    slices.push({ quantity, prices });
    yes.take(quantity);
    no.take(quantity);
  }
}

/** A ladder of offers that remembers how much of its best level has been taken. */
class Ladder {
  readonly #levels: Level[];

  constructor(levels: readonly Level[]) {
    this.#levels = levels.filter((level) => level.quantity > 0n).toReversed();
  }

  top(): Level | undefined {
    return this.#levels.at(-1);
  }

  take(quantity: Quantity): void {
    const top = this.#levels.pop();
    if (!top) return;
    const left = subtract(top.quantity, quantity);
    if (left > 0n) this.#levels.push({ price: top.price, quantity: left });
  }
}
