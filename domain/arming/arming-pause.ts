import { without } from '../without.js';
import type { ArmingPause, ArmingState } from './arming-state.js';

const PAUSE_MS_FIRST = 250;
const PAUSE_MS_MAX = 30_000;

/** Tried in vain once more. */
export function paused(state: ArmingState, why: string, nowMs: number): ArmingState {
  return { ...state, pause: pauseOf((state.pause?.tries ?? 0) + 1, why, nowMs) };
}

/** Later each time, so that what goes on for ever is asked for twice a minute. */
export function pauseOf(tries: number, why: string, nowMs: number): ArmingPause {
  const pauseMs = Math.min(PAUSE_MS_FIRST * 2 ** (tries - 1), PAUSE_MS_MAX);
  return { tries, untilMs: nowMs + pauseMs, why };
}

export const calm = (state: ArmingState): ArmingState => without(state, 'pause');
