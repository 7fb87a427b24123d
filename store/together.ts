import { DummyDriver, PostgresDialect, Transaction } from 'kysely';
import pg from 'pg';
import type { Database } from './tables.js';
import type { Transaction as OpenTransaction } from './transaction.js';

/**
 * Statements of a transaction that need nothing of each other's answers, in one go: each is sent when
 * it is begun, none waits for the answer of the one before, and Postgres does them in that order.
 *
 * 1. When one fails the later ones fail as well, and this throws what the first one threw.
 * 2. It returns when all of them are answered; what is begun later throws and is not sent, so that
 *    nothing of it runs beside the rollback, or in the next transaction of the connection.
 */
export async function together<T>(
  tx: OpenTransaction,
  begin: (tx: OpenTransaction) => Promise<T>,
): Promise<T> {
  const executor = tx.getExecutor();
  return executor.provideConnection(async (connection) => {
    const sent: Promise<unknown>[] = [];
    let isOver = false;
    const shared = executor.withConnectionProvider({
      provideConnection: (use) => {
        if (isOver) throw new Error('a statement was begun after those that it belongs to');
        const statement = use(connection);
        sent.push(statement);
        return statement;
      },
    });
    try {
      return await begin(new Transaction<Database>({ ...onItsConnection, executor: shared }));
    } finally {
      isOver = true;
      await Promise.allSettled(sent);
    }
  });
}

/** What only a new connection or a new transaction would need: the one in hand is used. */
const dialect = new PostgresDialect({ pool: async () => new pg.Pool({ max: 0 }) });
const onItsConnection = { config: { dialect }, dialect, driver: new DummyDriver() };
