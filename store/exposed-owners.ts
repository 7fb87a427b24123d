import { type Kysely, sql } from 'kysely';
import { openCases } from './custody-cases.js';
import { at } from './sql-values.js';
import type { Database } from './tables.js';

/** A workflow that has to get something out of a venue, or to end a doubt about it. */
export interface ExposedOwner {
  /** The trade itself, or custody. */
  readonly owner: string;
  /** What it looks after: a trade, by its workflow, or the case that custody has longest. */
  readonly about: string;
  readonly account: string;
  /** Absent where no pair is known by what a stranger has done. */
  readonly pairId?: string;
}

/**
 * Who owns the exits of a trade that has sent an order and not recorded its end, and whoever has an
 * open case of custody's; each once, oldest first. What is younger than the given time is left out.
 */
export async function exposedOwners(
  db: Kysely<Database>,
  beforeMs: number,
): Promise<readonly ExposedOwner[]> {
  const exposed = [...(await ownersOfTrades(db, beforeMs)), ...(await custodians(db, beforeMs))];
  const first = new Map<string, ExposedOwner>();
  for (const one of exposed) if (!first.has(one.owner)) first.set(one.owner, one);
  return [...first.values()];
}

async function ownersOfTrades(
  db: Kysely<Database>,
  beforeMs: number,
): Promise<readonly ExposedOwner[]> {
  const rows = await db
    .selectFrom('intents')
    .leftJoin('owners', (join) =>
      join.onRef('owners.key', '=', 'intents.workflow_id').on('owners.kind', '=', 'exit'),
    )
    .select(['intents.workflow_id', 'intents.account', 'intents.pair_id'])
    .select(sql<string>`coalesce(owners.holder, intents.workflow_id)`.as('owner'))
    .where('intents.closed_at', 'is', null)
    .where('intents.received_at', '<', at(beforeMs))
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
  return rows.map(({ workflow_id: about, pair_id: pairId, account, owner }) => ({
    ...{ about, pairId, account, owner },
  }));
}

async function custodians(
  db: Kysely<Database>,
  beforeMs: number,
): Promise<readonly ExposedOwner[]> {
  const open = await openCases(db);
  return open.flatMap(({ custodyId, found, place, pairId, openedAtMs }) => {
    if (openedAtMs >= beforeMs) return [];
    const { account } = place;
    return [{ owner: custodyId, about: found.key, account, ...(pairId && { pairId }) }];
  });
}
