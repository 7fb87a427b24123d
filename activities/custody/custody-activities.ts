import type {
  Adoption,
  Closing,
  CustodyCase,
  CustodyLook,
  CustodyPlace,
  CustodyPolicy,
  ExitOutcome,
  PositionExit,
} from '../../domain/index.js';
import type { StoryLine } from '../trade-activities.js';

/** What custody may ask of the world, beside the questions and exits that it shares with trades. */
export interface CustodyActivities {
  /** Claims the exits of a trade that lost its workflow and reads it back. Idempotent. */
  adopt(request: AdoptRequest): Promise<Adoption>;
  /** One look at a case: it may cancel, restore and release, and closes what is over. Idempotent. */
  attend(request: AttendRequest): Promise<CustodyLook>;
  /** Prices both books and sends at most one order for contracts without an owner. */
  exitPosition(request: PositionExitRequest): Promise<ExitOutcome>;
  /** The end of an adopted trade: as its own record, and its case is closed. Idempotent. */
  recordAdopted(closing: AdoptedClosing): Promise<{ readonly recordedAtMs: number }>;
}

interface OfCustody {
  readonly custodyId: string;
  readonly place: CustodyPlace;
  /** What custody has to tell since it last asked anything. */
  readonly story: readonly StoryLine[];
}

export interface AdoptRequest extends OfCustody {
  readonly workflowId: string;
  readonly key: string;
  readonly by: string;
  readonly why: string;
  readonly policy?: CustodyPolicy;
}

export interface AttendRequest extends OfCustody {
  readonly found: CustodyCase;
  /** Looks that have changed nothing. */
  readonly tries: number;
}

export interface PositionExitRequest extends OfCustody {
  readonly clientOrderId: string;
  readonly exiting: PositionExit;
}

export interface AdoptedClosing extends Closing {
  readonly key: string;
  readonly custodyId: string;
  readonly story: readonly StoryLine[];
  /** What is told of the trade itself; absent from a custody that began before it was. */
  readonly tradeStory?: readonly StoryLine[];
}
