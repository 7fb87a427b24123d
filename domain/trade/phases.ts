import { assert } from '../assert.js';
import type { TradeTerms } from './terms.js';
import type { Admission, TradeState } from './trade.js';

export type Approval = Extract<Admission, { readonly kind: 'approved' }>;

/** What an admitted trade runs by; `undefined` before admission, when denied or repeated. */
export function approvalOf({ admission }: TradeState): Approval | undefined {
  return admission?.kind === 'approved' ? admission : undefined;
}

/** What a trade that has orders runs by. */
export function approvedOf(state: TradeState): Approval {
  const approval = approvalOf(state);
  assert(approval !== undefined, 'only an approved trade has orders and acts on the world');
  return approval;
}

export const termsOf = (state: TradeState): TradeTerms => approvedOf(state).terms;

/** Something was tried on the wire, or may have been. */
export function isFired({ orders }: TradeState): boolean {
  return orders.some((order) => order.status !== 'planned');
}

/**
 * Asked after every change that could stop a trade before its shot: a freeze, a cancel request. What
 * came by another door than the workflow's was fired before it was a trade, and never again.
 */
export function mayFire(state: TradeState): boolean {
  const isStopped = state.isCancelRequested || state.freezes.length > 0 || state.intent.dryRun;
  return approvalOf(state) !== undefined && !isStopped && !isFired(state) && !wasFiredFirst(state);
}

/** An engine has fired it before it was a trade; its shot is adopted, never admitted. */
export function wasFiredFirst({ intent }: TradeState): boolean {
  return intent.door !== 'workflow';
}

/** Its shot has left, whatever has happened since, and what became of it was not heard yet. */
export function awaitsAnswers(state: TradeState): boolean {
  return wasFiredFirst(state) && approvalOf(state) !== undefined && !isFired(state);
}
