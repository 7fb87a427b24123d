import { setTimeout } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/activity';
import {
  type Admission,
  assert,
  type ChildOrder,
  type Denial,
  instrumentKey,
  intentDigest,
  legInstrument,
  type Outcome,
  type Pair,
  reservationFor,
  type ShotName,
  shotText,
  toWire,
} from '../domain/index.js';
import {
  adoptShot,
  type BarredBy,
  barShot,
  type FiredShot,
  firedShot,
  insertIntent,
  lentPair,
  withAccountLocked,
  writeDenial,
} from '../store/index.js';
import { answerBefore } from './answer-before.js';
import type { AdoptRequest } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';

/** What of the desk an adoption needs. */
type AdoptingDesk = Pick<
  TradingDesk,
  'db' | 'mode' | 'nowMs' | 'pairOf' | 'policy' | 'terms' | 'warn'
>;

/** A pair file is read again twice a second: who has not found a pair in it by then will not. */
const PAIR_MISSING_MS = 10_000;
/** Its engine tells Postgres of a shot and starts its trade at once: either may be first. */
const TOLD_WITHIN_MS = 1_000;
const LOOK_EVERY_MS = 5;

/**
 * Makes this trade of a shot that an engine has fired from a lease (`store/adoption.ts`).
 *
 * 1. Idempotent by the shot: asked again it answers what it answered before.
 * 2. What has left cannot be denied: no rule is asked, and a shot that Postgres has not been told of yet
 *    is waited for, by trying again. A pair that has left the pair file is known by the shot's lease.
 * 3. Denied is only what has left nothing, what is no trade of this intent, and what is of a pair that
 *    nobody knows, once it was waited for: whoever waited for ever would hold up every pair of its
 *    engine. Of the latter two a break tells, the pair is frozen, and custody gets what it trades.
 */
export async function adoptFired(
  desk: AdoptingDesk,
  request: AdoptRequest,
  pairMissingMs = PAIR_MISSING_MS,
): Promise<Admission> {
  const fired = await shotTold(desk, request.shot);
  if (!isOf(fired, request)) {
    return denied(desk, { code: 'INTENT_MISMATCH', door: request.intent.door });
  }
  if (fired.isAdopted) return keptAnswer(desk, request);
  if (fired.refused !== undefined) return nothingLeft(desk, request, fired.refused);
  if (fired.barred !== undefined) return nobodys(desk, request, fired.barred);
  const entries = entriesOf(fired);
  if (!entries) return barred(desk, request, 'ORDER_CONTRADICTED');
  const pair = await pairFired(desk, request, entries);
  if (pair) return adoptAs(desk, request, approvalOf(desk, request, { pair, entries }));
  if (fired.toldMsAgo >= pairMissingMs) return barred(desk, request, 'PAIR_MISSING');
  throw notYet(`nobody knows pair ${fired.pairId} as it was fired, yet`, 'PAIR_MISSING');
}

type Approval = Extract<Admission, { readonly kind: 'approved' }>;

async function adoptAs(
  desk: AdoptingDesk,
  request: AdoptRequest,
  admission: Approval,
): Promise<Admission> {
  const { shot, intent, digest, workflowId } = request;
  const { pair, entries, atMs } = admission;
  const entered = { intent: toWire(intent), digest, workflowId, mode: desk.mode, atMs };
  const adopted = await adoptShot(desk.db, {
    ...{ shot, intent: entered, admission: toWire<Admission>(admission), atMs },
    reservation: reservationFor({ intent, pair, entries, policy: desk.policy }),
  });
  if (adopted.kind === 'adopted_before') return keptAnswer(desk, request);
  if (adopted.kind === 'adopted') {
    if (adopted.isPairTaken) desk.warn({ workflowId, shot }, 'adopted while another has its pair');
    return admission;
  }
  switch (adopted.refusal) {
    case 'INTENT_EXISTS':
    case 'INTENT_DECIDED':
      return barred(desk, request, adopted.refusal);
    case 'SHOT_UNKNOWN':
    case 'SHOT_REFUSED':
    case 'SHOT_BARRED': // it was none of these a moment ago: the next try sees what it is
      throw notYet(`shot ${shotText(shot)} has changed`, adopted.refusal);
  }
}

/** The shot as Postgres has it; throws, to be tried again, where it has not been told in time. */
async function shotTold({ db, nowMs }: AdoptingDesk, shot: ShotName): Promise<FiredShot> {
  const untilMs = nowMs() + TOLD_WITHIN_MS;
  for (;;) {
    const fired = await firedShot(db, shot);
    if (fired) return fired;
    if (nowMs() >= untilMs) {
      throw notYet(`shot ${shotText(shot)} is not in Postgres yet`, 'SHOT_NOT_TOLD');
    }
    await setTimeout(LOOK_EVERY_MS);
  }
}

/** Whether it was fired for this very intent. */
function isOf({ workflowId, intent }: FiredShot, request: AdoptRequest): boolean {
  return workflowId === request.workflowId && intent
    ? intentDigest(intent) === request.digest
    : false;
}

function entriesOf({ orders }: FiredShot): Approval['entries'] | undefined {
  const [yesOrder, noOrder] = orders;
  return yesOrder && noOrder && { yesOrder, noOrder };
}

/** The pair as the file has it now; else as the lease of the shot was granted for. */
async function pairFired(
  { db, pairOf }: AdoptingDesk,
  { intent, shot }: AdoptRequest,
  entries: Approval['entries'],
): Promise<Pair | undefined> {
  const isFired = (pair: Pair | undefined): pair is Pair =>
    pair !== undefined && isPairOf(entries, pair, intent.type);
  const filed = pairOf(intent.pairId);
  if (isFired(filed)) return filed;
  const lent = await lentPair(db, shot);
  return isFired(lent) ? lent : undefined;
}

const approvalOf = (
  { terms, nowMs }: AdoptingDesk,
  { shot }: AdoptRequest,
  { pair, entries }: Pick<Approval, 'pair' | 'entries'>,
): Approval => ({
  ...{ kind: 'approved', pair, terms, entries, engineHost: shot.host, atMs: nowMs() },
});

/** Under its id another pair may stand by now: only the one that was fired says how to get out. */
function isPairOf({ yesOrder, noOrder }: Approval['entries'], pair: Pair, type: Type): boolean {
  const isLeg = ({ instrument }: ChildOrder, leg: Outcome): boolean =>
    instrumentKey(instrument) === instrumentKey(legInstrument(pair, type, leg));
  return isLeg(yesOrder, 'yes') && isLeg(noOrder, 'no');
}

type Type = AdoptRequest['intent']['type'];

async function keptAnswer(desk: AdoptingDesk, request: AdoptRequest): Promise<Admission> {
  const kept = await answerBefore(desk, desk.db, request);
  assert(kept !== undefined, `${request.workflowId} was adopted with an answer`);
  return kept;
}

/** A definite no, kept like one of ours: the trade is listed, and ends as denied. */
async function nothingLeft(
  desk: AdoptingDesk,
  request: AdoptRequest,
  reason: string,
): Promise<Admission> {
  const { intent, digest, workflowId } = request;
  const answer = denied(desk, { code: 'NOT_DISPATCHED', reason });
  const entered = { digest, workflowId, mode: desk.mode, atMs: answer.atMs };
  return withAccountLocked(desk.db, intent.account, async (tx) => {
    if ((await insertIntent(tx, { intent: toWire(intent), ...entered })) === 'exists') {
      const earlier = await answerBefore(desk, tx, request);
      if (earlier) return earlier;
    }
    const { pairId } = intent;
    const admission = toWire<Admission>(answer);
    await writeDenial(tx, { workflowId, pairId, admission, atMs: answer.atMs });
    return answer;
  });
}

async function barred(
  desk: AdoptingDesk,
  request: AdoptRequest,
  why: BarredBy,
): Promise<Admission> {
  const { shot, workflowId } = request;
  await barShot(desk.db, { shot, why, by: workflowId, atMs: desk.nowMs() });
  desk.warn({ workflowId, shot, why }, 'a fired shot is nobody’s trade: see its break');
  return nobodys(desk, request, why);
}

/** The id is taken, whatever by; of a pair that nobody knows it is the pair. */
function nobodys(desk: AdoptingDesk, { intent }: AdoptRequest, why: string): Admission {
  const { intentId, pairId } = intent;
  return why === 'PAIR_MISSING'
    ? denied(desk, { code: 'PAIR_UNKNOWN', pairId })
    : denied(desk, { code: 'INTENT_EXISTS', intentId });
}

const denied = ({ nowMs }: AdoptingDesk, denial: Denial) =>
  ({ kind: 'denied', denial, atMs: nowMs() }) as const;

const notYet = (message: string, type: string): ApplicationFailure =>
  ApplicationFailure.retryable(message, type);
