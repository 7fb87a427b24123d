import type { Kysely, Selectable } from 'kysely';
import type { Admission, ArbitrageIntent, Mode, TradeResult, Wire } from '../domain/index.js';
import { fromWire } from '../domain/wire.js';
import type { Row } from './columns.js';
import { at, json, ms } from './sql-values.js';
import type { Database, tables } from './tables.js';

export interface NewIntent {
  readonly intent: Wire<ArbitrageIntent>;
  /** `intentDigest` of the wire form: the same id with another digest is another intent. */
  readonly digest: string;
  readonly workflowId: string;
  readonly mode: Mode;
  readonly atMs: number;
}

/** Everything that is kept of an intent, for ever; payloads in wire form, as they were written. */
export interface StoredIntent {
  readonly intentId: string;
  readonly digest: string;
  readonly workflowId: string;
  readonly mode: Mode;
  readonly intent: Wire<ArbitrageIntent>;
  readonly receivedAtMs: number;
  readonly admission?: Wire<Admission>;
  readonly result?: Wire<TradeResult>;
  readonly closedAtMs?: number;
}

/**
 * Enters an intent. 'exists': the id is taken, by the same content or another (compare the digests
 * with `findIntent`). Throws when the mode is not the database's.
 */
export async function insertIntent(
  db: Kysely<Database>,
  { intent, digest, workflowId, mode, atMs }: NewIntent,
): Promise<'inserted' | 'exists'> {
  const inserted = await db
    .insertInto('intents')
    .values({
      intent_id: intent.intentId,
      digest,
      workflow_id: workflowId,
      mode,
      account: intent.account,
      pair_id: intent.pairId,
      strategy: intent.strategy,
      intent: json(intent),
      received_at: at(atMs),
    })
    .onConflict((conflict) => conflict.column('intent_id').doNothing())
    .returning('intent_id')
    .executeTakeFirst();
  return inserted ? 'inserted' : 'exists';
}

export async function findIntent(
  db: Kysely<Database>,
  intentId: string,
): Promise<StoredIntent | undefined> {
  const row = await db
    .selectFrom('intents')
    .selectAll()
    .where('intent_id', '=', intentId)
    .executeTakeFirst();
  return row && storedIntent(row);
}

/** How a trade ended, or what it adds up to since its match was flattened; `undefined` while it runs. */
export async function resultOfTrade(
  db: Kysely<Database>,
  workflowId: string,
): Promise<TradeResult | undefined> {
  const row = await db
    .selectFrom('intents')
    .leftJoin('held_pairs', 'held_pairs.workflow_id', 'intents.workflow_id')
    .select(['result', 'flattened'])
    .where('intents.workflow_id', '=', workflowId)
    .executeTakeFirst();
  const result = row?.flattened ?? row?.result;
  return result ? fromWire<TradeResult>(result) : undefined;
}

export function storedIntent(row: Selectable<Row<(typeof tables)['intents']>>): StoredIntent {
  return {
    intentId: row.intent_id,
    digest: row.digest,
    workflowId: row.workflow_id,
    mode: row.mode,
    intent: row.intent,
    receivedAtMs: ms(row.received_at),
    ...(row.admission && { admission: row.admission }),
    ...(row.result && { result: row.result }),
    ...(row.closed_at && { closedAtMs: ms(row.closed_at) }),
  };
}
