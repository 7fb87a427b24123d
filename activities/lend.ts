import {
  type ArmRequest,
  assert,
  cutToLimits,
  type Denial,
  LEASE_TERM_MS,
  type LendAnswer,
  type Pair,
  type Recalled,
  reviewLease,
} from '../domain/index.js';
import {
  type GrantedLease,
  grantedLease,
  grantLease,
  readAccountState,
  recallLease,
  type Transaction,
  unsweptVenue,
  withAccountLocked,
} from '../store/index.js';
import type { LendRequest } from './lend-activities.js';
import type { TradingDesk } from './trading-desk.js';

/** What of the desk lending needs. */
export type LendingDesk = Pick<TradingDesk, 'db' | 'nowMs' | 'pairOf' | 'policy'>;

/**
 * Decides whether an engine may fire a pair by itself, and sets aside all that it may spend.
 *
 * 1. Idempotent by lease: asked again it answers that it is lent, and lends nothing twice.
 * 2. Limits, positions, reservations, other leases and freezes are read under the account's lock, in
 *    the transaction that lends, as for an admission.
 * 3. From its commit on every admission counts it in full.
 */
export async function lend(desk: LendingDesk, asked: LendRequest): Promise<LendAnswer> {
  const { request, leaseId } = asked;
  const pair = desk.pairOf(request.pairId);
  return withAccountLocked(desk.db, request.account, async (tx) => {
    const before = await grantedLease(tx, leaseId);
    if (before) return answerBefore(tx, { asked, pair, before });
    if (!pair) return denied({ code: 'PAIR_UNKNOWN', pairId: request.pairId });
    return lendWithin(tx, desk, { asked, pair });
  });
}

/**
 * What was lent under a name, where the answer that said so may have been lost. Where it is nothing,
 * nothing is lent under it from now on.
 */
export async function recall(
  { db, pairOf }: Pick<LendingDesk, 'db' | 'pairOf'>,
  { leaseId, pairId }: { readonly leaseId: string; readonly pairId: string },
): Promise<Recalled> {
  const granted = await recallLease(db, { leaseId, pairId });
  if (!granted || granted.isClosed) return { kind: 'nothing' };
  return lentBy(db, { leaseId, pair: pairOf(pairId), orderGroupId: undefined });
}

interface Wish {
  readonly asked: LendRequest;
  readonly pair: Pair;
}

async function lendWithin(
  tx: Transaction,
  desk: LendingDesk,
  { asked, pair }: Wish,
): Promise<LendAnswer> {
  const { leaseId, workflowId } = asked;
  const { account, pairId } = asked.request;
  const nowMs = desk.nowMs();
  const state = await readAccountState(tx, { account, pairId, workflowId, nowMs });
  if (!state.limits) return denied({ code: 'LIMITS_MISSING', account });
  const venue = await unsweptVenue(tx, account);
  if (venue) return denied({ code: 'CUSTODY_NOT_SWEPT', venue });

  const contractsMax = cutToLimits(asked.request.contractsMax, state.limits);
  const request = { ...asked.request, contractsMax };
  const { policy } = desk;
  const input = { nowMs, leaseId, workflowId, request, pair, account: state, policy };
  const review = reviewLease(input);
  if (review.kind === 'denied') return review;
  const { exposure, legs } = review.reservation;
  const granted = await grantLease(tx, {
    ...{ leaseId, account, pairId, pair, exposure, legs, contractsMax },
    ...{ termMs: LEASE_TERM_MS, lastsMs: request.expiresAtMs - nowMs },
  });
  if (granted.kind === 'refused') return denied(refusalOf(granted.refusal, request));
  return lentBy(tx, { leaseId, pair, orderGroupId: state.orderGroup?.groupId });
}

interface Granted extends Pick<Wish, 'asked'> {
  readonly pair: Pair | undefined;
  readonly before: GrantedLease;
}

/** What was lent by an earlier call whose answer was lost. */
async function answerBefore(
  tx: Transaction,
  { asked, pair, before }: Granted,
): Promise<LendAnswer> {
  const { leaseId, workflowId, request } = asked;
  const { account, pairId } = request;
  assert(!before.isClosed, `lease ${leaseId} is closed by whoever was told of it`);
  const { orderGroup } = await readAccountState(tx, { account, pairId, workflowId, nowMs: 0 });
  return lentBy(tx, { leaseId, pair, orderGroupId: orderGroup?.groupId });
}

type Lent = Extract<LendAnswer, { readonly kind: 'lent' }>;

interface Named {
  readonly leaseId: string;
  readonly pair: Pair | undefined;
  readonly orderGroupId: string | undefined;
}

async function lentBy(
  db: Transaction | LendingDesk['db'],
  { leaseId, pair, orderGroupId }: Named,
): Promise<Lent> {
  const lease = await grantedLease(db, leaseId);
  assert(lease?.contractsMax !== undefined, `lease ${leaseId} was granted with its largest shot`);
  const { host, process, engineEpoch, contractsMax, seen } = lease;
  return {
    ...{ kind: 'lent', leaseId, host, process, engineEpoch, contractsMax, seen },
    ...(pair && { pair }),
    ...(orderGroupId !== undefined && { orderGroupId }),
  };
}

type Refusal = Extract<Awaited<ReturnType<typeof grantLease>>, { kind: 'refused' }>['refusal'];

function refusalOf(refusal: Refusal, { pairId }: ArmRequest): Denial {
  assert(refusal !== 'LEASE_CLOSED', 'a lease that was granted before is answered before');
  return { code: refusal, pairId };
}

const denied = (denial: Denial): LendAnswer => ({ kind: 'denied', denial });
