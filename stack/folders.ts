import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { packageRoot } from './package-root.js';
import { isSystemError, StackError } from './stack-error.js';

/** Traversable for the account that Postgres runs as when we are root; readable for nobody else. */
const FOLDER_MODE = 0o711;

/**
 * A folder for one user under /var/tmp, which survives a reboot and lies outside every checkout.
 * Anyone may create a name there, so a folder that is not ours, or that others may write, is refused.
 */
export function homeFolder(): string {
  const uid = process.getuid?.() ?? 0;
  const folder = `/var/tmp/legwork-${uid}`;
  ensureFolder(folder);
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
    throw new StackError(`${folder} is not a folder that only user ${uid} may write.`, [
      'Remove it, or ask its owner to, and start again.',
    ]);
  }
  return folder;
}

/** Where something that is expensive to make is kept between starts, e.g. `cacheFolder('temporal')`. */
export function cacheFolder(...names: readonly string[]): string {
  return ensureFolder(join(homeFolder(), 'cache', ...names));
}

/** The data folder of this checkout, so that two copies side by side do not share their books. */
export function defaultDataFolder(): string {
  return join(homeFolder(), 'data', digestOf(realpathSync(packageRoot())));
}

/** Bounded sessions whose data is kept: enough to look at the last ones, not enough to fill a disk. */
const SESSIONS_KEPT = 5;

/** A data folder that no session has used yet. The oldest sessions make room, unless they run. */
export function newDataFolder(nowMs: number): string {
  const folder = ensureFolder(join(homeFolder(), 'sessions'));
  // The time comes first in a name, and has as many digits for the next two centuries.
  const oldest = readdirSync(folder).sort().slice(0, -SESSIONS_KEPT);
  for (const name of oldest) {
    const isInUse = existsSync(join(folder, name, 'supervisor.lock'));
    if (!isInUse) rmSync(join(folder, name), { recursive: true, force: true });
  }
  return join(folder, `${nowMs}-${process.pid}`);
}

/**
 * Where the Postgres cluster of a data folder lies. Postgres refuses to run as root and then runs as
 * nobody, who cannot enter a folder below a private one: such a cluster lies under /var/tmp instead.
 */
export function clusterFolder(dataFolder: string, as = whoWeAre()): string {
  if (as === 'user' || isOpenToAll(dataFolder)) return join(dataFolder, 'postgres');
  return join(homeFolder(), 'postgres', digestOf(realpathSync(dataFolder)));
}

const whoWeAre = (): 'root' | 'user' => (process.getuid?.() === 0 ? 'root' : 'user');

/**
 * Creates what is missing of a folder. The mode is set by name, as a umask would narrow it. Throws
 * `StackError` where the system does not let us: a disk that is read-only or full, somebody else's folder.
 */
export function ensureFolder(folder: string): string {
  if (existsSync(folder)) return folder;
  ensureFolder(dirname(folder));
  try {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, FOLDER_MODE);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new StackError(`${folder} cannot be made: ${error.message}`, [
      `Let this user write in ${dirname(folder)}, and start again.`,
    ]);
  }
  return folder;
}

/** Whether every folder down to this one lets any user through. */
export function isOpenToAll(folder: string): boolean {
  const path = resolve(folder);
  if ((statSync(path).mode & 0o001) === 0) return false;
  return dirname(path) === path || isOpenToAll(dirname(path));
}

function digestOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16);
}
