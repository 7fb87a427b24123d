import { type Kysely, sql } from 'kysely';
import { tradeCaseKey } from '../domain/index.js';
import { at } from './sql-values.js';
import type { Database } from './tables.js';

export interface ClosedTrade {
  readonly workflowId: string;
  readonly pairId: string;
}

export interface ClosedSince {
  readonly account: string;
  readonly sinceMs: number;
}

/**
 * Trades that have closed since then and whose result, as recorded or as flattened, is not what their
 * rows add up to now (`domain/trade/accounted-for.ts`, for all of them at once). One that custody has
 * as a case is still being written.
 */
export async function tradesOffTheirBooks(
  db: Kysely<Database>,
  { account, sinceMs }: ClosedSince,
): Promise<readonly ClosedTrade[]> {
  const { rows } = await sql<{ workflow_id: string; pair_id: string }>`
    select trade.workflow_id, trade.pair_id
    from intents trade
    left join held_pairs held on held.workflow_id = trade.workflow_id
    cross join lateral (select coalesce(held.flattened, trade.result) as result) told
    cross join lateral (
      select coalesce(sum(entry.cash), 0) as cash
      from venue_entries entry
      where entry.workflow_id = trade.workflow_id and entry.kind in ('fill', 'reversal')
    ) booked
    where trade.account = ${account}
      and trade.closed_at >= ${at(sinceMs)}
      and told.result is not null
      and (told.result ->> 'net')::numeric
        <> (told.result ->> 'contracts')::numeric + booked.cash
      and not exists (
        select from custody_cases one
        where one.key = ${tradeCaseKey('')} || trade.workflow_id and one.closed_at is null
      )
    order by trade.closed_at`.execute(db);
  return rows.map((row) => ({ workflowId: row.workflow_id, pairId: row.pair_id }));
}
