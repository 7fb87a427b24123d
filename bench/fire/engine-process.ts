import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { childMessageSchema, drainMessage } from '../../schemas/process-messages.js';
import { findEngine } from '../../stack/index.js';
import { forgetJournals } from '../../test/support/forget-journals.js';
import { childEnvironment, type ProcessConfig, readUpRequest } from '../../workers/config.js';

/** The process `legwork-engine`, once it is ready. */
export interface EngineProcess {
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

const DRAIN_MS_MAX = 20_000;

/**
 * Beside the processes of a house, which says where its venues are by TLS. It is built where nobody
 * has yet, or is the one that LEGWORK_ENGINE names.
 */
export async function startEngine(
  trading: ProcessConfig,
  onStep: (line: string) => void,
): Promise<EngineProcess> {
  const { engineProgram: named } = readUpRequest();
  const { program } = await findEngine({ ...(named && { named }), onStep });
  const processId = `engine-${process.pid}-${Date.now()}`;
  const config = { ...trading, component: 'engine', processId };
  const log = join(trading.folders.logs, 'engine.log');
  const child = spawn(program, [], {
    env: childEnvironment(config),
    stdio: ['pipe', 'pipe', openSync(log, 'a')],
  });
  await ready(child, log);
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      await drain(child);
      forgetJournals(trading.folders.data);
    },
  };
}

async function ready(child: ChildProcess, log: string): Promise<void> {
  if (!child.stdout) throw new Error('the engine was started with its standard output piped');
  for await (const line of createInterface(child.stdout)) {
    if (childMessageSchema.safeParse(JSON.parse(line)).data?.kind === 'ready') return;
  }
  throw new Error(`the engine ended before it was ready; see ${log}`);
}

async function drain(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin?.write(`${JSON.stringify(drainMessage)}\n`);
  const overdue = setTimeout(() => child.kill('SIGKILL'), DRAIN_MS_MAX);
  await ended;
  clearTimeout(overdue);
}
