import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { Client } from 'pg';
import { inject } from 'vitest';
import {
  ensureFolder,
  packageRoot,
  startPostgres,
  startTemporal,
  withLock,
} from '../../stack/index.js';

/** The namespace of the tests; the mode is part of it as everywhere. */
export const TEST_NAMESPACE = 'legwork-simulated';

export interface TestTemporal {
  readonly address: string;
  readonly namespace: string;
}

/** The Temporal server of this run, in memory: the first file that asks starts it, the run stops it. */
export async function testTemporal(namespace = TEST_NAMESPACE): Promise<TestTemporal> {
  const server = await startTemporal({
    ...{ folder: stackFolder(), namespace, isDurable: false },
    onStep: () => undefined,
  });
  return { address: server.address, namespace };
}

/** The Postgres server of this run: a URL of its empty database `legwork`, never written by a test. */
export async function testPostgres(): Promise<string> {
  const server = await startPostgres({
    ...{ folder: stackFolder(), isDurable: false },
    onStep: () => undefined,
  });
  return server.databaseUrl;
}

/**
 * A database of its own for one test file or story, copied from a template that `migrate` filled
 * once per run. The whole server goes with the run, so nobody drops it.
 */
export async function freshDatabase(
  migrate: (databaseUrl: string) => Promise<void>,
): Promise<string> {
  const server = new URL(await testPostgres());
  databases += 1;
  const name = `test_${process.pid}_${databases}`;
  // Postgres copies a template only while nobody else does.
  await withLock(join(stackFolder(), 'template.lock'), async () => {
    if (await createDatabase(server, TEMPLATE)) await migrate(databaseOf(server, TEMPLATE));
    await createDatabase(server, name, TEMPLATE);
  });
  return databaseOf(server, name);
}

/** The workflow bundle of this run's sources, built by the first file that asks. */
export async function testWorkflowBundle(): Promise<{ readonly codePath: string }> {
  const codePath = join(stackFolder(), 'workflow-bundle.js');
  await withLock(`${codePath}.lock`, async () => {
    if (existsSync(codePath)) return;
    const workflowsPath = join(packageRoot(), 'workflows', 'index.ts');
    const { code } = await bundleWorkflowCode({
      workflowsPath,
      preloadModules: [join(packageRoot(), 'domain', 'index.ts')],
      logger: new DefaultLogger('ERROR'),
    });
    await writeFile(`${codePath}.new`, code);
    await rename(`${codePath}.new`, codePath);
  });
  return { codePath };
}

const TEMPLATE = 'test_template';
let databases = 0;

function stackFolder(): string {
  return ensureFolder(join(inject('runFolder'), 'stack'));
}

/** `false` when it was there already. */
async function createDatabase(server: URL, name: string, template?: string): Promise<boolean> {
  const client = new Client({ connectionString: server.href });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount !== 0) return false;
    await client.query(`create database ${name} ${template ? `template ${template}` : ''}`);
    return true;
  } finally {
    await client.end();
  }
}

function databaseOf(server: URL, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
