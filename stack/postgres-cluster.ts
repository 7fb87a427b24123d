import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ensureFolder } from './folders.js';
import { StackError } from './stack-error.js';

/** The account `nobody`: Postgres refuses to run as root. `undefined` when we are not root. */
export function postgresUserId(): number | undefined {
  return process.getuid?.() === 0 ? 65_534 : undefined;
}

/** The password of a data folder's cluster, made up at the first start and readable for us alone. */
export function passwordOf(folder: string): string {
  const file = join(folder, 'postgres.password');
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  }
  return readFileSync(file, 'utf8');
}

export interface NewCluster {
  readonly initdb: string;
  readonly cluster: string;
  readonly password: string;
}

/** Makes the cluster unless it is there; says whether it did. A half-made one is made anew. */
export async function initCluster({ initdb, cluster, password }: NewCluster): Promise<boolean> {
  if (existsSync(cluster)) return false;
  ensureFolder(dirname(cluster));
  const draft = `${cluster}.new`;
  const passwordFile = `${draft}.password`;
  rmSync(draft, { recursive: true, force: true });
  try {
    mkdirSync(draft, { mode: 0o700 });
    writeFileSync(passwordFile, password, { mode: 0o600 });
    for (const path of [draft, passwordFile]) giveToPostgres(path);
    await runInitdb(initdb, draft, passwordFile);
    renameSync(draft, cluster);
    return true;
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function giveToPostgres(path: string): void {
  const userId = postgresUserId();
  if (userId !== undefined) chownSync(path, userId, userId);
}

async function runInitdb(initdb: string, folder: string, passwordFile: string): Promise<void> {
  const userId = postgresUserId();
  const login = ['-U', 'legwork', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const options = {
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC' },
    ...(userId !== undefined && { uid: userId, gid: userId }),
  };
  try {
    // C.UTF-8 by the builtin provider: sorting must not change with the machine's locale files.
    const locale = [
      '-E',
      'UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ];
    await promisify(execFile)(initdb, ['-D', folder, ...login, ...locale], options);
  } catch (error) {
    throw new StackError(
      `initdb failed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
