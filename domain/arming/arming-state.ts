import { armedWorkflowId } from '../ids.js';
import type { Pair } from '../pair.js';
import type { Denial } from '../risk/denial.js';
import type { ArmBudget, ArmRequest, ArmTerms } from './arm-request.js';
import type { Disarmed, LeaseSeen, Swept } from './engine-asks.js';
import type { VenuePages } from './lease-pages.js';

/** Where an armed pair stands; `arming-transitions.ts` says what comes after what. */
export type ArmingStage =
  /** Nothing is lent: the limits are asked. */
  | 'lending'
  /** Lent, and its engine has not said that it fires. */
  | 'arming'
  | 'armed'
  /** Not renewed any more; its engine is asked to let it go. */
  | 'disarming'
  /**
   * The start that had it is gone: the next one of its host is asked for what it left, and where its
   * journal cannot be read the venues are.
   */
  | 'sweeping'
  /** Nothing is spent any more; each of its shots has to be a trade. */
  | 'closing'
  | 'over';

export type ArmingVerdict =
  | { readonly kind: 'armed'; readonly host: string; readonly leaseId: string }
  | { readonly kind: 'denied'; readonly denial: Denial };

/** Why a pair is armed no more. */
export interface ArmingEnding {
  readonly kind: 'disarmed' | 'canceled' | 'expired' | 'exhausted' | 'denied';
  readonly by: string;
  readonly why: string;
}

/** What was lent to one start of an engine. */
export interface HeldLease {
  /** Also the name of the arming: one grant, one arming. */
  readonly leaseId: string;
  readonly host: string;
  readonly process: string;
  readonly engineEpoch: number;
  /** Absent: it was on the pair file no more when its grant was heard of. */
  readonly pair?: Pair;
  /** As granted: what is asked for, or less where the limits say so. New terms stay within. */
  readonly contractsMax: ArmTerms['contractsMax'];
  readonly orderGroupId?: string;
  readonly seen: LeaseSeen;
  /** The version of the terms that its engine has; 0: none yet. */
  readonly versionTold: number;
  readonly isStopped: boolean;
  /** Its journal cannot be read; absent while nobody has said so. */
  readonly lost?: LostJournal;
  readonly evidence?: Disarmed | Extract<Swept, { kind: 'journal_read' }> | VenuePages;
}

/** What the venues' pages have shown where a journal is of no help. */
export interface LostJournal {
  readonly journal: 'lost' | 'damaged';
  /** It was said again since the pages were read. */
  readonly isSearchDue: boolean;
  /** How often all venues have shown their pages; absent: not yet. */
  readonly asked?: number;
  /** When the readings began that count and did not show an order of it, oldest first. */
  readonly missedAtMs: readonly number[];
}

/** What was tried in vain is tried again, later and later, and shown. */
export interface ArmingPause {
  readonly tries: number;
  readonly untilMs: number;
  readonly why: string;
}

/** Everything that an armed pair's workflow knows; plain data, so that a new run takes it along. */
export interface ArmingState {
  readonly workflowId: string;
  readonly request: ArmRequest;
  /** As they were changed last; the first version is 1. */
  readonly terms: ArmTerms;
  readonly version: number;
  readonly stage: ArmingStage;
  /** Not spent when the present lease was granted. */
  readonly left: ArmBudget;
  /** Leases so far; each has a name of its own. */
  readonly grants: number;
  /** Fired from leases that are closed. */
  readonly shotsBefore: number;
  /** How often in a row its engine has not armed it: it is lent anew later each time. */
  readonly armTries: number;
  readonly lease?: HeldLease;
  readonly verdict?: ArmingVerdict;
  readonly ending?: ArmingEnding;
  readonly pause?: ArmingPause;
}

export function openArming(request: ArmRequest): ArmingState {
  const { contractsMax, edgeMin, validMs, budget, pairId } = request;
  return {
    ...{ workflowId: armedWorkflowId(pairId), request, terms: { contractsMax, edgeMin, validMs } },
    ...{ version: 1, stage: 'lending', left: budget },
    ...{ grants: 0, shotsBefore: 0, armTries: 0 },
  };
}

/** Of whoever asked whether it is armed; `undefined`: nobody knows yet. */
export function verdictOf({ verdict, stage }: ArmingState): ArmingVerdict | undefined {
  if (verdict || stage !== 'over') return verdict;
  return { kind: 'denied', denial: { code: 'CANCELED' } };
}

/** What may still be spent, as far as it is known. */
export const budgetLeft = ({ lease, left }: ArmingState): ArmBudget => lease?.seen.left ?? left;

export const shotsFired = ({ lease, shotsBefore }: ArmingState): number =>
  shotsBefore + (lease?.seen.shots ?? 0);

/** How it ended; what is left of the budget is nobody's any more. */
export interface ArmingEnd extends ArmingEnding {
  readonly shots: number;
  readonly left: ArmBudget;
}
