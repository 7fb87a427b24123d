import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { drainMessage } from '../../schemas/process-messages.js';
import { packageRoot } from '../../stack/index.js';
import { childEnvironment, type ProcessConfig } from '../../workers/config.js';

export interface TradingProcess {
  readonly pid: number;
  /** SIGKILL: nothing is drained, nothing more is written. Resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** Asks it to finish what it does and to end. */
  readonly drain: () => void;
  /** Resolves when it is gone, for whatever reason. */
  readonly ended: Promise<void>;
}

/** What runs: the worker as `npm run build` made it, unless a test has one of its own. */
export interface TradingProgram {
  readonly entry: string;
  /** Beside what every process of the desk is told. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** A trading worker as a process of its own; resolves when it is ready. */
export async function startTradingProcess(
  config: ProcessConfig,
  program: TradingProgram = built(),
): Promise<TradingProcess> {
  const child = spawn(process.execPath, ['--enable-source-maps', program.entry], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...childEnvironment(config), ...program.environment },
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const said = lastSaid(child);
  await Promise.race([
    isReady(child),
    ended.then(() => {
      throw new Error(`the trading worker ended before it was ready: ${said()}`);
    }),
  ]);
  return {
    pid: child.pid ?? 0,
    ended,
    drain: () => {
      // One that dies in this moment needs no word any more.
      if (child.connected) child.send(drainMessage, () => undefined);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function built(): TradingProgram {
  const entry = join(packageRoot(), 'dist', 'programs', 'trading.js');
  if (!existsSync(entry)) throw new Error(`${entry} is missing: run \`npm run build\` first`);
  return { entry };
}

/** What it logs is read, or it would stand still one day; its last words are kept. */
function lastSaid(child: ChildProcess): () => string {
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-2_000);
  });
  return () => said;
}

/** Its supervisor's channel says so. */
async function isReady(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => {
    child.on('message', (message: { readonly kind?: string }) => {
      if (message.kind === 'ready') resolve();
    });
  });
}
