import type { Pair } from '../pair.js';
import type { ArmBudget, ArmRequest, ArmTerms } from './arm-request.js';

/** What an engine is told to fire by itself; told again by the same name it is the new terms. */
export interface Arming
  extends ArmTerms,
    Pick<ArmRequest, 'account' | 'strategy' | 'fires' | 'types'> {
  /** The first part of every intent's id: `<armingId>.<n>`. Of one grant to one start of an engine. */
  readonly armingId: string;
  readonly leaseId: string;
  readonly pair: Pair;
  /** Every Kalshi entry is under its pair's group. */
  readonly orderGroupId?: string;
}

export type ArmAnswer =
  | { readonly kind: 'armed' }
  | { readonly kind: 'refused'; readonly code: string; readonly why: string };

/** A slot of a journal. */
export interface SlotName {
  readonly thread: number;
  readonly sequence: number;
}

interface JournalRead {
  /** The folder's identity, as it was registered. */
  readonly journal: string;
  /** Of the start that wrote it. */
  readonly epoch: number;
  /** Slots of the pair that nobody has acknowledged. */
  readonly unacknowledged: readonly SlotName[];
}

/** Nothing more is spent by the start that says so. */
export type Disarmed = JournalRead & { readonly kind: 'disarmed'; readonly process: string };

/** What an engine found of an earlier start of its host. */
export type Swept =
  | (JournalRead & { readonly kind: 'journal_read'; readonly isWhole: boolean })
  | { readonly kind: 'not_there' };

/** What the engine of a host may be asked about what it fires by itself, on its own queue. */
export interface EngineActivities {
  arm(arming: Arming): Promise<ArmAnswer>;
  /** Of an arming that it does not know it says the same: this start spends nothing of it. */
  disarm(asked: { readonly armingId: string; readonly pairId: string }): Promise<Disarmed>;
  sweep(asked: { readonly pairId: string; readonly epoch: number }): Promise<Swept>;
}

/** What Postgres says of a lease at one moment. */
export interface LeaseSeen {
  readonly left: ArmBudget;
  /** Fired from it and told, and how many of those no workflow has taken over. */
  readonly shots: number;
  readonly unadopted: number;
  /** The start that it was lent to has neither ended nor been killed, nor was one of its host after it. */
  readonly isHolderThere: boolean;
  /** It owns the pair and the venue accounts: else nothing is fired any more, and nothing renewed. */
  readonly isHolderOwner: boolean;
}
