import { DummyDriver, PostgresDialect, Transaction } from 'kysely';
import pg from 'pg';
import type { Database } from './tables.js';
import type { Transaction as OpenTransaction } from './transaction.js';

/**
 * Statements of a transaction that need nothing of each other's answers, in one go: each is sent when
 * it is begun, none waits for the answer of the one before, and Postgres does them in that order.
 * When one fails the later ones fail as well. A transaction alone would send one at a time.
 */
export async function together<T>(
  tx: OpenTransaction,
  begin: (tx: OpenTransaction) => Promise<T>,
): Promise<T> {
  const executor = tx.getExecutor();
  return executor.provideConnection((connection) => {
    const shared = executor.withConnectionProvider({ provideConnection: (use) => use(connection) });
    return begin(new Transaction<Database>({ ...onItsConnection, executor: shared }));
  });
}

/** What only a new connection or a new transaction would need: the one in hand is used. */
const dialect = new PostgresDialect({ pool: async () => new pg.Pool({ max: 0 }) });
const onItsConnection = { config: { dialect }, dialect, driver: new DummyDriver() };
