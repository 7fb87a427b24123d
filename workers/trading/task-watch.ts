import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import {
  closeFrozenBreak,
  type Database,
  type ExposedOwner,
  exposedOwners,
  openBreaks,
  openFrozenBreak,
  type ProcessLock,
} from '../../store/index.js';
import { keepRounds } from './keep-rounds.js';
import {
  hasTask,
  type TaskTrouble,
  taskTrouble,
  type Unanswered,
  unansweredOf,
} from './task-trouble.js';

export interface TaskWatchOptions {
  readonly temporal: Client;
  readonly db: Kysely<Database>;
  /** Tries to become the one watch of this desk; `undefined` while another process is. */
  readonly tryLock: () => Promise<ProcessLock | undefined>;
  readonly lookEveryMs: number;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/** The kind of the break, the cause of its freeze and the first word of the freeze's id. */
const FAILING = 'workflow_task_failing';
const BY = 'task-watch';
/** What is younger than this has hardly had the time to fail. */
const YOUNG_MS = 1_000;
/** So many are asked about in one look at least; all of them are in `LOOKS_PER_ROUND` looks. */
const ASKED_MIN = 50;
const LOOKS_PER_ROUND = 5;
/** Signals may have come since the attempt that is looked for. */
const LATEST_EVENTS = 50;

/**
 * A workflow whose task fails stands still with all its state, and so do its exits. Nobody hears of
 * it from the workflow, so somebody has to look.
 *
 * 1. Looked at is who owns the exits of a trade that has sent something and not recorded its end, and
 *    whoever has an open case of custody's.
 * 2. A task that fails at its third attempt, or as the third since one was answered, or goes without
 *    an answer for long, is a break, freezes its pair and is an error in the log, once. One that runs
 *    out of time is a busy machine's.
 * 3. What recovers, ends or is taken over closes its break and thaws its pair.
 * 4. Where Temporal does not answer, nothing is concluded.
 */
export function startTaskWatch(options: TaskWatchOptions): { readonly stop: () => Promise<void> } {
  const watch = new TaskWatch(options);
  const { tryLock, lookEveryMs, log } = options;
  return keepRounds({
    ...{ tryLock, log, retryMs: lookEveryMs },
    round: async () => {
      await watch.look();
      return lookEveryMs;
    },
    onFailure: 'workflow tasks could not be looked at; trying again',
  });
}

class TaskWatch {
  #asked = 0;
  readonly #options: TaskWatchOptions;

  constructor(options: TaskWatchOptions) {
    this.#options = options;
  }

  async look(): Promise<void> {
    const { db, nowMs } = this.#options;
    const exposed = await exposedOwners(db, nowMs() - YOUNG_MS);
    const reported = (await openBreaks(db)).filter(({ kind }) => kind === FAILING);
    const owners = new Set(exposed.map(({ owner }) => owner));
    for (const { key } of reported) {
      if (!owners.has(key)) await this.#close(key, 'it has ended, or its exits were taken over');
    }
    const known = new Set(reported.map(({ key }) => key));
    await Promise.all(this.#nextOf(exposed).map((one) => this.#lookAt(one, known)));
  }

  /** All of them in turn, so that thousands of parked trades do not make one look take for ever. */
  #nextOf(exposed: readonly ExposedOwner[]): readonly ExposedOwner[] {
    const count = Math.max(ASKED_MIN, Math.ceil(exposed.length / LOOKS_PER_ROUND));
    const from = this.#asked < exposed.length ? this.#asked : 0;
    this.#asked = from + count;
    return exposed.slice(from, from + count);
  }

  async #lookAt(exposed: ExposedOwner, known: ReadonlySet<string>): Promise<void> {
    const { temporal, nowMs, log } = this.#options;
    const { owner } = exposed;
    try {
      const described = await temporal.workflow.getHandle(owner).describe();
      const unanswered = hasTask(described) ? await this.#unansweredOf(owner) : undefined;
      const trouble = taskTrouble(described, { unanswered, nowMs: nowMs() });
      if (trouble && !known.has(owner)) await this.#report(exposed, trouble);
      if (!trouble && known.has(owner)) await this.#close(owner, 'its task was answered');
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return; // without a workflow: the sweep's case
      log.warn({ err: error, workflowId: owner }, 'a workflow could not be asked about');
    }
  }

  async #report(exposed: ExposedOwner, trouble: TaskTrouble): Promise<void> {
    const { db, nowMs, log } = this.#options;
    const { owner, about, account, pairId } = exposed;
    const detail = { about, ...trouble };
    const atMs = nowMs();
    await openFrozenBreak(db, {
      found: { kind: FAILING, key: owner, account, detail, atMs, ...(pairId && { pairId }) },
      ...(pairId && {
        freeze: {
          freezeId: `${freezePrefix(owner)}${atMs}`, // it may fail again: each time is a freeze of its own
          scope: { kind: 'pair', key: pairId },
          cause: FAILING,
          why: `${owner} cannot go on: ${trouble.what}`,
          by: BY,
          action: 'leave',
          atMs,
        },
      }),
    });
    log.error({ workflowId: owner, pairId, ...detail }, 'a workflow with exposure cannot go on');
  }

  /** Asked only where a task is out in this moment: that is seldom. */
  async #unansweredOf(workflowId: string): Promise<Unanswered> {
    const { workflowService, options } = this.#options.temporal;
    const { history } = await workflowService.getWorkflowExecutionHistoryReverse({
      namespace: options.namespace,
      execution: { workflowId },
      maximumPageSize: LATEST_EVENTS,
    });
    return unansweredOf(history?.events ?? []);
  }

  async #close(owner: string, why: string): Promise<void> {
    const { db, nowMs, log } = this.#options;
    const freezes = freezePrefix(owner);
    await closeFrozenBreak(db, { kind: FAILING, key: owner, freezes, by: BY, why, atMs: nowMs() });
    log.info({ workflowId: owner, why }, 'no longer failing');
  }
}

const freezePrefix = (owner: string): string => `${FAILING}/${owner}/`;
