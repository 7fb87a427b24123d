import { assert } from '../assert.js';
import type { Denial } from '../risk/denial.js';
import { without } from '../without.js';
import type { ArmTerms } from './arm-request.js';
import { calm, paused, pauseOf } from './arming-pause.js';
import type { ArmingEnding, ArmingState, HeldLease, LostJournal } from './arming-state.js';
import type { ArmAnswer, Disarmed, LeaseSeen, Swept } from './engine-asks.js';

/** What came of asking the limits. */
export type LendAnswer =
  | ({ readonly kind: 'lent' } & Omit<HeldLease, 'versionTold' | 'isStopped' | 'lost' | 'evidence'>)
  | { readonly kind: 'denied'; readonly denial: Denial };

/** What was lent under a name, whoever has heard of it. */
export type Recalled = Extract<LendAnswer, { kind: 'lent' }> | { readonly kind: 'nothing' };

/** What an engine said, or that it did not: `reason` is for the operator. */
export type Heard<Answer> = Answer | { readonly kind: 'silent'; readonly reason: string };

/** Closed, or why not by name; what is left of it then. */
export interface CloseAnswer {
  readonly refusal?: string;
  readonly seen: LeaseSeen;
}

/**
 * The first denial is the verdict and ends it. Later ones (its engine has started anew) are waited
 * with: whoever armed the pair wants it armed until it expires.
 */
export function lendAnswered(state: ArmingState, answer: LendAnswer, nowMs: number): ArmingState {
  assert(state.stage === 'lending', 'what is lent is not lent again');
  if (answer.kind === 'lent') return granted(state, answer);
  const { denial } = answer;
  if (state.verdict) return paused(state, denial.code, nowMs);
  const ending = { kind: 'denied', by: 'legwork', why: denial.code } as const;
  return { ...state, stage: 'over', verdict: { kind: 'denied', denial }, ending };
}

/** Who ends with nothing lent ends at once; what was lent all the same is ended as any other. */
export function recalled(state: ArmingState, answer: Recalled): ArmingState {
  assert(state.stage === 'lending', 'what is lent is known');
  return answer.kind === 'lent' ? granted(state, answer) : { ...calm(state), stage: 'over' };
}

function granted(state: ArmingState, answer: Extract<LendAnswer, { kind: 'lent' }>): ArmingState {
  const lease = { ...without(answer, 'kind'), versionTold: 0, isStopped: false };
  return { ...calm(state), stage: 'arming', grants: state.grants + 1, lease };
}

/** What its engine says of the terms of that version. Whatever is not "armed" is taken back. */
export function armAnswered(
  state: ArmingState,
  { answer, version }: { readonly answer: Heard<ArmAnswer>; readonly version: number },
): ArmingState {
  const lease = leaseOf(state);
  if (answer.kind === 'armed') {
    const { host, leaseId } = lease;
    const verdict = state.verdict ?? ({ kind: 'armed', host, leaseId } as const);
    const told = { ...lease, versionTold: version };
    return { ...calm(state), stage: 'armed', armTries: 0, lease: told, verdict };
  }
  const reason = answer.kind === 'silent' ? answer.reason : `${answer.code}: ${answer.why}`;
  const untold = { ...state, stage: 'disarming', armTries: state.armTries + 1 } as const;
  if (state.verdict) return untold;
  const verdict = { kind: 'denied', denial: notArmed(lease.host, reason) } as const;
  return { ...untold, verdict, ending: { kind: 'denied', by: lease.host, why: reason } };
}

/** Its holder renews it no more; `ending` is absent where it is to be lent anew. */
export function leaseStopped(state: ArmingState, ending?: ArmingEnding): ArmingState {
  const lease = { ...leaseOf(state), isStopped: true };
  const ends = state.ending ?? ending;
  const stage = lease.seen.isHolderThere ? 'disarming' : 'sweeping';
  return { ...calm(state), stage, lease, ...(ends && { ending: ends }) };
}

export function disarmAnswered(
  state: ArmingState,
  answer: Heard<Disarmed>,
  nowMs: number,
): ArmingState {
  const lease = leaseOf(state);
  if (answer.kind === 'silent') return paused(state, answer.reason, nowMs);
  const isHolder = answer.process === lease.process && answer.epoch === lease.engineEpoch;
  // Another start spends nothing of it, and cannot say what the one before has spent.
  if (!isHolder) return { ...calm(state), stage: 'sweeping' };
  return { ...calm(state), stage: 'closing', lease: { ...lease, evidence: answer } };
}

/** Where the journal is of no help its venues are asked, in the same round. */
export function sweepAnswered(
  state: ArmingState,
  answer: Heard<Swept>,
  nowMs: number,
): ArmingState {
  const lease = leaseOf(state);
  if (answer.kind === 'silent') return paused(state, answer.reason, nowMs);
  if (answer.kind === 'not_there') return toSearch(state, 'lost');
  if (!answer.isWhole) return toSearch(state, 'damaged');
  return { ...calm(state), stage: 'closing', lease: { ...lease, evidence: answer } };
}

function toSearch(state: ArmingState, journal: LostJournal['journal']): ArmingState {
  const lease = leaseOf(state);
  const lost = { missedAtMs: [], ...lease.lost, journal, isSearchDue: true };
  return { ...state, lease: { ...lease, lost } };
}

/** The rest of a closed lease may be lent anew, unless the pair is armed no more. */
export function closeAnswered(
  state: ArmingState,
  { refusal, seen }: CloseAnswer,
  nowMs: number,
): ArmingState {
  const held = { ...leaseOf(state), seen };
  if (refusal === PAGES_TOO_SHORT) return paused(searchedAnew(state, held), refusal, nowMs);
  if (refusal !== undefined) return paused({ ...state, lease: held }, refusal, nowMs);
  const rest = without(calm(state), 'lease');
  const shotsBefore = state.shotsBefore + seen.shots;
  const closed = { ...rest, left: seen.left, shotsBefore };
  if (state.ending) return { ...closed, stage: 'over' };
  const { armTries: tries } = state;
  const again = { ...closed, stage: 'lending' } as const;
  return tries === 0 ? again : { ...again, pause: pauseOf(tries, NOT_ARMED, nowMs) };
}

/** What a run says that was begun before its evidence had to say more: no other round would add to it. */
const PAGES_TOO_SHORT = 'PAGES_TOO_SHORT';

/** The journal is asked for first, as ever. */
function searchedAnew(state: ArmingState, held: HeldLease): ArmingState {
  return { ...state, stage: 'sweeping', lease: without(without(held, 'evidence'), 'lost') };
}

const NOT_ARMED = 'its engine has not armed it';

/** Whose start is gone is not asked to disarm. */
export function leaseSeen(state: ArmingState, seen: LeaseSeen): ArmingState {
  const lease = { ...leaseOf(state), seen };
  const isOrphan = state.stage === 'disarming' && !seen.isHolderThere;
  return isOrphan ? { ...calm(state), stage: 'sweeping', lease } : { ...state, lease };
}

/** Why new terms are not taken, for the operator; `undefined` where they are. */
export function termsRefusal(state: ArmingState, { contractsMax }: ArmTerms): string | undefined {
  const most = state.lease?.contractsMax ?? state.request.contractsMax;
  if (state.ending) return `it ends already: ${state.ending.why}`;
  return contractsMax > most ? 'more contracts than were asked for are a new arming' : undefined;
}

export function termsChanged(state: ArmingState, terms: ArmTerms): ArmingState {
  return { ...state, terms, version: state.version + 1 };
}

/** Somebody wants it to end; the first one is remembered, and nothing is waited for any more. */
export function toEnd(state: ArmingState, ending: ArmingEnding): ArmingState {
  return state.ending ? state : { ...calm(state), ending };
}

/** Of a pair that is lent. */
export function leaseOf({ lease }: ArmingState): HeldLease {
  assert(lease !== undefined, 'a pair is lent before it is armed');
  return lease;
}

const notArmed = (host: string, reason: string): Denial => ({ code: 'NOT_ARMED', host, reason });
