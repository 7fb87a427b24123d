/**
 * What custody does with contracts that nobody answers for: `keep` watches them, their pair frozen;
 * `hedge` buys the missing other leg within the loss bound; `exit` sells them down the ladder.
 */
export const custodyPolicies = ['keep', 'hedge', 'exit'] as const;
export type CustodyPolicy = (typeof custodyPolicies)[number];

export interface CustodyTerms {
  readonly policy: CustodyPolicy;
  /** Between two sweeps of a venue account. */
  readonly sweepEveryMs: number;
}

/** DESIGN §1.6 and §9: swept every minute; what is found is kept until somebody says otherwise. */
export const defaultCustody: CustodyTerms = { policy: 'keep', sweepEveryMs: 60_000 };
