import { type ChildProcess, fork, spawn } from 'node:child_process';
import { closeSync, createWriteStream, openSync, renameSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { assert } from '../../domain/assert.js';
import {
  type ChildMessage,
  childMessageSchema,
  drainMessage,
} from '../../schemas/process-messages.js';

/** A module that Node runs and that speaks over IPC, or a program of its own that speaks in lines. */
export type ProgramKind = 'module' | 'native';

/** A process that was started, whatever it is written in. */
export interface Child {
  readonly pid: number | undefined;
  /** Asks it to finish what it has begun. One that is gone hears nothing: its end is the answer. */
  readonly drain: () => void;
  /** How it ended, once it has. */
  readonly ended: Promise<string>;
}

export interface Launch {
  readonly kind: ProgramKind;
  readonly entry: string;
  /** Options of Node itself, for a module. */
  readonly execArgv?: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly logFile: string;
  readonly onMessage: (message: ChildMessage) => void;
}

/** A log file that grew beyond this is set aside at the next start of its process; one is kept. */
const LOG_BYTES_MAX = 50_000_000;

/**
 * Starts a process in a group of its own: Ctrl-C in the terminal reaches the supervisor alone, which
 * drains. Its output goes into its log file; it tells, and is told, by `schemas/process-messages.ts`.
 * What it hears of an end of the channel is that its supervisor is gone.
 */
export function launch(options: Launch): Child {
  const child = options.kind === 'module' ? launchModule(options) : launchNative(options);
  // A message that cannot be delivered any more is answered by the end of the process.
  child.process.on('error', () => undefined);
  return { pid: child.process.pid, drain: child.drain, ended: endOf(child.process) };
}

interface Launched {
  readonly process: ChildProcess;
  readonly drain: () => void;
}

function launchModule({ entry, execArgv = [], environment, ...options }: Launch): Launched {
  const log = openLog(options.logFile);
  const child = fork(entry, [], {
    ...{ detached: true, env: environment, stdio: ['ignore', log, log, 'ipc'] },
    execArgv: [...execArgv, '--enable-source-maps'],
  });
  closeSync(log);
  child.on('message', (said) => {
    const message = childMessageSchema.safeParse(said).data;
    if (message) options.onMessage(message);
  });
  const drain = (): void => {
    if (child.connected) child.send(drainMessage);
  };
  return { process: child, drain };
}

/**
 * What IPC is for a module are lines of JSON here: it tells on stdout and is told on stdin, whose end
 * means what a closed channel does. Its log is stderr; a line on stdout that is no message joins it.
 */
function launchNative({ entry, environment, logFile, onMessage }: Launch): Launched {
  const fd = openLog(logFile);
  const child = spawn(entry, [], {
    ...{ detached: true, env: environment, stdio: ['pipe', 'pipe', fd] },
  });
  const { stdin, stdout } = child;
  assert(stdin !== null && stdout !== null, 'both are pipes');
  const log = createWriteStream(logFile, { fd });
  log.on('error', () => undefined); // a full disk costs lines of a log, not the desk
  child.once('close', () => log.end());
  createInterface(stdout).on('line', (line) => {
    const message = messageIn(line);
    if (message) onMessage(message);
    else log.write(`${line}\n`);
  });
  stdin.on('error', () => undefined); // it is gone, and its end says so
  return { process: child, drain: () => stdin.write(`${JSON.stringify(drainMessage)}\n`) };
}

function messageIn(line: string): ChildMessage | undefined {
  try {
    return childMessageSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // no JSON: a word for the log
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

function openLog(file: string): number {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > LOG_BYTES_MAX) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}
