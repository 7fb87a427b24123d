import type { Kysely } from 'kysely';
import type { Mode } from '../domain/index.js';
import { type StoredIntent, storedIntent } from './intents.js';
import { at, ms } from './sql-values.js';
import type { ToldLine } from './story.js';
import type { Database } from './tables.js';

/** The mode that this database was opened in; `undefined` before the first start. */
export async function deployedMode(db: Kysely<Database>): Promise<Mode | undefined> {
  const row = await db.selectFrom('deployment').select('mode').executeTakeFirst();
  return row?.mode;
}

/** Every account that was ever opened, by name. */
export async function accountNames(db: Kysely<Database>): Promise<readonly string[]> {
  const rows = await db.selectFrom('accounts').select('account').orderBy('account').execute();
  return rows.map((row) => row.account);
}

/** Trades that came in before a time and have not ended, oldest first. */
export async function tradesOpen(
  db: Kysely<Database>,
  receivedBeforeMs: number,
): Promise<readonly StoredIntent[]> {
  const rows = await db
    .selectFrom('intents')
    .selectAll()
    .where('closed_at', 'is', null)
    .where('received_at', '<', at(receivedBeforeMs))
    .orderBy('received_at')
    .execute();
  return rows.map(storedIntent);
}

/** How far a session is: what may still be fired counts, so that none is fired too many. */
export interface FiredCount {
  /** Approved and not ended without a shot: fired, or about to be. */
  readonly committed: number;
  /** An entry order of it was recorded for sending. */
  readonly fired: number;
  /** Fired or not, not ended yet. */
  readonly open: number;
}

export async function firedCount(db: Kysely<Database>): Promise<FiredCount> {
  return db
    .with('shots', (query) =>
      query
        .selectFrom('orders')
        .select('workflow_id')
        .distinct()
        .where('is_forbidden', '=', false)
        .where('purpose', 'in', ['entry/yes', 'entry/no']),
    )
    .selectFrom('intents')
    .leftJoin('shots', 'shots.workflow_id', 'intents.workflow_id')
    .select((query) => {
      const kind = query.ref('intents.admission', '->>').key('kind');
      const isApproved = query.eb(kind, '=', 'approved');
      const isFired = query.eb('shots.workflow_id', 'is not', null);
      const isOpen = query.eb('intents.closed_at', 'is', null);
      const isCommitted = query.or([isFired, query.and([isApproved, isOpen])]);
      const counted = query.fn.countAll<number>();
      return [
        counted.filterWhere(isCommitted).as('committed'),
        counted.filterWhere(isFired).as('fired'),
        counted.filterWhere(isOpen).as('open'),
      ];
    })
    .executeTakeFirstOrThrow();
}

/** The newest line of each of these trades: what it did last or waits for. */
export async function latestStoryLines(
  db: Kysely<Database>,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, ToldLine>> {
  if (workflowIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('story')
    .distinctOn('workflow_id')
    .selectAll()
    .where('workflow_id', 'in', workflowIds)
    .orderBy('workflow_id')
    .orderBy('seq', 'desc')
    .execute();
  return new Map(
    rows.map(({ seq, workflow_id: workflowId, at, event, text, detail }) => [
      workflowId,
      { seq, workflowId, atMs: ms(at), event, text, detail },
    ]),
  );
}
