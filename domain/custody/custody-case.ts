import type { Instrument } from '../instrument.js';
import { instrumentKey } from '../instrument.js';
import type { Quantity } from '../money.js';
import type { CustodyPolicy } from './custody-terms.js';

/**
 * Something on a venue or in our books that no living workflow and no held pair answers for. `key`
 * names it: found again, it is the same case.
 */
export type CustodyCase =
  /** A trade without a result whose workflow does not run, or whose exits an operator took over. */
  | {
      readonly kind: 'trade';
      readonly key: string;
      readonly workflowId: string;
      readonly why: string;
      readonly by: string;
      /** Stated with a take-over; absent = the desk's. */
      readonly policy?: CustodyPolicy;
    }
  /** A trade that lives without the reservation that its worst case is covered by. */
  | {
      readonly kind: 'reservation';
      readonly key: string;
      readonly workflowId: string;
      readonly why: string;
    }
  /** A trade has ended, and a reservation, a hold or an unresolved order of it is left. */
  | {
      readonly kind: 'leftover';
      readonly key: string;
      readonly workflowId: string;
      readonly why: string;
    }
  /** An open order at the venue that no row of ours explains. */
  | {
      readonly kind: 'order';
      readonly key: string;
      readonly instrument: Instrument;
      readonly venueOrderId: string;
      readonly clientOrderId?: string;
      readonly createdAtMs: number;
      readonly why: string;
    }
  /** Contracts on our books that neither living trades nor held pairs explain. */
  | {
      readonly kind: 'position';
      readonly key: string;
      readonly instrument: Instrument;
      readonly quantity: Quantity;
      readonly why: string;
    }
  /** The venue states another position than the sum of its own entries. */
  | {
      readonly kind: 'difference';
      readonly key: string;
      readonly instrument: Instrument;
      /** By our entries, and as the venue states it. */
      readonly held: Quantity;
      readonly quantity: Quantity;
      readonly why: string;
    };

export type CustodyCaseKind = CustodyCase['kind'];
export type CaseOf<Kind extends CustodyCaseKind> = Extract<CustodyCase, { readonly kind: Kind }>;

/** A dead or stuck trade, by its workflow id. */
export const tradeCaseKey = (workflowId: string): string => `trade/${workflowId}`;
export const reservationCaseKey = (workflowId: string): string => `reservation/${workflowId}`;
export const leftoverCaseKey = (workflowId: string): string => `leftover/${workflowId}`;
export const positionCaseKey = (account: string, instrument: Instrument): string =>
  `position/${account}/${instrumentKey(instrument)}`;
export const differenceCaseKey = (account: string, instrument: Instrument): string =>
  `difference/${account}/${instrumentKey(instrument)}`;
export const orderCaseKey = ({ venue }: Instrument, venueOrderId: string): string =>
  `order/${venue}/${venueOrderId}`;
