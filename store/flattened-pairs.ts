import { type Kysely, sql } from 'kysely';
import { type Freeze, isInScope, type TradeResult, toWire, venueNames } from '../domain/index.js';
import { freezeFrom } from './freezes.js';
import { type WatchedPair, watchedPair } from './held-pairs.js';
import { json } from './sql-values.js';
import type { Database } from './tables.js';

/** A held pair that a freeze says to get out of. */
export interface PairToFlatten {
  readonly pair: WatchedPair;
  readonly freeze: Freeze;
  readonly epoch: number;
}

/**
 * Open held pairs that a `flatten` in force reaches and has not been acted upon, each with the latest
 * such freeze. One that custody already has as a case is not told again.
 */
export async function pairsToFlatten(db: Kysely<Database>): Promise<readonly PairToFlatten[]> {
  const reached = await reachedBy(db);
  return reached.filter(({ isCase, epoch, done }) => !isCase && epoch > done);
}

/** The latest `flatten` in force that reaches the match of a trade, acted upon or not. */
export async function flattenOf(
  db: Kysely<Database>,
  workflowId: string,
): Promise<PairToFlatten | undefined> {
  return (await reachedBy(db, workflowId))[0];
}

/** Open held pairs in the scope of a freeze, as workflow ids: who will be flattened by it. */
export async function heldInScope(db: Kysely<Database>, freezeId: string) {
  const reached = await reachedBy(db);
  return reached
    .filter(({ freeze }) => freeze.freezeId === freezeId)
    .map(({ pair }) => pair.workflowId);
}

/** From here on this freeze, and every one before it, has had its try. */
export async function markFlattening(
  db: Kysely<Database>,
  { workflowId, epoch }: { readonly workflowId: string; readonly epoch: number },
): Promise<void> {
  await db
    .updateTable('held_pairs')
    .set({ flatten_epoch: sql<number>`greatest(flatten_epoch, ${epoch}::int8)` })
    .where('workflow_id', '=', workflowId)
    .execute();
}

/** What a flattened match adds up to. `false`: it was never flattened, and nothing is written. */
export async function keepFlattened(
  db: Kysely<Database>,
  { workflowId, result }: { readonly workflowId: string; readonly result: TradeResult },
): Promise<boolean> {
  const kept = await db
    .updateTable('held_pairs')
    .set({ flattened: json(toWire(result)) })
    .where('workflow_id', '=', workflowId)
    .where('flatten_epoch', '>', 0)
    .executeTakeFirst();
  return kept.numUpdatedRows > 0n;
}

interface Reached extends PairToFlatten {
  readonly done: number;
  readonly isCase: boolean;
}

/** One row for each pair: its latest freeze. */
async function reachedBy(db: Kysely<Database>, workflowId?: string): Promise<readonly Reached[]> {
  const freezes = await db
    .selectFrom('freezes')
    .selectAll()
    .where('lifted_at', 'is', null)
    .where('action', '=', 'flatten')
    .orderBy('epoch', 'desc')
    .execute();
  if (freezes.length === 0) return [];
  const rows = await db
    .selectFrom('held_pairs')
    .innerJoin('intents', 'intents.workflow_id', 'held_pairs.workflow_id')
    .selectAll('held_pairs')
    .select(['intents.strategy', isCase.as('is_case')])
    .where('held_pairs.closed_at', 'is', null)
    .$if(workflowId !== undefined, (query) =>
      query.where('held_pairs.workflow_id', '=', workflowId ?? ''),
    )
    .orderBy('held_since')
    .orderBy('held_pairs.workflow_id')
    .execute();
  return rows.flatMap((row): Reached[] => {
    const pair = watchedPair(row);
    const { account, pairId, yes, no, workflowId: of } = pair;
    const about = { account, pairId, strategy: row.strategy, workflowId: of };
    const subject = { ...about, instruments: [yes, no], venues: venueNames };
    const latest = freezes.find((freeze) => isInScope(freezeFrom(freeze), subject));
    if (!latest) return [];
    const { epoch } = latest;
    const done = row.flatten_epoch;
    return [{ pair, freeze: freezeFrom(latest), epoch, done, isCase: row.is_case }];
  });
}

const isCase = sql<boolean>`exists (
  select 1 from custody_cases
  where custody_cases.key = 'trade/' || held_pairs.workflow_id and custody_cases.closed_at is null)`;
