import { unreachable } from '../assert.js';
import { type ArmingEnding, type ArmingState, budgetLeft } from './arming-state.js';
import { leaseOf } from './arming-transitions.js';

/** What is to be done next about an armed pair. */
export type ArmingStep =
  | { readonly kind: 'lend' | 'recall' | 'arm' | 'disarm' | 'sweep' | 'search' | 'close' | 'done' }
  /** Its lease is renewed no more; without an ending it is lent anew afterwards. */
  | { readonly kind: 'stop'; readonly ending?: ArmingEnding }
  /** `watches`: what becomes of the lease meanwhile is news. */
  | { readonly kind: 'wait'; readonly untilMs: number; readonly watches: boolean };

/** Decides by what is known; asks nobody. */
export function nextArmingStep(state: ArmingState, nowMs: number): ArmingStep {
  switch (state.stage) {
    case 'lending':
      return nextToLend(state, nowMs);
    case 'arming':
      return endingOf(state, nowMs) || !leaseOf(state).pair ? stop(state, nowMs) : { kind: 'arm' };
    case 'armed':
      return nextOfArmed(state, nowMs);
    case 'disarming':
      if (!leaseOf(state).isStopped) return { kind: 'stop' };
      return unlessPaused(state, 'disarm', nowMs);
    case 'sweeping':
      return unlessPaused(state, leaseOf(state).lost?.isSearchDue ? 'search' : 'sweep', nowMs);
    case 'closing':
      return unlessPaused(state, 'close', nowMs);
    case 'over':
      return { kind: 'done' };
    default:
      return unreachable(state.stage);
  }
}

/**
 * Nothing is lent, as far as anybody has heard: a grant whose answer was lost with its worker counts all
 * the same, so its end asks for one first. Whether there is time at all is for the first review.
 */
function nextToLend(state: ArmingState, nowMs: number): ArmingStep {
  const ending = state.verdict ? endingOf(state, nowMs) : state.ending;
  return ending ? { kind: 'recall' } : unlessPaused(state, 'lend', nowMs);
}

function nextOfArmed(state: ArmingState, nowMs: number): ArmingStep {
  const { seen, versionTold } = leaseOf(state);
  const isHeld = seen.isHolderThere && seen.isHolderOwner;
  if (endingOf(state, nowMs) || !isHeld) return stop(state, nowMs);
  if (state.version > versionTold) return { kind: 'arm' };
  return { kind: 'wait', untilMs: state.request.expiresAtMs, watches: true };
}

/** Why it ends now: it was told to, its time is up, or there is nothing left to spend. */
export function endingOf(state: ArmingState, nowMs: number): ArmingEnding | undefined {
  if (state.ending) return state.ending;
  const { expiresAtMs } = state.request;
  if (nowMs >= expiresAtMs) return { kind: 'expired', by: 'legwork', why: 'its time is up' };
  if (budgetLeft(state).exposure > 0n) return undefined;
  return { kind: 'exhausted', by: 'legwork', why: 'its budget is spent' };
}

function stop(state: ArmingState, nowMs: number): ArmingStep {
  const ending = endingOf(state, nowMs);
  return ending ? { kind: 'stop', ending } : { kind: 'stop' };
}

function unlessPaused(
  state: ArmingState,
  kind: 'lend' | 'disarm' | 'sweep' | 'search' | 'close',
  nowMs: number,
): ArmingStep {
  const { pause, stage, request } = state;
  if (!pause || pause.untilMs <= nowMs) return { kind };
  const isDue = stage === 'lending' && request.expiresAtMs < pause.untilMs;
  const untilMs = isDue ? request.expiresAtMs : pause.untilMs;
  return { kind: 'wait', untilMs, watches: stage === 'disarming' };
}
