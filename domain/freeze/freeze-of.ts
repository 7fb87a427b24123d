import { unreachable } from '../assert.js';
import type { Instrument, VenueName } from '../instrument.js';
import { instrumentKey } from '../instrument.js';
import type { Freeze } from './freeze.js';

/** Everything that a freeze may be scoped to, of one trade. */
export interface FreezeSubject {
  readonly venues: readonly VenueName[];
  readonly account: string;
  readonly strategy: string;
  readonly instruments: readonly Instrument[];
  readonly pairId: string;
  readonly workflowId: string;
}

/** The first freeze that reaches the subject: it may take no new risk. */
export function freezeOf(freezes: readonly Freeze[], subject: FreezeSubject): Freeze | undefined {
  return freezes.find((freeze) => isInScope(freeze, subject));
}

/** A freeze of one venue or instrument reaches every trade that has a leg there. */
export function isInScope({ scope }: Freeze, subject: FreezeSubject): boolean {
  switch (scope.kind) {
    case 'global':
      return true;
    case 'venue':
      return subject.venues.some((venue) => venue === scope.key);
    case 'account':
      return subject.account === scope.key;
    case 'strategy':
      return subject.strategy === scope.key;
    case 'instrument':
      return subject.instruments.some((instrument) => instrumentKey(instrument) === scope.key);
    case 'pair':
      return subject.pairId === scope.key;
    case 'workflow':
      return subject.workflowId === scope.key;
    default:
      return unreachable(scope);
  }
}
