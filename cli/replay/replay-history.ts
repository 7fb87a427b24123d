import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { packageRoot } from '../../stack/index.js';
import { CommandError } from '../answer.js';
import { exitCodes } from '../exit-codes.js';

/** Whether the workflows of today decide what was decided then; else where they part, if it is said. */
export type Replay =
  | { readonly kind: 'replays' }
  | { readonly kind: 'differs'; readonly reason: string; readonly eventId?: number };

export interface Replaying {
  readonly workflowId: string;
  readonly history: History;
  /** The workflows' bundle: `builtBundle()`, unless a test has its own. */
  readonly codePath: string;
}

/**
 * Runs a history through a workflow bundle, without a server. The worker is loaded here alone: no
 * other command pays for it.
 */
export async function replayHistory({ codePath, ...given }: Replaying): Promise<Replay> {
  const { DefaultLogger, IllegalStateError, Runtime, Worker } = await import('@temporalio/worker');
  try {
    // What it has to say is in the result.
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => undefined),
      telemetryOptions: { logging: { filter: 'OFF' } },
    });
  } catch (error) {
    // Whoever has workers in this process has said already where their words go.
    if (!(error instanceof IllegalStateError)) throw error;
  }
  const results = Worker.runReplayHistories({ workflowBundle: { codePath } }, [given]);
  for await (const { error } of results) {
    if (error) return differenceIn(error.message, given.history);
  }
  return { kind: 'replays' };
}

/** What `npm run build` made. Throws `CommandError` where it has not run. */
export function builtBundle(): string {
  const codePath = join(packageRoot(), 'dist', 'workflow-bundle.js');
  if (existsSync(codePath)) return codePath;
  throw new CommandError(exitCodes.invalid, 'there is no built workflow bundle', [
    'Run `npm run build`, then replay again.',
  ]);
}

/** The SDK tells the reason in the middle of a debug print, and the event only sometimes. */
function differenceIn(message: string, { events }: History): Replay {
  const [, reason = message] = /(\[TMPRL\d+\].*?)", source:/.exec(message) ?? [];
  const [, told] = /HistoryEvent\(id: (\d+)/.exec(reason) ?? [];
  const [, activity] = /scheduled event '([^']+)'/.exec(reason) ?? [];
  const scheduled = events?.find(
    ({ activityTaskScheduledEventAttributes: of }) =>
      activity !== undefined && of?.activityType?.name === activity,
  );
  const eventId = Number(told ?? scheduled?.eventId ?? 0);
  return { kind: 'differs', reason, ...(eventId > 0 && { eventId }) };
}
