import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type {
  Denial,
  FreezeAction,
  FreezeCause,
  OperatorWord,
  Standing,
  TradeRow,
  TradeState,
  Wire,
} from '../domain/index.js';

/** An operator (or the governor) says: no new risk. Entries stop; exits go on. */
export interface FreezeNotice {
  readonly cause: FreezeCause;
  readonly why: string;
  readonly by: string;
  readonly action: FreezeAction;
  /** The freeze row behind it; absent when the signal was sent by hand. */
  readonly freezeId?: string;
}

export interface UnfreezeNotice {
  readonly by: string;
  /** Absent: every freeze that this trade was told of. */
  readonly freezeId?: string;
}

/** Venue entries of this trade, as booked. Telling one twice does no harm. */
export interface VenueReport {
  readonly rows: readonly Wire<TradeRow>[];
}

/** Where the order stood before an operator's word, and where it stands with it. */
export interface WordTaken {
  readonly before: Wire<Standing>;
  readonly after: Wire<Standing>;
}

/** What the strategy hears at once. The digest says which content it is about. */
export type Verdict =
  | { readonly kind: 'approved'; readonly digest: string }
  | { readonly kind: 'denied'; readonly digest: string; readonly denial: Wire<Denial> };

/** One line of the trade's story. */
export interface TimelineEvent {
  readonly atMs: number;
  readonly event: string;
  readonly text: string;
}

export const freezeSignal = defineSignal<[FreezeNotice]>('freeze');
export const unfreezeSignal = defineSignal<[UnfreezeNotice]>('unfreeze');
export const venueReportSignal = defineSignal<[VenueReport]>('venueReport');
export const verdictUpdate = defineUpdate<Verdict>('verdict');
/**
 * An operator says what became of an unknown order: an expectation, never a fill (domain/trade/operator-word.ts).
 * Refused where it cannot be true; answered once the audit has it.
 */
export const resolveUnknownUpdate = defineUpdate<WordTaken, [Wire<OperatorWord>]>('resolveUnknown');
/** The type of the failure that refuses a word; its message is for the operator. */
export const WORD_REFUSED = 'WORD_REFUSED';
export const stateQuery = defineQuery<Wire<TradeState>>('state');
export const timelineQuery = defineQuery<readonly TimelineEvent[]>('timeline');
