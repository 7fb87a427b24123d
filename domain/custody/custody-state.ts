import type { ExitOwnership } from '../trade/exit-ownership.js';
import type { TradeTerms } from '../trade/terms.js';
import type { Excess, Ladder, TradeState } from '../trade/trade.js';
import type { CaseOf, CustodyCase } from './custody-case.js';
import type { CustodyPlace } from './custody-place.js';
import type { CustodyPolicy } from './custody-terms.js';

/** Everything that one custody workflow looks after: plain data, so that it survives continue-as-new. */
export interface CustodyState {
  readonly custodyId: string;
  readonly place: CustodyPlace;
  /** Open cases, in the order they were told. What is over is gone from here. */
  readonly items: readonly CustodyItem[];
}

export type CustodyItem = TradeItem | PositionItem | PlainItem;

interface ItemOf {
  /** When it is looked at next; absent = when something new is told of it. */
  readonly nextAtMs?: number;
  /** Looks that have changed nothing since the last news. */
  readonly tries: number;
}

/** A dead trade; adopted, its own rows and orders are carried on to their end. */
export interface TradeItem extends ItemOf {
  readonly case: CaseOf<'trade'>;
  readonly adopted?: AdoptedTrade;
}

/** Contracts without an owner, and how far getting rid of them has come. */
export interface PositionItem extends ItemOf {
  readonly case: CaseOf<'position'>;
  readonly exiting?: PositionExit;
}

export interface PlainItem extends ItemOf {
  readonly case: Exclude<CustodyCase, { readonly kind: 'trade' | 'position' }>;
}

export interface AdoptedTrade {
  readonly trade: TradeState;
  /** Custody's own claim on the trade's exits: an older one is fenced. */
  readonly ownership: ExitOwnership;
  readonly policy: CustodyPolicy;
}

export interface PositionExit {
  readonly policy: CustodyPolicy;
  readonly ownership: ExitOwnership;
  readonly excess: Excess;
  readonly ladder: Ladder;
  readonly terms: TradeTerms;
  /** Our last exit order, until its end and all of its rows are known. */
  readonly openOrderId?: string;
}

/** What custody does next. `nextCustodyStep` alone decides it. */
export type CustodyStep =
  /** Claim a dead trade's exits and read everything of it back from the books. */
  | { readonly kind: 'adopt'; readonly item: TradeItem }
  | { readonly kind: 'ask'; readonly item: TradeItem; readonly clientOrderIds: readonly string[] }
  | { readonly kind: 'freeze'; readonly item: TradeItem; readonly clientOrderId: string }
  | {
      readonly kind: 'exit';
      readonly item: TradeItem;
      readonly excess: Excess;
      readonly ladder: Ladder;
    }
  /** Nothing of the trade is open any more: its result, its reservation, its hold. */
  | { readonly kind: 'record'; readonly item: TradeItem }
  | { readonly kind: 'askOwn'; readonly item: PositionItem; readonly clientOrderId: string }
  | { readonly kind: 'exitPosition'; readonly item: PositionItem }
  /** Everything else: one look, which may also end the case. */
  | { readonly kind: 'attend'; readonly item: PositionItem | PlainItem }
  | { readonly kind: 'wait'; readonly untilMs?: number }
  | { readonly kind: 'done' };
