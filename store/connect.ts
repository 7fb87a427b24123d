import { Socket } from 'node:net';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from './tables.js';

declare module 'pg' {
  interface ClientConfig {
    /** The driver has it (8.22), its types do not yet. */
    readonly pipeline?: boolean;
  }
}

export interface Connection {
  readonly db: Kysely<Database>;
  /** Waits for running queries, then gives every connection back. */
  readonly close: () => Promise<void>;
}

export interface ConnectOptions {
  readonly connectionsMax?: number;
  /** Told of connections that broke while no query ran; the pool makes new ones. */
  readonly onError?: (error: Error) => void;
}

const CONNECTIONS_MAX = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** No statement of ours takes this long; one that does waits for a lock that a dead process holds. */
const STATEMENT_TIMEOUT_MS = 10_000;
/** A stopped process must not keep an account locked. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** A pool of connections to Postgres. Opens none before the first query. */
export function connect(databaseUrl: string, options: ConnectOptions = {}): Connection {
  const pool = new pg.Pool({
    stream: () => new OneWriteSocket(),
    connectionString: databaseUrl,
    max: options.connectionsMax ?? CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    application_name: 'legwork',
    // What is asked together (together.ts) is sent together.
    pipeline: true,
    types,
  });
  // Without a listener a connection that breaks ends the process: the pool listens while nobody uses
  // it, we listen while a transaction is thinking. Its next query fails, which the caller sees.
  const noticed = (error: Error & { client?: unknown }): void => {
    delete error.client; // The pool attaches it: pages of it would stand in every log line.
    options.onError?.(error);
  };
  pool.on('error', noticed);
  pool.on('connect', (client) => client.on('error', noticed));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return { db, close: async () => db.destroy() };
}

/**
 * What is asked in one turn of the event loop leaves in one write, because each is a system call: the
 * driver corks its stream around every statement.
 */
class OneWriteSocket extends Socket {
  override uncork(): void {
    process.nextTick(() => {
      super.uncork();
    });
  }
}

/** Everything as the driver reads it, but `int8` as a number: it would come as a string. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    const isCount = oid === pg.types.builtins.INT8 && format !== 'binary';
    return isCount ? safeInteger : (pg.types.getTypeParser(oid, format) as unknown);
  },
};

/** Counts and epochs. Amounts are numeric and stay strings. */
function safeInteger(digits: string): number {
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${digits} is too large for a count`);
  return value;
}
