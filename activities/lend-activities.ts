import type {
  ArmRequest,
  CloseAnswer,
  HeldLease,
  LeaseSeen,
  LendAnswer,
  PagesRead,
  Recalled,
} from '../domain/index.js';

/**
 * What an armed pair may ask of the ledger, and of the venues. What it asks of its engine is
 * `EngineActivities`.
 */
export interface LendActivities {
  /** Reviews and lends, all or nothing. Idempotent by lease; makes no venue call. */
  lend(request: LendRequest): Promise<LendAnswer>;
  /** What was lent under that name and is not closed, whoever has heard of it. Changes nothing. */
  recall(lease: { readonly leaseId: string; readonly pairId: string }): Promise<Recalled>;
  /** Answers when the lease is not as it was seen, or after a while. Changes nothing. */
  watchLease(watched: LeaseWatch): Promise<LeaseSeen>;
  /** Its holder renews it no more. Idempotent. */
  stopLease(leaseId: { readonly leaseId: string }): Promise<LeaseSeen>;
  /** One reading of its venues, where its journal cannot be read. Books what traded; cancels nothing. */
  pagesOfLease(lease: { readonly leaseId: string }): Promise<PagesRead>;
  /** Gives back what is left of it, on that evidence, or says why not. Idempotent, audited. */
  closeLease(closing: LeaseClosing): Promise<CloseAnswer>;
}

export interface LendRequest {
  readonly workflowId: string;
  readonly leaseId: string;
  /** With the terms of now, and what is left of its budget. */
  readonly request: ArmRequest;
}

export interface LeaseWatch {
  readonly leaseId: string;
  readonly seen: LeaseSeen;
}

export interface LeaseClosing {
  readonly leaseId: string;
  readonly evidence: NonNullable<HeldLease['evidence']>;
  readonly by: string;
  readonly why: string;
}
