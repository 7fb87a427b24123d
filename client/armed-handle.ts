import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type ArmingEnd, type ArmingState, fromWire, type Wire } from '../domain/index.js';
import { parseArmTerms } from '../schemas/index.js';
import {
  ARMING_REFUSED,
  type ArmPair,
  armedStateQuery,
  changeTermsUpdate,
  type DisarmNotice,
  type DisarmTaken,
  disarmUpdate,
  type TermsTaken,
} from '../workflows/arming-messages.js';

export type { TermsTaken };

/** An armed pair does not take that; the message says why. */
export class ArmingRefusedError extends Error {
  override readonly name = 'ArmingRefusedError';
}

/** One armed pair, from outside. Throws Temporal's `WorkflowNotFoundError` where none is. */
export interface ArmedHandle {
  readonly pairId: string;
  readonly workflowId: string;
  /**
   * Nothing is armed anew from now on; answers when its engine was heard, or has not answered once.
   * What was lent counts until each shot is a trade: `waitsFor` says what is left to do.
   */
  disarm(notice: DisarmNotice): Promise<DisarmTaken>;
  /**
   * New terms in wire form, within what was granted; a larger budget is a new arming. Throws
   * `ArmingRefusedError`.
   */
  changeTerms(terms: unknown): Promise<TermsTaken>;
  state(): Promise<ArmingState>;
  /** Waits for the end. Throws Temporal's `WorkflowFailedError` where it ended as cancelled. */
  result(): Promise<ArmingEnd>;
}

export function armedHandle(pairId: string, handle: WorkflowHandle<ArmPair>): ArmedHandle {
  return {
    ...{ pairId, workflowId: handle.workflowId },
    disarm: (notice) => handle.executeUpdate(disarmUpdate, { args: [notice] }),
    changeTerms: (terms) => changeTerms(handle, terms),
    state: async () =>
      fromWire<ArmingState>(await handle.query<Wire<ArmingState>>(armedStateQuery)),
    result: async () => fromWire<ArmingEnd>(await handle.result()),
  };
}

async function changeTerms(handle: WorkflowHandle<ArmPair>, given: unknown): Promise<TermsTaken> {
  const parsed = parseArmTerms(given);
  if (!parsed.ok) {
    const told = parsed.problems.map(({ path, message }) => `${path}: ${message}`);
    throw new ArmingRefusedError(told.join('; '));
  }
  try {
    return await handle.executeUpdate(changeTermsUpdate, { args: [parsed.wire] });
  } catch (error) {
    throw refusalOfArming(error) ?? error;
  }
}

/** What a pair's own workflow has said against a message; `undefined` for any other failure. */
export function refusalOfArming(error: unknown): ArmingRefusedError | undefined {
  if (!(error instanceof WorkflowUpdateFailedError)) return undefined;
  const { cause } = error;
  const isRefusal = cause instanceof ApplicationFailure && cause.type === ARMING_REFUSED;
  return isRefusal ? new ArmingRefusedError(cause.message) : undefined;
}
