import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../stack/index.js';
import { childEnvironment, type ProcessConfig } from '../../workers/config.js';

export interface TradingProcess {
  readonly pid: number;
  /** SIGKILL: nothing is drained, nothing more is written. Resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

/** The trading worker as `npm run build` made it, as a process of its own; resolves when it is ready. */
export async function startTradingProcess(config: ProcessConfig): Promise<TradingProcess> {
  const entry = join(packageRoot(), 'dist', 'workers', 'trading.js');
  if (!existsSync(entry)) throw new Error(`${entry} is missing: run \`npm run build\` first`);
  const child = spawn(process.execPath, ['--enable-source-maps', entry], {
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
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Its supervisor's channel says so; what it logs is read, or it would stand still one day. */
async function isReady(child: ChildProcess): Promise<void> {
  child.stdout?.resume();
  await new Promise<void>((resolve) => {
    child.on('message', (message: { readonly kind?: string }) => {
      if (message.kind === 'ready') resolve();
    });
  });
}
