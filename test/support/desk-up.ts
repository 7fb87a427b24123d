import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { vi } from 'vitest';
import { packageRoot } from '../../stack/index.js';

/** The command as a person types it, on what `npm run build` made. */
export const MAIN = join(packageRoot(), 'dist', 'cli', 'main.js');

/** A line of `legwork up --json`. */
export interface UpEvent {
  readonly kind: string;
  readonly part?: string;
  readonly line?: string;
  readonly venues?: Readonly<Record<string, string>>;
}

export interface DeskToStart {
  readonly folder: string;
  readonly engine: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly options?: readonly string[];
}

export interface StartedDesk {
  readonly child: ChildProcess;
  readonly events: readonly UpEvent[];
  readonly ready: UpEvent;
}

/** `legwork up`, with the events that it tells. */
export function up(desk: DeskToStart, onEvent: (event: UpEvent) => void): ChildProcess {
  const place = ['--data', desk.folder, '--seed', '7', '--faults', 'none'];
  const args = [MAIN, 'up', '--json', ...place, ...(desk.options ?? [])];
  const env = { ...process.env, ...desk.environment, LEGWORK_ENGINE: desk.engine };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString()}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onEvent(JSON.parse(line) as UpEvent); // what --json prints
  });
  return child;
}

/** The same, once everything is ready. */
export async function comesUp(desk: DeskToStart): Promise<StartedDesk> {
  const events: UpEvent[] = [];
  const child = up(desk, (event) => events.push(event));
  const ready = await vi.waitFor(
    () => {
      const found = events.find(({ kind }) => kind === 'ready');
      if (found === undefined) throw new Error(`not ready: ${JSON.stringify(events.at(-1))}`);
      return found;
    },
    { timeout: 120_000, interval: 50 },
  );
  return { child, events, ready };
}

/** Any other command of it. */
export function said(args: readonly string[]): Promise<{ code: number; said: string }> {
  return endOf(spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Ctrl-C, and the exit code once it has ended. */
export async function interrupted(child: ChildProcess): Promise<number> {
  child.kill('SIGINT');
  return (await endOf(child)).code;
}

/** Everything that it says until it ends. */
export async function endOf(child: ChildProcess): Promise<{ code: number; said: string }> {
  let heard = '';
  for (const told of [child.stdout, child.stderr]) {
    told?.on('data', (chunk: Buffer) => {
      heard += stripVTControlCharacters(chunk.toString());
    });
  }
  const code = await new Promise<number>((resolve) =>
    child.once('close', (exitCode) => resolve(exitCode ?? -1)),
  );
  return { code, said: heard };
}
