import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type {
  ArmingEnd,
  ArmingState,
  ArmingVerdict,
  ArmRequest,
  ArmTerms,
  Wire,
} from '../domain/index.js';

/** What whoever arms a pair hears at once. The digest says which request it is about. */
export type ArmedVerdict = Wire<ArmingVerdict> & { readonly digest: string };

/** Who wants the pair to be armed no more, and why; the audit keeps it. */
export interface DisarmNotice {
  readonly by: string;
  readonly why: string;
}

export interface DisarmTaken {
  /** Its engine has said that nothing is fired any more. */
  readonly isDisarmed: boolean;
  /** What is left to do, in the operator's words. */
  readonly waitsFor: string;
}

export interface TermsTaken {
  /** Its engine has them; else the pair is disarmed before it could be told. */
  readonly isTold: boolean;
  readonly terms: Wire<ArmTerms>;
}

/** The procedure's shape, for whoever starts it or continues it in a new run. */
export type ArmPair = (
  request: Wire<ArmRequest>,
  carried?: CarriedArming,
) => Promise<Wire<ArmingEnd>>;

/** What a pair that is armed for long takes along into its next run. */
export interface CarriedArming {
  readonly state: Wire<ArmingState>;
  readonly firstRunId: string;
  readonly timeline: readonly {
    readonly atMs: number;
    readonly event: string;
    readonly text: string;
  }[];
}

export const armedVerdictUpdate = defineUpdate<ArmedVerdict>('verdict');
/** Answered when its engine was heard, or has not answered once; nothing is armed anew from then on. */
export const disarmUpdate = defineUpdate<DisarmTaken, [DisarmNotice]>('disarm');
/** Within what was granted; answered when its engine has them. */
export const changeTermsUpdate = defineUpdate<TermsTaken, [Wire<ArmTerms>]>('changeTerms');
export const armedStateQuery = defineQuery<Wire<ArmingState>>('state');
/** The type of the failure that refuses a message; its text is for the operator. */
export const ARMING_REFUSED = 'ARMING_REFUSED';
