import type { Book } from '../book.js';
import type { Side } from '../child-order.js';
import type { Instrument, Market } from '../instrument.js';
import type { Money, Price, Quantity } from '../money.js';
import type { ExitTerms } from '../trade/terms.js';
import type { Excess, ExitKind, Ladder, ResidualReason, WaitReason } from '../trade/trade.js';

/** One side of a mismatched trade. `book`: absent where none is fresh enough to price from. */
export interface ExitSide {
  readonly instrument: Instrument;
  readonly market: Market;
  readonly book?: Book | undefined;
}

export interface OwnSide extends ExitSide {
  /** The book of the opposite outcome, where the venue nets it and quotes it apart. */
  readonly complement?: Book | undefined;
}

export interface OtherSide extends ExitSide {
  /** What the missing leg's entry would have paid at most: its completion is reserved for by it. */
  readonly limitPrice: Price;
  /** One completion is reserved for up to so many contracts; absent = no reservation bounds it. */
  readonly contractsMax?: Quantity;
  /** What may be spent there; absent = the venue will say. */
  readonly cash?: Money;
  /** The account holds the opposite there and the venue nets: buying would undo an earlier match. */
  readonly isOppositeHeld?: boolean;
}

/** Everything that one try to get out is decided by. */
export interface ExitInput {
  /** What is left of this trade's rows, capped by the account's position. */
  readonly excess: Excess;
  readonly ladder: Ladder;
  /** The excess leg's own venue: the only one that it can be sold on. */
  readonly own: OwnSide;
  readonly other: OtherSide;
  readonly isOtherLegTerminal: boolean;
  /** Only `sell` and `keep` are left. */
  readonly isFrozen: boolean;
  readonly terms: ExitTerms;
  readonly nowMs: number;
}

/** One order that gets rid of (a part of) the excess. */
export interface ExitOrder {
  readonly kind: 'order';
  readonly how: ExitKind;
  readonly instrument: Instrument;
  readonly market: Market;
  readonly side: Side;
  readonly limitPrice: Price;
  readonly contracts: Quantity;
  /** A buy's cost by the depth walked, so that better prices do not buy more than was meant. */
  readonly expectedCost?: Money;
  /** The venue may only make the position smaller: sales and netting buys, where it can say so. */
  readonly isReduceOnly: boolean;
}

export type ExitPlan =
  | ExitOrder
  | { readonly kind: 'wait'; readonly why: WaitReason; readonly untilMs: number }
  | { readonly kind: 'keep'; readonly reason: ResidualReason };
