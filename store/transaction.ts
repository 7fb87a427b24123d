import type { Transaction as KyselyTransaction } from 'kysely';
import type { Database } from './tables.js';

/** A transaction that is open: what is read inside stays true until what is written is committed. */
export type Transaction = KyselyTransaction<Database>;
