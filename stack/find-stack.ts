import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseUrlOf } from './postgres.js';
import { passwordOf } from './postgres-cluster.js';
import { isAlive, type ProcessIdentity } from './process-identity.js';

/** Where the servers of a data folder can be reached; what does not run is absent. */
export interface FoundStack {
  readonly temporalAddress?: string;
  readonly databaseUrl?: string;
}

interface ServerFile {
  readonly ports: { readonly grpc?: number; readonly sql?: number };
  readonly process?: ProcessIdentity;
}

/**
 * Looks for the Temporal and the Postgres that were started for a data folder. Starts nothing and
 * writes nothing, so that a question from the command line never changes what runs.
 */
export function findStack(folder: string): FoundStack {
  const { grpc } = runningPorts(folder, 'temporal');
  const { sql } = runningPorts(folder, 'postgres');
  return {
    ...(grpc !== undefined && { temporalAddress: `127.0.0.1:${grpc}` }),
    ...(sql !== undefined && { databaseUrl: databaseUrlOf(sql, passwordOf(folder)) }),
  };
}

function runningPorts(folder: string, name: string): ServerFile['ports'] {
  const file = join(folder, `${name}.json`);
  if (!existsSync(file)) return {};
  const { ports, process } = JSON.parse(readFileSync(file, 'utf8')) as ServerFile; // our own file
  return process !== undefined && isAlive(process) ? ports : {};
}
