/**
 * A claim on getting out of something (DESIGN §5): what is owned, who has it, and since which epoch.
 * Each take-over makes the next epoch, and whoever believes in an older one can record no exit.
 */
export interface ExitOwnership {
  /** The workflow id of the trade whose excess it is. */
  readonly key: string;
  /** The workflow that may send exits. */
  readonly holder: string;
  readonly epoch: number;
}

/** A trade owns its exits from its approval on. */
export const FIRST_EXIT_EPOCH = 1;

/** The same holder in the same epoch: a claim between two claims by the same holder fences too. */
export function isSameOwner(one: ExitOwnership, other: ExitOwnership): boolean {
  return one.holder === other.holder && one.epoch === other.epoch;
}

/** What a trade believes of its own exits. */
export function ownExit(workflowId: string): ExitOwnership {
  return { key: workflowId, holder: workflowId, epoch: FIRST_EXIT_EPOCH };
}
