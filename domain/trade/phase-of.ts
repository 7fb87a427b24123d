import { heldOf } from './certain-excess.js';
import { excessToExit } from './flatten.js';
import { nextStep } from './next-step.js';
import { awaitsAnswers, wasFiredFirst } from './phases.js';
import { openUnknowns } from './questions.js';
import { resultOf } from './result-of.js';
import type { ResultKind, Step, TradeState, WaitReason } from './trade.js';

/** Where a trade stands, in one word: the TradeState that operators search by. */
export type TradePhase =
  | 'admitting'
  | 'adopting'
  | 'firing'
  | 'unknown'
  | 'exiting'
  | 'provisional'
  | 'reporting'
  | ResultKind;

export function phaseOf(state: TradeState, nowMs: number): TradePhase {
  if (!state.admission) return wasFiredFirst(state) ? 'adopting' : 'admitting';
  if (isAboutToFire(state)) return 'firing';
  if (openUnknowns(state).length > 0) return 'unknown';
  const step = nextStep(state, nowMs);
  if (step.kind === 'done') return resultOf(state, nowMs).kind;
  if (step.kind === 'exit' || excessToExit(state)) return 'exiting';
  return isSettling(state, step) ? 'provisional' : 'reporting';
}

/**
 * Approved and nothing sent yet. A dry run and a stopped trade are never about to fire; an adopted one
 * is past being stopped.
 */
function isAboutToFire(state: TradeState) {
  if (awaitsAnswers(state)) return true;
  const { admission, orders, intent, isCancelRequested, freezes } = state;
  const isPlanned = orders.every((order) => order.status === 'planned');
  const isStopped = isCancelRequested || freezes.length > 0 || intent.dryRun;
  return admission?.kind === 'approved' && isPlanned && !isStopped;
}

function isSettling(state: TradeState, step: Step): boolean {
  if (step.kind === 'wait') return step.for === 'settlement';
  return state.rows.some((row) => row.kind === 'fill' && row.finality === 'provisional');
}

/** More of one leg than of the other is on our book: true until it is matched, sold or settled. */
export function hasOpenRisk(state: TradeState): boolean {
  return heldOf(state, 'yes') !== heldOf(state, 'no');
}

const waits = {
  reports: 'the venue’s trade rows',
  settlement: 'CONFIRMED or FAILED on chain',
  evidence: 'evidence about an unknown order',
  next_rung: 'the next rung of the ladder',
  refusal: 'the venue to take the order again',
} as const satisfies Record<WaitReason, string>;

/** What the trade waits for, said for an operator. */
export function waitingFor(state: TradeState, nowMs: number): string {
  if (!state.admission) return wasFiredFirst(state) ? 'adoption' : 'admission';
  if (isAboutToFire(state)) return 'the answers to both legs';
  const step = nextStep(state, nowMs);
  switch (step.kind) {
    case 'done':
      return 'nothing';
    case 'ask':
      return `answers about ${step.clientOrderIds.join(', ')}`;
    case 'exit':
      return `an exit of the ${step.excess.leg.toUpperCase()} leg`;
    case 'freeze':
      return 'the freeze of its pair';
    case 'report':
      return `somebody to look: the venue has overruled ${step.found.by}`;
    case 'wait':
      return waits[step.for];
  }
}
