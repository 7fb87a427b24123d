/** What the orders of a desk may do: trade against simulators, stop at the gate, or trade for real. */
export const modes = ['simulated', 'shadow', 'live'] as const;
export type Mode = (typeof modes)[number];

/** The mode is part of every name that could otherwise be mixed up (DESIGN §3). */
export const namespaceOf = (mode: Mode): string => `legwork-${mode}`;

export interface Queues {
  /** Workflows and ordinary activities. */
  readonly trading: string;
  /** The activities that put orders on a wire; a freeze must be able to stop it alone. */
  readonly fire: string;
  /** The shots of the pairs that the engine of a host owns: whoever has one fired asks there. */
  readonly engine: (host: string) => string;
}

/** Queue names of a desk; `desk` is the mode (tests add a suffix to have a desk of their own). */
export const queuesOf = (desk: string): Queues => ({
  trading: `${desk}/trading`,
  fire: `${desk}/fire`,
  engine: (host) => `${desk}/engine/${host}`,
});

/** The desk that a workflow runs on, from the queue that its worker polls. */
export const deskOfQueue = (taskQueue: string): string => taskQueue.split('/')[0] ?? taskQueue;
