import type { Kysely } from 'kysely';
import type { ChildOrderStatus } from '../domain/index.js';
import { type StoredIntent, storedIntent } from './intents.js';
import { ms } from './sql-values.js';
import type { ToldLine } from './story.js';
import type { Database } from './tables.js';

/** Something that was heard about an order, and where it stood afterwards. */
export interface OrderEvent {
  readonly clientOrderId: string;
  readonly atMs: number;
  readonly event: string;
  readonly status: ChildOrderStatus;
}

/** Every event of every order, or of these orders, oldest first. */
export async function orderEvents(
  db: Kysely<Database>,
  clientOrderIds?: readonly string[],
): Promise<readonly OrderEvent[]> {
  if (clientOrderIds?.length === 0) return [];
  const rows = await db
    .selectFrom('order_events')
    .select(['client_order_id', 'at', 'event', 'status'])
    .$if(clientOrderIds !== undefined, (query) =>
      query.where('client_order_id', 'in', clientOrderIds ?? []),
    )
    .orderBy('seq')
    .execute();
  return rows.map(({ client_order_id: clientOrderId, at, event, status }) => ({
    ...{ clientOrderId, atMs: ms(at), event, status },
  }));
}

/** Every trade that was ever asked for, oldest first. */
export async function allTrades(db: Kysely<Database>): Promise<readonly StoredIntent[]> {
  const rows = await db
    .selectFrom('intents')
    .selectAll()
    .orderBy('received_at')
    .orderBy('intent_id')
    .execute();
  return rows.map(storedIntent);
}

/** One kind of line in every trade's story, oldest first. */
export async function storyLines(
  db: Kysely<Database>,
  event: string,
): Promise<readonly ToldLine[]> {
  const rows = await db
    .selectFrom('story')
    .selectAll()
    .where('event', '=', event)
    .orderBy('seq')
    .execute();
  return rows.map(({ seq, workflow_id: workflowId, at, text, detail }) => ({
    ...{ seq, workflowId, atMs: ms(at), event, text, detail },
  }));
}
