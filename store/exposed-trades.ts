import { type Kysely, sql } from 'kysely';
import { at } from './sql-values.js';
import type { Database } from './tables.js';

/** An open trade that has something at a venue, and the workflow that has to get it out of there. */
export interface ExposedTrade {
  readonly workflowId: string;
  /** The trade itself, or who has taken its exits over. */
  readonly owner: string;
  readonly account: string;
  readonly pairId: string;
}

/** Trades that have sent an order and not recorded their end, oldest first. */
export async function exposedTrades(
  db: Kysely<Database>,
  receivedBeforeMs: number,
): Promise<readonly ExposedTrade[]> {
  const rows = await db
    .selectFrom('intents')
    .leftJoin('owners', (join) =>
      join.onRef('owners.key', '=', 'intents.workflow_id').on('owners.kind', '=', 'exit'),
    )
    .select(['intents.workflow_id', 'intents.account', 'intents.pair_id'])
    .select(sql<string>`coalesce(owners.holder, intents.workflow_id)`.as('owner'))
    .where('intents.closed_at', 'is', null)
    .where('intents.received_at', '<', at(receivedBeforeMs))
    .where((intent) =>
      intent.exists(
        intent
          .selectFrom('orders')
          .select('orders.client_order_id')
          .whereRef('orders.workflow_id', '=', 'intents.workflow_id')
          .where('orders.is_forbidden', '=', false),
      ),
    )
    .orderBy('intents.received_at')
    .execute();
  return rows.map(({ workflow_id: workflowId, pair_id: pairId, account, owner }) => ({
    ...{ workflowId, pairId, account, owner },
  }));
}
