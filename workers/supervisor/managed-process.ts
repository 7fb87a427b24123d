import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { passOn, type Reached } from '../../activities/points.js';
import { assert } from '../../domain/assert.js';
import type { ChildMessage } from '../../schemas/process-messages.js';
import { type Child, launch, type ProgramKind } from './child.js';

export interface ProcessSpec {
  readonly name: string;
  readonly kind: ProgramKind;
  /** The module or the program to run. */
  readonly entry: string;
  readonly environment: (processId: string) => NodeJS.ProcessEnv;
  readonly readyTimeoutMs: number;
  /** How long it may drain before it is killed. */
  readonly drainMs: number;
  /** Options of Node itself, e.g. to run from the sources. */
  readonly execArgv?: readonly string[];
}

/** Pauses before a restart: they double from the first to the longest, and start over after health. */
export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
  /** A process that worked for this long was healthy. */
  readonly healthyMs: number;
  /** Deaths before it was ever ready, after which its start has failed. */
  readonly startAttempts: number;
}

export type ProcessEvent =
  | {
      readonly kind: 'started';
      readonly name: string;
      readonly processId: string;
      readonly pid: number;
    }
  | {
      readonly kind: 'ready';
      readonly name: string;
      /** It died before: what was missing is there again. */
      readonly isAgain: boolean;
      readonly info: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'warning'; readonly name: string; readonly record: string }
  /** It is gone, with everything in its process group; nobody of that `processId` acts any more. */
  | {
      readonly kind: 'ended';
      readonly name: string;
      readonly processId: string;
      readonly cause: string;
      readonly wasAsked: boolean;
    }
  | { readonly kind: 'restarting'; readonly name: string; readonly delayMs: number };

export interface ProcessSurroundings {
  readonly logsFolder: string;
  readonly backOff: BackOff;
  /** Waited for before every start; absent: nothing has to be there. */
  readonly canStart?: () => Promise<void>;
  readonly onEvent: (event: ProcessEvent) => void;
  /** The crash suite's hook at the points where a process may die. */
  readonly reached?: Reached;
}

/** One start of a process, from its launch until it was seen gone. */
interface RunningChild {
  readonly processId: string;
  readonly pid: number | undefined;
}

/** One process that is kept alive until it is stopped. */
export class ManagedProcess {
  readonly #spec: ProcessSpec;
  readonly #around: ProcessSurroundings;
  readonly #reached: Reached;
  #child: Child | undefined;
  #current: RunningChild | undefined;
  #isAskedToStop = false;
  #wasEverReady = false;
  #wake: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(spec: ProcessSpec, around: ProcessSurroundings) {
    this.#spec = spec;
    this.#around = around;
    this.#reached = around.reached ?? passOn;
  }

  get name(): string {
    return this.#spec.name;
  }

  get kind(): ProgramKind {
    return this.#spec.kind;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The one that runs now, ready or not; `undefined` between two of them. */
  get current(): RunningChild | undefined {
    return this.#current;
  }

  /** Fulfilled when it is ready for the first time; rejected when it died too often before that. */
  async start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#running = this.#keepAlive(resolve, reject);
    });
  }

  /** Drains it and, when it takes too long, kills it. Then it stays down. */
  async stop(): Promise<void> {
    this.#isAskedToStop = true;
    this.#wake();
    this.recycle();
    const deadline = setTimeout(() => this.kill(), this.#spec.drainMs);
    await this.#running;
    clearTimeout(deadline);
  }

  /** Drains it, and it comes back. */
  recycle(): void {
    this.#child?.drain();
  }

  /** Ends it without asking; unless it is being stopped it comes back after the pause. */
  kill(): void {
    killGroup(this.#child?.pid);
  }

  async #keepAlive(onReady: () => void, onFailed: (error: Error) => void): Promise<void> {
    const { backOff, onEvent } = this.#around;
    let delayMs = backOff.firstMs;
    for (let deaths = 1; !this.#isStopping(); deaths += 1) {
      await this.#canStart();
      if (this.#isStopping()) break;
      const { cause, healthyForMs } = await this.#liveOnce(() => {
        this.#wasEverReady = true;
        onReady();
      });
      if (this.#isStopping()) break;
      if (!this.#hasBeenReady() && deaths >= backOff.startAttempts) {
        onFailed(new Error(`${this.name} ${cause} before it was ready; see ${this.#logFile()}`));
        return;
      }
      if (healthyForMs >= backOff.healthyMs) delayMs = backOff.firstMs;
      onEvent({ kind: 'restarting', name: this.name, delayMs });
      await this.#pause(delayMs);
      delayMs = Math.min(2 * delayMs, backOff.longestMs);
    }
    if (!this.#hasBeenReady()) onFailed(new Error(`${this.name} was stopped before it was ready`));
  }

  /** From its start to its end. */
  async #liveOnce(onReady: () => void): Promise<{ cause: string; healthyForMs: number }> {
    const processId = randomUUID();
    let readyAtMs: number | undefined;
    let hasEnded = false;
    const child = this.#launch(processId, (said) => {
      if (said.kind === 'warning') {
        this.#around.onEvent({ kind: 'warning', name: this.name, record: said.record });
      } else if (!hasEnded) {
        clearTimeout(tooLate);
        readyAtMs = performance.now();
        const isAgain = this.#hasBeenReady();
        this.#around.onEvent({ kind: 'ready', name: this.name, isAgain, info: said.info });
        onReady();
      }
    });
    this.#current = { processId, pid: child.pid };
    if (child.pid !== undefined) {
      this.#around.onEvent({ kind: 'started', name: this.name, processId, pid: child.pid });
    }
    this.#reached('supervisor: child started, not ready', this.name);
    const tooLate = setTimeout(() => killGroup(child.pid), this.#spec.readyTimeoutMs);
    const cause = await child.ended;
    hasEnded = true; // its last words may still be on their way
    this.#current = undefined;
    clearTimeout(tooLate);
    killGroup(child.pid); // What it started itself must not outlive it.
    const wasAsked = this.#isStopping();
    this.#around.onEvent({ kind: 'ended', name: this.name, processId, cause, wasAsked });
    this.#reached('supervisor: child ended, not started again', this.name);
    return { cause, healthyForMs: readyAtMs === undefined ? 0 : performance.now() - readyAtMs };
  }

  #launch(processId: string, onMessage: (message: ChildMessage) => void): Child {
    const { kind, entry, execArgv = [], environment } = this.#spec;
    const logFile = this.#logFile();
    const program = { kind, entry, execArgv, environment: environment(processId) };
    this.#child = launch({ ...program, logFile, onMessage });
    return this.#child;
  }

  /** Or is stopped. */
  async #canStart(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([this.#around.canStart?.(), stopped]);
  }

  async #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#isStopping()) this.#wake();
    });
  }

  // Methods, not properties: the answers change while `#keepAlive` waits.
  #isStopping(): boolean {
    return this.#isAskedToStop;
  }

  #hasBeenReady(): boolean {
    return this.#wasEverReady;
  }

  #logFile(): string {
    return join(this.#around.logsFolder, `${this.name}.log`);
  }
}

/** The process and everything in its group; a group that is gone already is fine. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  assert(pid > 1, 'a child has a process group of its own');
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: the whole group has ended.
  }
}
