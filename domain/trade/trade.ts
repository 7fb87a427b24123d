import type { ArbitrageIntent } from '../arbitrage-intent.js';
import type { ChildOrder } from '../child-order.js';
import type { ChildOrderStatus } from '../child-order-lifecycle.js';
import type { Freeze } from '../freeze/freeze.js';
import type { Outcome } from '../instrument.js';
import type { Money, Price, Quantity } from '../money.js';
import type { Pair } from '../pair.js';
import type { Denial } from '../risk/denial.js';
import type { Refusal } from '../venue.js';
import type { TradeRow } from '../venue-entry.js';
import type { ExitOwnership } from './exit-ownership.js';
import type { OperatorWord } from './operator-word.js';
import type { TradeTerms } from './terms.js';

/** The answer of `admit`: go, with both entries complete, or stop, by the name of the first broken rule. */
export type Admission =
  | {
      readonly kind: 'approved';
      readonly pair: Pair;
      readonly terms: TradeTerms;
      readonly entries: { readonly yesOrder: ChildOrder; readonly noOrder: ChildOrder };
      /** The host whose engine fires it; absent in approvals of before each pair had one. */
      readonly engineHost?: string;
      readonly atMs: number;
    }
  | { readonly kind: 'denied'; readonly denial: Denial; readonly atMs: number }
  /** This intent ended before (its history may be gone): nothing is done again, only told. */
  | {
      readonly kind: 'repeated';
      readonly verdict:
        | { readonly kind: 'approved' }
        | { readonly kind: 'denied'; readonly denial: Denial };
      readonly result: TradeResult;
      readonly atMs: number;
    };

/** What became of one order that we tried to send, as far as the answer tells. */
export type SendOutcome =
  | { readonly kind: 'notSent'; readonly code: string; readonly reason: string }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      readonly code: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'accepted';
      readonly venueOrderId: string;
      readonly state: 'working' | 'filled' | 'canceled';
      readonly cumulativeQuantity: Quantity;
    }
  | { readonly kind: 'unknown'; readonly code: string; readonly reason: string };

/** What a leg is told that waits for what the other one fills (`isHeldBack`). */
export const HELD_BACK: SendOutcome = {
  kind: 'notSent',
  code: 'HELD_BACK',
  reason: 'the other leg goes first, and its fill is hedged here',
};

export type DefiniteNo = Extract<SendOutcome, { readonly kind: 'notSent' | 'refused' }>;

/** One order of the trade as it stands: the venue's terminal answer is an expectation, rows are fills. */
export interface OrderState {
  readonly order: ChildOrder;
  readonly status: ChildOrderStatus;
  readonly venueOrderId?: string;
  /** The venue's own cumulative quantity, once it has given one. */
  readonly cumulativeQuantity?: Quantity;
  readonly sentAtMs: number;
  /** Our own or the venue's definite no, with its reason. */
  readonly refusal?: DefiniteNo;
  /** Since when we do not know; absent while we do. */
  readonly unknownSinceMs?: number;
  /** It was unknown at some time: an execution error, whatever it turned out to be. */
  readonly wasUnknown?: true;
  /** What an operator said became of it while it was unknown. */
  readonly word?: OperatorWord;
  /** Times asked since the last news, and when the next question is due. */
  readonly asks: number;
  readonly nextAskAtMs: number;
}

/** The exit order that may be on its way, and the ladder that it stands on. */
export interface Ladder {
  readonly leg: Outcome;
  /** Counts every exit order of this trade; part of its id. */
  readonly rung: number;
  readonly attempt: number;
  /** The lowest price that was accepted and left quantity; absent before the first. */
  readonly price?: Price;
  /** An excess that was decided to be kept while it was another one. */
  readonly keptOnce?: { readonly quantity: Quantity };
  /** Ways out that the venue has closed for this excess. */
  readonly without?: readonly ExitKind[];
  /** Since when refusals for funds, rate or venue state are being waited out. */
  readonly refusedSinceMs?: number;
  /** No exit is tried before this, and why; absent = the rung's own delay. */
  readonly notBeforeMs: number;
  readonly waitingFor?: WaitReason;
}

export interface ExitInDoubt {
  readonly clientOrderId: string;
  readonly sinceMs: number;
  readonly word?: OperatorWord;
  readonly asks: number;
  readonly nextAskAtMs: number;
}

export type ResidualReason = 'kept' | 'below_minimum' | 'loss_limit' | 'taken_over';

/** Everything a trade knows: plain data, so that it survives continue-as-new. */
export interface TradeState {
  readonly intent: ArbitrageIntent;
  readonly workflowId: string;
  readonly admission?: Admission;
  /** Entries, then exits and completions in the order they were tried. */
  readonly orders: readonly OrderState[];
  /** This trade's fills and reversals, each once. */
  readonly rows: readonly TradeRow[];
  /** How far Polymarket's clock is ahead of ours, where it dated a row later than it was heard of. */
  readonly chainAheadMs?: number;
  readonly ladder?: Ladder;
  /** An exit was tried and its answer is lost: its id, until evidence ends the doubt. */
  readonly exitInDoubt?: ExitInDoubt;
  /** There was a certain excess at some time. */
  readonly hadExcess: boolean;
  readonly gaveUp?: ResidualReason;
  /** Who has taken this trade's exits over: it sends none any more, whatever its excess becomes. */
  readonly exitsTakenBy?: ExitOwnership;
  readonly isCancelRequested: boolean;
  readonly freezes: readonly Freeze[];
  /** The freezes that this trade's own orders have caused, by id: one per doubt, one per break. */
  readonly frozenForUnknown: readonly string[];
}

/** The certain excess (DESIGN §6): contracts of `leg` that are held and that nothing can match any more. */
export interface Excess {
  readonly leg: Outcome;
  readonly quantity: Quantity;
  /** The part whose fills are final. */
  readonly sellable: Quantity;
  /** No sale before this: Polymarket shares need `settleDelayMs` after their last match. */
  readonly sellableFromMs: number;
  /** What one contract of it cost, fees included. */
  readonly basis: Price;
  /** What it traded at on average, fees apart: the ladder starts here. */
  readonly price: Price;
}

/** What the desk does next. `nextStep` alone decides it. */
export type Step =
  | { readonly kind: 'ask'; readonly clientOrderIds: readonly string[] }
  | { readonly kind: 'exit'; readonly excess: Excess; readonly ladder: Ladder }
  /** The pair is frozen because an order stays unknown, or lives longer than it can. */
  | { readonly kind: 'freeze'; readonly clientOrderId: string }
  /** The venue has overruled an operator: a break, and its pair is frozen. */
  | { readonly kind: 'report'; readonly found: OverruledWord }
  | { readonly kind: 'wait'; readonly untilMs?: number; readonly for: WaitReason }
  | { readonly kind: 'done' };
export type WaitReason = 'reports' | 'settlement' | 'evidence' | 'next_rung' | 'refusal';

/** A word that the venue has contradicted, with what both say was traded. */
export interface OverruledWord {
  readonly kind: 'operator_overruled';
  readonly clientOrderId: string;
  readonly by: string;
  readonly status: ChildOrderStatus;
  readonly expected: Quantity;
  readonly quantity: Quantity;
}

/** What an order turned out to be when the venue was asked, its trade rows beside it. */
export type Evidence =
  | {
      readonly kind: 'found';
      readonly clientOrderId: string;
      readonly order: ChildOrder;
      readonly venueOrderId: string;
      readonly state: 'working' | 'filled' | 'canceled' | 'rejected';
      readonly cumulativeQuantity: Quantity;
      readonly rows: readonly TradeRow[];
    }
  /** Not there, on every read path, later than it could still arrive (DESIGN §9). */
  | { readonly kind: 'absent'; readonly clientOrderId: string; readonly order: ChildOrder }
  /** No record says that it left, and none can be written any more. */
  | { readonly kind: 'neverSent'; readonly clientOrderId: string }
  /** Nothing new: it stays what it was. */
  | { readonly kind: 'open'; readonly clientOrderId: string; readonly rows: readonly TradeRow[] };

/** What came of one try to get out. */
export type ExitOutcome =
  | {
      readonly kind: 'sent';
      readonly how: ExitKind;
      readonly order: ChildOrder;
      readonly outcome: SendOutcome;
      readonly atMs: number;
    }
  /** Nothing was sent: another price, a settlement or a thaw must come first. */
  | { readonly kind: 'waited'; readonly why: string; readonly untilMs: number }
  /** `quantity`: the excess that this was decided for. */
  | { readonly kind: 'kept'; readonly reason: ResidualReason; readonly quantity?: Quantity }
  /** Somebody has taken the exits over; nothing was sent. */
  | { readonly kind: 'fenced'; readonly owner: ExitOwnership }
  /** The activity's answer is lost. */
  | { readonly kind: 'unknown'; readonly clientOrderId: string };
export type ExitKind = 'complete' | 'complement' | 'sell';

export type ResultKind = 'matched' | 'exited' | 'residual' | 'missed' | 'denied';

/** How a trade ended. Money figures are sums of venue entries, never of answers. */
export interface TradeResult {
  readonly kind: ResultKind;
  readonly denial?: Denial;
  readonly residual?: {
    readonly leg: Outcome;
    readonly quantity: Quantity;
    readonly reason: ResidualReason;
  };
  /** Contracts that pay one dollar whatever happens. */
  readonly contracts: Quantity;
  readonly fees: Money;
  /** Before and after fees: matched contracts at one dollar each, plus all cash moved, the residual at zero. */
  readonly gross: Money;
  readonly net: Money;
  /** Σ contracts unhedged × seconds, ×1 dollar: how much was exposed for how long. */
  readonly exposureContractSeconds: Quantity;
  /**
   * What getting out cost, fees included: sales against what the sold contracts had cost, completions
   * against the dollar that the pair pays. Zero where getting out gained.
   */
  readonly exitCost: Money;
  readonly isCanceled: boolean;
}
