import { stopRemembered } from './lasting-server.js';
import { type PostgresHandle, postgresStopSteps, startPostgres } from './postgres.js';
import { startTemporal, type TemporalHandle, temporalStopSteps } from './temporal.js';
import type { OnStep } from './temporal-program.js';

export interface StackOptions {
  readonly folder: string;
  readonly namespace: string;
  /** Servers that run already replace ours. */
  readonly temporalAddress?: string;
  readonly databaseUrl?: string;
  readonly isDurable: boolean;
  /** Ends a build that nobody waits for any more. */
  readonly signal?: AbortSignal;
  readonly onTemporalStep: OnStep;
  readonly onPostgresStep: OnStep;
}

export interface Stack {
  readonly temporal: TemporalHandle;
  readonly postgres: PostgresHandle;
  /** Temporal first: Postgres holds what the workflows recorded, and is the last that may go. */
  readonly stop: () => Promise<void>;
}

/** Temporal and Postgres of one data folder, side by side. What failed leaves nothing running. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { folder, isDurable, namespace, temporalAddress, databaseUrl } = options;
  const starts = await Promise.allSettled([
    startTemporal({
      ...{ folder, isDurable, namespace, onStep: options.onTemporalStep },
      ...(temporalAddress !== undefined && { address: temporalAddress }),
      ...(options.signal && { signal: options.signal }),
    }),
    startPostgres({
      ...{ folder, isDurable, onStep: options.onPostgresStep },
      ...(databaseUrl !== undefined && { databaseUrl }),
    }),
  ]);
  const [temporal, postgres] = starts;
  if (temporal.status === 'fulfilled' && postgres.status === 'fulfilled') {
    return stackOf(temporal.value, postgres.value);
  }
  for (const start of starts) {
    if (start.status === 'fulfilled' && !start.value.wasRunning) await start.value.stop();
  }
  throw firstFailure(starts);
}

/** Stops what an earlier run left alive in this data folder. What is not there is fine. */
export async function stopStack(folder: string): Promise<void> {
  await stopRemembered(folder, 'temporal', temporalStopSteps);
  await stopRemembered(folder, 'postgres', postgresStopSteps);
}

function stackOf(temporal: TemporalHandle, postgres: PostgresHandle): Stack {
  const stop = async (): Promise<void> => {
    await temporal.stop();
    await postgres.stop();
  };
  return { temporal, postgres, stop };
}

function firstFailure(starts: readonly PromiseSettledResult<unknown>[]): Error {
  const failed = starts.find((start) => start.status === 'rejected');
  const reason: unknown = failed?.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}
