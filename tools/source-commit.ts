import { spawnSync } from 'node:child_process';
import { packageRoot } from '../stack/index.js';

/** Which sources a figure is of: their commit, `…, changed` where they differ from it; `unknown` without git. */
export function sourceCommit(): string {
  const commit = git('rev-parse', '--short', 'HEAD');
  if (commit === undefined) return 'unknown';
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', ':!bench/results');
  return changed === '' ? commit : `${commit}, changed`;
}

function git(...words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', words, { cwd: packageRoot(), encoding: 'utf8' });
  return status === 0 ? stdout.trimEnd() : undefined;
}
