import type { EndName } from '../support/crash-ends.js';
import { LOST_AFTER_MS } from '../support/crash-scenarios.js';

/** One death of the process that fires by itself, and what becomes of what it has fired. */
export interface DoorCrash {
  readonly endsAs: EndName;
  /** What its strategy hears of it from the next start. */
  readonly became: 'fired' | 'unknown';
  /** How long the shot may wait, where an order that never left has to become absent. */
  readonly validMs?: number;
  /** Nobody offers either leg any more once so many were filled: what is held alone can only be sold. */
  readonly isDearOnceHeld?: 1 | 2;
}

/** Where an order may never leave, it is absent once it could not arrive any more. */
const CUT_OFF = { validMs: LOST_AFTER_MS } as const;

/** The points of `native/desk/src/death.rs` that a shot from a lease comes to, in their order. */
export const doorCrashes = {
  // The journal cannot say that nothing has left.
  'written down, nothing sent': { ...CUT_OFF, endsAs: 'neither leg arrived', became: 'unknown' },
  'one leg sent, the other not': {
    ...{ ...CUT_OFF, endsAs: 'YES sold', became: 'unknown', isDearOnceHeld: 1 },
  },
  'both legs sent, no answer': { endsAs: 'matched', became: 'unknown' },
  // What has left is in the journal before anybody is told.
  'fired first, no workflow': { endsAs: 'matched', became: 'fired' },
  'workflow started, not adopted': { endsAs: 'matched', became: 'fired' },
  // Adopted: what was lent is less from now on.
  'renewed, not handed on': { endsAs: 'matched', became: 'fired' },
} as const satisfies Record<string, DoorCrash>;

export type DoorPoint = keyof typeof doorCrashes;

/** The same of a pair that fires from its books: it is worth nothing until its next shot is due. */
export const tickCrashes = {
  'one leg sent, the other not': doorCrashes['one leg sent, the other not'],
  'fired first, no workflow': { ...doorCrashes['fired first, no workflow'], isDearOnceHeld: 2 },
} as const satisfies Partial<Record<DoorPoint, DoorCrash>>;

/** No shot comes there, and nothing is left of it but the lease. */
export const LENDING_POINT = 'lent, not handed on';
