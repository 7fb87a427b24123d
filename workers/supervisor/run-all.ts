import { join } from 'node:path';
import { namespaceOf } from '../../domain/mode.js';
import type { UpRequest } from '../../schemas/up-request.js';
import { ensureFolder, StackError, tryLock } from '../../stack/index.js';
import { missingFor } from '../mode-requirements.js';
import { readTermsFile } from '../terms-file.js';
import { type KeptServers, keepServers } from './keep-servers.js';
import { prepareEngine } from './prepare-engine.js';
import { runDesk } from './run-desk.js';
import type { RunRequest } from './run-request.js';

/**
 * Runs a desk from the first server to the last port. After a clean stop nothing of it is left:
 * processes, then Temporal, then Postgres, then the lock on the data folder. Returns the exit code;
 * throws `StackError` when it cannot start.
 */
export async function runAll(options: RunRequest): Promise<number> {
  const { request, interrupted } = options;
  refuseUnready(request);
  const stated = readTermsFile(request);
  const release = lockFolder(ensureFolder(request.dataFolder));
  const over = new AbortController();
  const signal = AbortSignal.any([interrupted, over.signal]);
  const engine = prepareEngine(options, signal); // beside the servers: each may take minutes to build
  engine.catch(() => over.abort());
  try {
    const servers = await startServers(options, signal);
    try {
      const { stack, areUp: areServersUp } = servers;
      const engineProgram = await engine;
      return await runDesk({
        ...{ ...options, stack, areServersUp },
        ...(engineProgram !== undefined && { engineProgram }),
        ...(stated && { stated }),
      });
    } finally {
      await servers.stop();
    }
  } catch (error) {
    if (interrupted.aborted && isAbort(error)) return 0; // Ctrl-C while something was being built
    if (isAbort(error)) await engine; // why it failed is why nobody waits for Temporal any more
    throw error;
  } finally {
    over.abort();
    release();
  }
}

function refuseUnready({ mode }: UpRequest): void {
  const missing = missingFor(mode);
  if (missing.length === 0) return;
  throw new StackError(`Mode "${mode}" cannot start. It needs, and this installation lacks:`, [
    ...missing.map((line) => `- ${line}`),
  ]);
}

function lockFolder(folder: string): () => void {
  const attempt = tryLock(join(folder, 'supervisor.lock'));
  if (attempt.kind === 'held') return attempt.release;
  throw new StackError(`A desk runs on ${folder} already, as process ${attempt.holder.pid}.`, [
    'Stop that one first, or name another folder with --data.',
  ]);
}

/** A dead server is found this soon; everything waits for it meanwhile. */
const LOOK_EVERY_MS = 250;

async function startServers(
  { request, tell }: RunRequest,
  signal: AbortSignal,
): Promise<KeptServers> {
  const { dataFolder, mode, temporalAddress, databaseUrl } = request;
  const servers = await keepServers({
    ...{ folder: dataFolder, namespace: namespaceOf(mode), isDurable: true, signal },
    ...(temporalAddress !== undefined && { temporalAddress }),
    ...(databaseUrl !== undefined && { databaseUrl }),
    onTemporalStep: (line) => tell({ kind: 'step', part: 'temporal', line }),
    onPostgresStep: (line) => tell({ kind: 'step', part: 'postgres', line }),
    lookEveryMs: LOOK_EVERY_MS,
    onNews: (line) => tell({ kind: 'line', line }),
  });
  const { temporal, postgres } = servers.stack;
  const how = (wasRunning: boolean): string => (wasRunning ? 'attached to' : 'started');
  tell({ kind: 'done', part: 'temporal', line: `${how(temporal.wasRunning)} ${temporal.address}` });
  const { host } = new URL(postgres.databaseUrl); // without the password that the URL holds
  tell({ kind: 'done', part: 'postgres', line: `${how(postgres.wasRunning)} ${host}` });
  return servers;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
