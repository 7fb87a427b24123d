import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { passOn, type Reached } from '../../activities/points.js';
import { assert } from '../../domain/assert.js';
import { childMessageSchema, drainMessage } from '../../schemas/process-messages.js';

export interface ProcessSpec {
  readonly name: string;
  /** The module to run. */
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

/** A log file that grew beyond this is set aside at the next start of its process; one is kept. */
const LOG_BYTES_MAX = 50_000_000;

/** One process that is kept alive until it is stopped. */
export class ManagedProcess {
  readonly #spec: ProcessSpec;
  readonly #around: ProcessSurroundings;
  readonly #reached: Reached;
  #child: ChildProcess | undefined;
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

  get pid(): number | undefined {
    return this.#child?.pid;
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
    const child = this.#child;
    if (child?.connected) child.send(drainMessage);
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
    const child = this.#launch(processId);
    if (child.pid !== undefined) {
      this.#around.onEvent({ kind: 'started', name: this.name, processId, pid: child.pid });
    }
    this.#reached('supervisor: child started, not ready', this.name);
    let readyAtMs: number | undefined;
    const tooLate = setTimeout(() => killGroup(child.pid), this.#spec.readyTimeoutMs);
    child.on('message', (message) => {
      const said = childMessageSchema.safeParse(message).data;
      if (said?.kind === 'ready') {
        clearTimeout(tooLate);
        readyAtMs = performance.now();
        const isAgain = this.#hasBeenReady();
        this.#around.onEvent({ kind: 'ready', name: this.name, isAgain, info: said.info });
        onReady();
      }
      if (said?.kind === 'warning') {
        this.#around.onEvent({ kind: 'warning', name: this.name, record: said.record });
      }
    });
    const cause = await endOf(child);
    clearTimeout(tooLate);
    killGroup(child.pid); // What it started itself must not outlive it.
    const wasAsked = this.#isStopping();
    this.#around.onEvent({ kind: 'ended', name: this.name, processId, cause, wasAsked });
    this.#reached('supervisor: child ended, not started again', this.name);
    return { cause, healthyForMs: readyAtMs === undefined ? 0 : performance.now() - readyAtMs };
  }

  #launch(processId: string): ChildProcess {
    const output = openSync(rolledOver(this.#logFile()), 'a', 0o600);
    const child = fork(this.#spec.entry, [], {
      // A group of its own: Ctrl-C in the terminal reaches the supervisor alone, which drains.
      detached: true,
      env: this.#spec.environment(processId),
      execArgv: [...(this.#spec.execArgv ?? []), '--enable-source-maps'],
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    this.#child = child;
    // A message that cannot be delivered any more is answered by the end of the process.
    child.on('error', () => undefined);
    return child;
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

async function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `ended with code ${code ?? 'unknown'}` : `was ended by ${signal}`),
    );
    if (child.pid === undefined) resolve('could not be started');
  });
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

function rolledOver(file: string): string {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > LOG_BYTES_MAX) renameSync(file, `${file}.1`);
  return file;
}
