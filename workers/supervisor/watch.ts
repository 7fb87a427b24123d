import { execFile, spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { packageRoot } from '../../stack/index.js';

/** The compiler writes many files at once; this long after the last one it is done. */
const SETTLE_MS = 500;

/**
 * Compiles on change and tells when there is new code, with its workflow bundle: for development.
 * Returns what ends it.
 */
export function watchCode(log: Logger, onNewCode: () => void): () => void {
  const root = packageRoot();
  const dist = join(root, 'dist');
  const compiler = spawn(
    process.execPath,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), ...WATCH_ARGS],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  let timer: NodeJS.Timeout | undefined;
  const rebuild = async (): Promise<void> => {
    await promisify(execFile)(process.execPath, [join(dist, 'tools', 'build-bundle.js')]);
    onNewCode();
  };
  const watcher = watch(dist, { recursive: true }, (_event, name) => {
    if (name?.endsWith('.js') !== true || isMadeHere(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      rebuild().catch((error: unknown) =>
        log.warn({ err: error }, 'not bundled; the old code runs on'),
      );
    }, SETTLE_MS);
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
    compiler.kill();
  };
}

/** What the rebuild itself writes. */
const isMadeHere = (name: string): boolean =>
  name === 'workflow-bundle.js' || name.startsWith('programs');

const WATCH_ARGS = ['-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'];
