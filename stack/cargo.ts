import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cacheFolder } from './folders.js';
import { packageRoot } from './package-root.js';
import { StackError } from './stack-error.js';
import { type OnStep, versionOf } from './temporal-program.js';

export interface CargoRun {
  readonly exitCode: number;
  /** What the program that was built and run has printed. */
  readonly output: string;
}

/**
 * Runs cargo in `native/`, telling each line that it says on its way. What it builds lies outside the
 * checkout, by compiler, locked crates and the checkout's own path: cargo tells sources apart by their
 * times, and two checkouts may have files of one time. `signal` ends it, which rejects. Throws
 * `StackError` where Rust is missing.
 */
export async function cargo(
  args: readonly string[],
  onStep: OnStep,
  signal?: AbortSignal,
): Promise<CargoRun> {
  const compiler = rustCompiler();
  const workspace = join(packageRoot(), 'native');
  const locked = readFileSync(join(workspace, 'Cargo.lock'));
  const hash = createHash('sha256').update(`${compiler}\n${workspace}\n`).update(locked);
  const key = hash.digest('hex').slice(0, 16);
  const child = spawn('cargo', ['--color', 'never', ...args], {
    cwd: workspace,
    // A subcommand of its own (clippy) is not told what cargo's options say.
    // eslint-disable-next-line no-restricted-properties -- nothing is read of it: cargo has all that we have
    env: { ...process.env, CARGO_TARGET_DIR: cacheFolder('native', key) },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  createInterface(child.stderr).on('line', (line) => onStep(line.trim()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ exitCode: code ?? 1, output: Buffer.concat(printed).toString() }),
    );
  });
}

/** What the compiler says that it is. Throws `StackError` where Rust is missing. */
export function rustCompiler(): string {
  const compiler = versionOf('rustc');
  if (compiler === undefined || versionOf('cargo') === undefined) throw noRust();
  return compiler;
}

function noRust(): StackError {
  return new StackError('There is no Rust to build the native engine with.', [
    'Install Rust 1.92 or later (https://rustup.rs) and start again; it is built once, and kept;',
    'or look after what is open, and fire nothing: --without-engine.',
  ]);
}
