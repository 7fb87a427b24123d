import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Brings the tables up to this version. Several processes may call it at once: the first one applies,
 * the others wait for its lock and find nothing to do. Returns the names of what it applied.
 */
export async function migrate(
  databaseUrl: string,
  log: (line: string) => void = () => undefined,
): Promise<readonly string[]> {
  // Its tools for writing migrations are more to load than all of Postgres' client.
  const { runner } = await import('node-pg-migrate');
  const applied = await runner({
    databaseUrl,
    dir: migrationsFolder(),
    direction: 'up',
    migrationsTable: 'migrations',
    advisoryLockMode: 'wait',
    log,
  });
  return applied.map(({ name }) => name);
}

/** SQL is not compiled: from the sources it lies beside this file, from dist/ in the package. */
function migrationsFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'store', 'migrations'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('store/migrations is not in the legwork package');
    folder = parent;
  }
  return join(folder, 'store', 'migrations');
}
