import { formatAmount } from '../money.js';
import type { ArmTerms } from './arm-request.js';
import { type ArmingState, budgetLeft, shotsFired } from './arming-state.js';

const PAGES = ", or its venues' pages";

/** What an armed pair waits for, as an operator reads it. */
export function armingWaitsFor(state: ArmingState): string {
  const why = state.pause ? `: ${state.pause.why}` : '';
  switch (state.stage) {
    case 'lending':
      return `the limits to lend${why}`;
    case 'arming':
      return 'its engine to fire';
    case 'armed':
      return state.request.fires === 'at_ticks' ? 'a tick that is worth it' : 'requests';
    case 'disarming':
      return `its engine to let it go${why}`;
    case 'sweeping':
      return `the journal of an engine that is gone${state.lease?.lost ? PAGES : ''}${why}`;
    case 'closing':
      return `its shots to be trades${why}`;
    case 'over':
      return 'nothing';
  }
}

/** "41.2 of 50 dollars and 90 of 100 contracts left, 3 shots". */
export function describeBudget(state: ArmingState): string {
  const { exposure, contracts } = budgetLeft(state);
  const { budget } = state.request;
  const shots = shotsFired(state);
  return [
    `${formatAmount(exposure)} of ${formatAmount(budget.exposure)} dollars`,
    `and ${formatAmount(contracts)} of ${formatAmount(budget.contracts)} contracts left,`,
    `${String(shots)} ${shots === 1 ? 'shot' : 'shots'}`,
  ].join(' ');
}

export function describeTerms({ contractsMax, edgeMin, validMs }: ArmTerms): string {
  const most = `at most ${formatAmount(contractsMax)} contracts a shot`;
  return `${most} for an edge of ${formatAmount(edgeMin)} or more, valid for ${String(validMs)} ms`;
}
