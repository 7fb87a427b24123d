import { accessSync, constants, statSync } from 'node:fs';
import { cargo, rustCompiler } from './cargo.js';
import { engineDigest } from './engine-sources.js';
import { cacheFolder } from './folders.js';
import { KeptEngines } from './kept-engines.js';
import { packageRoot } from './package-root.js';
import { isSystemError, StackError } from './stack-error.js';
import type { OnStep } from './temporal-program.js';

export interface EngineProgram {
  readonly program: string;
  /** Named by somebody; built just now; or built before, so that nothing had to be compiled. */
  readonly origin: 'named' | 'built' | 'fresh';
}

export interface EngineSearch {
  /** A program that is there: LEGWORK_ENGINE. Nothing is built then. */
  readonly named?: string;
  /** Told nothing where the program is built already. */
  readonly onStep: OnStep;
  /** Ends a build that nobody waits for any more. */
  readonly signal?: AbortSignal;
  /** Where built engines are kept, for every checkout; absent: in the cache. */
  readonly keptIn?: string;
}

const PACKAGE = 'legwork-engine';
/** What a first build compiles: for the person who waits, nothing depends on it. */
const CRATES_ABOUT = 350;
/** The end of what cargo says of a build that fails. */
const LINES_TOLD = 8;

/**
 * The program `legwork-engine`: the one that is named, else the release build of this checkout's sources.
 *
 * 1. It is kept by a digest of compiler and sources: where it is there cargo is not asked at all, in
 *    another checkout neither.
 * 2. What was built while somebody changed the sources is started, and not kept; so is what the cache
 *    cannot take.
 *
 * Throws `StackError` where Rust is missing or it does not build.
 */
export async function findEngine(search: EngineSearch): Promise<EngineProgram> {
  const { named, keptIn = cacheFolder('engines') } = search;
  if (named !== undefined) return { program: startable(named), origin: 'named' };
  const engines = new KeptEngines(keptIn);
  const digestNow = (): string => engineDigest(packageRoot(), rustCompiler());
  const digest = digestNow();
  const kept = engines.find(digest);
  if (kept !== undefined) return { program: kept, origin: 'fresh' };
  const built = await build(search);
  if (digestNow() !== digest) return built;
  return {
    ...built,
    program: keptOr(built.program, () => engines.keep(digest, built.program), search),
  };
}

/**
 * Where the cache cannot be written (it is read-only, somebody else's, or full), what cargo has built is
 * started from where it lies; the next start asks cargo again.
 */
function keptOr(built: string, keep: () => string, { onStep }: EngineSearch): string {
  try {
    return keep();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    onStep(`not kept for the next start: ${error.message}`);
    return built;
  }
}

async function build({ onStep, signal }: EngineSearch): Promise<EngineProgram> {
  const said: string[] = [];
  let compiled = 0;
  const args = ['build', '--release', '--locked', '-p', PACKAGE, MESSAGES];
  const onLine = (line: string): void => {
    said.push(line);
    if (line.startsWith('Compiling ')) compiled += 1;
    const step = stepOf(line, compiled);
    if (step !== undefined) onStep(step);
  };
  const { exitCode, output } = await cargo(args, onLine, signal);
  const program = exitCode === 0 ? programIn(output) : undefined;
  if (program === undefined) throw doesNotBuild(said);
  return { program, origin: compiled === 0 ? 'fresh' : 'built' };
}

/** Each artifact as a line of JSON, and where it lies; errors as a person reads them. */
const MESSAGES = '--message-format=json-render-diagnostics';

/** cargo says "Compiling" of each crate, and "Downloading" before; the rest is nobody's news. */
function stepOf(line: string, compiled: number): string | undefined {
  if (line.startsWith('Compiling ')) return `${compiled} of about ${CRATES_ABOUT} crates compiled`;
  if (line.startsWith('Download')) return 'downloading crates';
  if (line.startsWith('Blocking ')) return 'waiting for another build';
  return undefined;
}

interface Artifact {
  readonly reason: string;
  readonly target?: { readonly name: string };
  readonly executable?: string | null;
}

function programIn(output: string): string | undefined {
  const artifacts = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Artifact); // what cargo prints in this format
  const found = artifacts.find(({ target, executable }) => target?.name === PACKAGE && executable);
  return found?.executable ?? undefined;
}

function startable(program: string): string {
  try {
    accessSync(program, constants.X_OK);
    if (statSync(program).isFile()) return program;
  } catch {
    // It is not there, or nobody may start it.
  }
  throw new StackError(
    `LEGWORK_ENGINE names ${program}, which is no program that can be started.`,
    ['Name the file of one, or unset LEGWORK_ENGINE to have it built.'],
  );
}

function doesNotBuild(said: readonly string[]): StackError {
  const tail = said.filter((line) => line !== '').slice(-LINES_TOLD);
  return new StackError(`The native engine does not build:\n    ${tail.join('\n    ')}`, [
    'Mend what cargo says and start again, name a built one in LEGWORK_ENGINE,',
    'or look after what is open, and fire nothing: --without-engine.',
  ]);
}
