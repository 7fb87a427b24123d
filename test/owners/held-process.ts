import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RiskPolicy, TradeTerms, Wire } from '../../domain/index.js';
import { childEnvironment, type ProcessConfig } from '../../workers/config.js';
import { soon } from '../support/desk-ends.js';
import type { AnyPoint } from '../support/fire-points.js';

/** The first process in which this trade passes this point stops there and leaves its pid. */
export interface Hold {
  readonly point: AnyPoint;
  readonly workflowId: string;
  readonly file: string;
}

export interface HeldOptions {
  readonly terms: Wire<TradeTerms>;
  readonly policy: Wire<RiskPolicy>;
  readonly codePath: string;
  readonly holds: readonly Hold[];
}

export interface HeldProcess {
  readonly pid: number;
  /** Lets it finish all that it has begun, and waits for its end. */
  readonly drain: () => Promise<void>;
  readonly kill: () => Promise<void>;
}

/** A trading worker of these sources as a process of its own; resolves when it is ready. */
export async function startHeldProcess(
  config: ProcessConfig,
  options: HeldOptions,
): Promise<HeldProcess> {
  const entry = fileURLToPath(new URL('held-trading.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', entry, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: childEnvironment(config),
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await Promise.race([
    isReady(child),
    ended.then(() => {
      throw new Error('the trading worker ended before it was ready');
    }),
  ]);
  return {
    pid: child.pid ?? 0,
    drain: async () => {
      child.kill('SIGTERM');
      await ended;
    },
    kill: async () => {
      child.kill('SIGKILL'); // it ends a stopped process, too
      await ended;
    },
  };
}

/** The process that has stopped at a hold, once there is one and the kernel says that it has. */
export async function stoppedAt({ file, point }: Hold): Promise<number> {
  return soon(() => {
    if (!existsSync(file)) throw new Error(`nobody has reached "${point}"`);
    const pid = Number(readFileSync(file, 'utf8'));
    // proc(5): the state is the first word after the name in brackets; T is stopped by a signal.
    const state = /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
    if (state !== 'T') throw new Error(`process ${pid} is in state ${String(state)}`);
    return pid;
  });
}

/** The points of this trade that the process passed once it went on: one that sends passes more. */
export function passedSince(hold: Hold): readonly AnyPoint[] {
  const file = notesOf(hold);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').trim().split('\n') as AnyPoint[]; // the process wrote what it passed
}

export const notesOf = ({ file }: Hold): string => `${file}.passed`;

/** SIGCONT: it goes on where it was, as if no time had passed. */
export function goOn(pid: number): void {
  process.kill(pid, 'SIGCONT');
}

async function isReady(child: ChildProcess): Promise<void> {
  child.stdout?.resume(); // what it logs is read, or it would stand still one day
  await new Promise<void>((resolve) => {
    child.on('message', (message: { readonly kind?: string }) => {
      if (message.kind === 'ready') resolve();
    });
  });
}
