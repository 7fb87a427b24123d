import type { EndName } from '../support/crash-ends.js';
import { LOST_AFTER_MS } from '../support/crash-scenarios.js';

/** One death of the process that fires, and what becomes of the trade that it fired for. */
export interface EngineCrash {
  readonly endsAs: EndName;
  /** Shots that the next start finds in the journal and tells; two figures, where either is first. */
  readonly swept: readonly string[];
  /** How long the intent may wait, where an order that never left has to become absent. */
  readonly validMs?: number;
  /** Nobody offers either leg any more once the engine is dead: what is held can only be sold. */
  readonly isDearAfterwards?: true;
  /** It does not know itself when it has come there, and is killed by whoever sees it. */
  readonly isKilledOnceTold?: true;
}

/** Where an order may never leave, it is absent once it could not arrive any more. */
const CUT_OFF = { validMs: LOST_AFTER_MS } as const;

/** Every point of `native/desk/src/death.rs`; trades of two legs that both fill where nobody dies. */
export const engineCrashes = {
  // No row, so nothing can have left: the ids are forbidden, and the trade is over.
  'asked, nothing recorded': { endsAs: 'nothing was sent', swept: ['0'] },
  // The rows are there, so both are asked about until they could not arrive any more.
  'recorded, nothing handed over': { ...CUT_OFF, endsAs: 'neither leg arrived', swept: ['0'] },
  // The journal cannot say that nothing has left: it is silent, as beside an order that has.
  'written down, nothing sent': { ...CUT_OFF, endsAs: 'neither leg arrived', swept: ['1'] },
  'one leg sent, the other not': {
    ...CUT_OFF,
    ...{ isDearAfterwards: true, endsAs: 'YES sold', swept: ['1'] },
  },
  'both legs sent, no answer': { endsAs: 'matched', swept: ['1'] },
  // That both have left was told while their answers came: its slot may be free already.
  'heard, not told': { endsAs: 'matched', swept: ['0', '1'] },
  // The trade may be over when the next start brings what it was told.
  'told, not projected': { isKilledOnceTold: true, endsAs: 'matched', swept: ['1'] },
} as const satisfies Record<string, EngineCrash>;

export type EnginePoint = keyof typeof engineCrashes;
