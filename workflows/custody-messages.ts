import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { CustodyCase, CustodyPolicy, CustodyState, Wire } from '../domain/index.js';

/** What a sweep has found without an owner. Told again, a case is still one case. */
export interface FoundCases {
  readonly cases: readonly Wire<CustodyCase>[];
}

/** An operator takes a dead or stuck trade's exits away from its own workflow. */
export interface AdoptTrade {
  readonly workflowId: string;
  readonly by: string;
  readonly why: string;
  /** What is done with what the trade holds; absent = the desk's policy. */
  readonly policy?: CustodyPolicy;
}

export const casesSignal = defineSignal<[FoundCases]>('cases');
export const adoptTradeSignal = defineSignal<[AdoptTrade]>('adoptTrade');
export const custodyStateQuery = defineQuery<Wire<CustodyState>>('state');
