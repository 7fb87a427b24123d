import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './file-lock.js';
import { cacheFolder } from './folders.js';
import { packageRoot } from './package-root.js';
import { StackError } from './stack-error.js';

export interface TemporalProgram {
  readonly program: string;
  readonly origin: 'path' | 'cache' | 'built';
}

/** What the person who waits is told, e.g. "214 packages compiled". */
export type OnStep = (line: string) => void;

const CLI_VERSION = '1.8.2';
const BUILD_MINUTES_MAX = 30;

/**
 * A `temporal` program: the one on PATH, else the one built earlier, else one built now from
 * stack/temporal. Never the SDK's downloader: it can hang for ever. Throws `StackError` saying both
 * ways to get one.
 */
export async function findTemporal(onStep: OnStep, signal?: AbortSignal): Promise<TemporalProgram> {
  const place = temporalPlace();
  if (place.origin === 'none') throw noTemporal('there is no Go to build one with');
  const { program } = place;
  if (place.origin !== 'buildable') return { program, origin: place.origin };
  return withLock(`${program}.lock`, async () => {
    if (!existsSync(program)) await build(program, { onStep, ...(signal && { signal }) });
    return { program, origin: 'built' };
  });
}

export type TemporalPlace =
  | { readonly origin: 'path' | 'cache' | 'buildable'; readonly program: string }
  | { readonly origin: 'none' };

/** Where a `temporal` program is, or would be built. */
export function temporalPlace(): TemporalPlace {
  if (versionOf('temporal') !== undefined) return { program: 'temporal', origin: 'path' };
  const goVersion = versionOf('go', 'version');
  if (goVersion === undefined) return { origin: 'none' };
  const program = join(cacheFolder('temporal', digestOfModule(goVersion)), 'temporal');
  return { program, origin: existsSync(program) ? 'cache' : 'buildable' };
}

/** The first line that `program` prints about itself; `undefined` when it is not on PATH. */
export function versionOf(program: string, flag = '--version'): string | undefined {
  const answer = spawnSync(program, [flag], { encoding: 'utf8', timeout: 10_000 });
  return answer.status === 0 ? answer.stdout.trim().split('\n')[0] : undefined;
}

interface Build {
  readonly onStep: OnStep;
  /** Ends the compiler when nobody waits for it any more. */
  readonly signal?: AbortSignal;
}

async function build(program: string, { onStep, signal }: Build): Promise<void> {
  const draft = `${program}.${process.pid}`;
  const log = `${program}.build.log`;
  onStep('building it from its Go module: about three minutes, once');
  const exitCode = await runGo({ output: draft, logFile: log, onStep, ...(signal && { signal }) });
  if (exitCode !== 0) {
    const tail = readFileSync(log, 'utf8').trim().split('\n').slice(-5);
    throw noTemporal(`building one failed, see ${log}:\n    ${tail.join('\n    ')}`);
  }
  renameSync(draft, program); // Nobody ever finds half a program under the final name.
}

interface GoRun extends Build {
  readonly output: string;
  readonly logFile: string;
}

async function runGo({ output, logFile, onStep, signal }: GoRun): Promise<number> {
  const version = `-X github.com/temporalio/cli/internal/temporalcli.Version=${CLI_VERSION}`;
  const options = ['-buildvcs=false', '-mod=readonly', '-trimpath', '-v'];
  const target = 'github.com/temporalio/cli/cmd/temporal';
  const go = spawn(
    'go',
    ['build', ...options, '-ldflags', `-s -w ${version}`, '-o', output, target],
    {
      cwd: join(packageRoot(), 'stack', 'temporal'),
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: BUILD_MINUTES_MAX * 60_000,
      ...(signal && { signal }),
    },
  );
  const log = createWriteStream(logFile);
  let compiled = 0;
  go.stderr.on('data', (chunk: Buffer) => {
    log.write(chunk);
    const lines = chunk.toString().split('\n').filter(Boolean);
    // Go says "downloading" for a module and otherwise names each package that it compiles.
    compiled += lines.filter((line) => !line.includes('downloading')).length;
    onStep(compiled === 0 ? 'downloading Go modules' : `${compiled} packages compiled`);
  });
  return new Promise((resolve, reject) => {
    go.on('error', reject);
    go.on('close', (code) => log.end(() => resolve(code ?? 1)));
  });
}

/** Another module, another sum or another Go is another program. */
function digestOfModule(goVersion: string): string {
  const folder = join(packageRoot(), 'stack', 'temporal');
  const hash = createHash('sha256').update(goVersion);
  for (const name of ['go.mod', 'go.sum']) hash.update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}

function noTemporal(why: string): StackError {
  return new StackError(`There is no Temporal server to start: ${why}.`, [
    'Either install Go 1.26.8 or later and start again: one is built from stack/temporal, once;',
    'or put a `temporal` program (CLI 1.8 or later) on PATH;',
    'or set TEMPORAL_ADDRESS to a server that runs already.',
  ]);
}
