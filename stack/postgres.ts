import { join } from 'node:path';
import { Client } from 'pg';
import { withLock } from './file-lock.js';
import { clusterFolder, ensureFolder } from './folders.js';
import { startLasting } from './lasting-server.js';
import { initCluster, passwordOf, postgresUserId } from './postgres-cluster.js';
import { findPostgres } from './postgres-programs.js';
import { StackError } from './stack-error.js';
import type { OnStep } from './temporal-program.js';

export interface PostgresOptions {
  /** The data folder: password, pid and output; the cluster too unless nobody could reach it. */
  readonly folder: string;
  /** A server that runs already: DATABASE_URL. Nothing is started then. */
  readonly databaseUrl?: string;
  /** `false` skips the disk's confirmation: for tests. */
  readonly isDurable: boolean;
  readonly onStep: OnStep;
}

export interface PostgresHandle {
  readonly databaseUrl: string;
  /** Where the embedded cluster lies, for the person who looks for it. */
  readonly clusterFolder?: string;
  readonly wasRunning: boolean;
  readonly stop: () => Promise<void>;
}

const DATABASE = 'legwork';
/** Every process holds a pool; workers are added without restarting the server. */
const CONNECTIONS_MAX = 300;

/** SIGINT is Postgres' fast shutdown: sessions end, then a checkpoint. SIGQUIT skips the checkpoint. */
export const postgresStopSteps = [
  { signal: 'SIGINT', waitMs: 15_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 2_000 },
] as const;

/** Postgres with our database in it; the tables are `store`'s. Throws `StackError`. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresHandle> {
  if (options.databaseUrl !== undefined) return external(options.databaseUrl);
  const lock = join(ensureFolder(options.folder), 'postgres.lock');
  return withLock(lock, async () => startEmbedded(options));
}

async function startEmbedded(options: PostgresOptions): Promise<PostgresHandle> {
  const programs = await findPostgres();
  options.onStep(`Postgres ${programs.version}${programs.wasUnpacked ? ' unpacked' : ''}`);
  const cluster = clusterFolder(options.folder);
  const password = passwordOf(options.folder);
  if (await initCluster({ initdb: programs.initdb, cluster, password })) {
    options.onStep(`new cluster in ${cluster}`);
  }
  const userId = postgresUserId();
  const server = await startLasting({
    name: 'postgres',
    folder: options.folder,
    ports: { sql: undefined },
    command: ({ sql }) => ({
      program: programs.postgres,
      args: ['-D', cluster, '-p', String(sql), ...settingsFor(options.isDurable)],
      env: { LC_ALL: 'C', TZ: 'UTC' },
      ...(userId !== undefined && { userId }),
    }),
    isReady: async ({ sql }) => answersPostgres(urlOf(sql, password, 'postgres')),
    readyTimeoutMs: 60_000, // recovery after a kill reads the log of everything since the checkpoint
    stopSteps: postgresStopSteps,
  });
  await ensureDatabase(urlOf(server.ports.sql, password, 'postgres'));
  return {
    databaseUrl: databaseUrlOf(server.ports.sql, password),
    clusterFolder: cluster,
    wasRunning: server.wasRunning,
    stop: server.stop,
  };
}

/** Whether a Postgres answers there and lets us in. */
export async function answersPostgres(databaseUrl: string): Promise<boolean> {
  return (await refusalOf(databaseUrl)) === undefined;
}

async function external(databaseUrl: string): Promise<PostgresHandle> {
  const refusal = await refusalOf(databaseUrl);
  if (refusal !== undefined) {
    // The URL holds a password, so the message names the server only.
    throw new StackError(`The Postgres at ${new URL(databaseUrl).host} refuses us: ${refusal}`, [
      'Start it, correct DATABASE_URL, or unset it to have one started for you.',
    ]);
  }
  return { databaseUrl, wasRunning: true, stop: async () => undefined };
}

async function refusalOf(databaseUrl: string): Promise<string | undefined> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // A server that goes away while we look simply does not answer.
  try {
    await client.connect();
    await client.query('select 1');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end().catch(() => undefined); // It may never have connected.
  }
}

async function ensureDatabase(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

function settingsFor(isDurable: boolean): string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `max_connections=${CONNECTIONS_MAX}`,
    // After a crash one call syncs what the kernel holds, not one per file: seconds on a busy disk.
    ...(process.platform === 'linux' ? ['recovery_init_sync_method=syncfs'] : []),
    ...(isDurable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  return settings.flatMap((setting) => ['-c', setting]);
}

/** The URL of our database on the embedded server. */
export function databaseUrlOf(port: number, password: string): string {
  return urlOf(port, password, DATABASE);
}

function urlOf(port: number, password: string, database: string): string {
  return `postgres://legwork:${password}@127.0.0.1:${port}/${database}`;
}
