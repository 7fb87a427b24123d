import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { withLock } from './file-lock.js';
import { ensureFolder } from './folders.js';
import { startLasting } from './lasting-server.js';
import { StackError } from './stack-error.js';
import { prepareNamespace } from './temporal-namespace.js';
import { findTemporal, type OnStep } from './temporal-program.js';
import { type DynamicConfig, dynamicConfig, searchAttributes } from './temporal-settings.js';

export interface TemporalOptions {
  /** Where the server keeps its database, its output and its pid. */
  readonly folder: string;
  /** One namespace per mode: histories of one mode are invisible to the others. */
  readonly namespace: string;
  /** A server that runs already: TEMPORAL_ADDRESS. Nothing is started then. */
  readonly address?: string;
  /** `false` keeps everything in memory and has no web page: for tests. */
  readonly isDurable: boolean;
  /** Dynamic configuration beside that of every server: for tests of limits. */
  readonly settings?: DynamicConfig;
  /** Ends a build that nobody waits for any more. */
  readonly signal?: AbortSignal;
  readonly onStep: OnStep;
}

export interface TemporalHandle {
  readonly address: string;
  readonly uiAddress?: string;
  readonly namespace: string;
  readonly wasRunning: boolean;
  readonly stop: () => Promise<void>;
}

const DEFAULT_PORT = 7233;
const DEFAULT_UI_PORT = 8233;
/** Its services tell each other to stop before the database closes. */
export const temporalStopSteps = [
  { signal: 'SIGINT', waitMs: 10_000 },
  { signal: 'SIGKILL', waitMs: 2_000 },
] as const;

/** Temporal with our namespace, its search attributes and retention. Throws `StackError`. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalHandle> {
  const handle =
    options.address === undefined
      ? await withLock(join(ensureFolder(options.folder), 'temporal.lock'), async () =>
          startEmbedded(options),
        )
      : external(options.address, options.namespace);
  const connection = await connectTo(handle.address);
  try {
    options.onStep(`preparing namespace ${options.namespace}`);
    await prepareNamespace(connection, options.namespace);
  } finally {
    await connection.close();
  }
  return handle;
}

/** Whether a Temporal server answers there within a second. */
export async function answersTemporal(address: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: 1_000 });
    await connection.close();
    return true;
  } catch {
    return false; // Not yet, or not Temporal: the caller asks again or says so.
  }
}

async function startEmbedded(options: TemporalOptions): Promise<TemporalHandle> {
  const { program, origin } = await findTemporal(options.onStep, options.signal);
  options.onStep(`starting ${origin === 'path' ? 'the one on PATH' : 'our build'}`);
  const server = await startLasting({
    name: 'temporal',
    folder: options.folder,
    ports: options.isDurable
      ? { grpc: DEFAULT_PORT, ui: DEFAULT_UI_PORT }
      : { grpc: undefined, ui: undefined },
    command: (ports) => ({ program, args: [...baseArgs(options, ports), ...settingArgs(options)] }),
    isReady: async ({ grpc }) => answersTemporal(`127.0.0.1:${grpc}`),
    readyTimeoutMs: 60_000,
    stopSteps: temporalStopSteps,
  });
  return {
    address: `127.0.0.1:${server.ports.grpc}`,
    ...(options.isDurable && { uiAddress: `http://127.0.0.1:${server.ports.ui}` }),
    namespace: options.namespace,
    wasRunning: server.wasRunning,
    stop: server.stop,
  };
}

function external(address: string, namespace: string): TemporalHandle {
  return { address, namespace, wasRunning: true, stop: async () => undefined };
}

async function connectTo(address: string): Promise<Connection> {
  try {
    return await Connection.connect({ address, connectTimeout: 3_000 });
  } catch (error) {
    throw new StackError(`No Temporal server answers at ${address}: ${String(error)}`, [
      'Start it, correct TEMPORAL_ADDRESS, or unset it to have one started for you.',
    ]);
  }
}

function baseArgs(options: TemporalOptions, ports: { grpc: number; ui: number }): string[] {
  const network = ['--ip', '127.0.0.1', '--port', String(ports.grpc)];
  const lasting = [
    ...['--ui-port', String(ports.ui), '--ui-disable-news-fetch'],
    ...['--db-filename', join(options.folder, 'temporal.db')],
    // An acknowledged step must survive a power cut, and WAL makes that affordable: 31 ms, not 42.
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=FULL'],
  ];
  const logs = ['--log-format', 'json', '--log-level', 'warn'];
  const namespace = ['--namespace', options.namespace];
  const place = options.isDurable ? lasting : ['--headless'];
  return ['server', 'start-dev', ...network, ...place, ...logs, ...namespace];
}

function settingArgs(options: TemporalOptions): string[] {
  const settings = Object.entries({ ...dynamicConfig, ...options.settings }).flatMap(
    ([key, value]) => ['--dynamic-config-value', `${key}=${JSON.stringify(value)}`],
  );
  const attributes = Object.entries(searchAttributes).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  return [...settings, ...attributes];
}
