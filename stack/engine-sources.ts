import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** Beside the program: no byte of them is in it. */
const BESIDE = new Set(['tests', 'benches', 'examples', 'target']);
/** A file that the compiler takes into the program as it is, by a name that stands there. */
const INCLUDED = /\binclude(?:_str|_bytes)?!\(\s*"([^"]+)"\s*\)/g;

/**
 * SHA-256 over the compiler and everything that the engine of a checkout is built from, by path and
 * content: the files of `native/` that are not beside it (the locked crates among them), and those
 * outside that they include. The same in every checkout with the same sources, whatever their times.
 */
export function engineDigest(root: string, compiler: string): string {
  const files = filesOf(join(root, 'native')).toSorted();
  const contents = new Map(files.map((file) => [file, readFileSync(file)]));
  for (const file of files.filter((name) => name.endsWith('.rs'))) {
    for (const included of includedBy(file, contents.get(file)?.toString() ?? '')) {
      contents.set(included, readFileSync(included));
    }
  }
  const hash = createHash('sha256').update(`${compiler}\n`);
  for (const [file, content] of contents) {
    const path = relative(root, file).split(sep).join('/');
    hash.update(`${path}\n${content.length}\n`).update(content); // no two trees read the same
  }
  return hash.digest('hex');
}

function includedBy(file: string, source: string): string[] {
  return [...source.matchAll(INCLUDED)].map(([, name = '']) => resolve(dirname(file), name));
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return entry.isFile() ? [path] : [];
    return BESIDE.has(entry.name) ? [] : filesOf(path);
  });
}
