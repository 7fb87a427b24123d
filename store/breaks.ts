import type { Kysely } from 'kysely';
import type { VenueName } from '../domain/index.js';
import { at, json, ms } from './sql-values.js';
import type { Database } from './tables.js';

/** Something about which we and a venue disagree, until somebody resolves it. */
export interface Break {
  /** What is wrong, such as `entry_differs` or `no_living_workflow`. */
  readonly kind: string;
  /** What it is about; one break is open per kind and key. */
  readonly key: string;
  readonly account?: string;
  readonly venue?: VenueName;
  readonly pairId?: string;
  /** Plain JSON that explains it: both sides' figures. */
  readonly detail: unknown;
  readonly atMs: number;
}

export interface OpenBreak extends Break {
  readonly breakId: number;
}

/** Opens a break. Seen again while it is open, it stays as it is: its age is what counts. */
export async function openBreak(
  db: Kysely<Database>,
  found: Break,
): Promise<'opened' | 'already_open'> {
  const { kind, key, account, venue, pairId, detail, atMs } = found;
  const opened = await db
    .insertInto('breaks')
    .values({
      kind,
      key,
      account: account ?? null,
      venue: venue ?? null,
      pair_id: pairId ?? null,
      detail: json(detail),
      opened_at: at(atMs),
    })
    .onConflict((conflict) =>
      conflict.columns(['kind', 'key']).where('closed_at', 'is', null).doNothing(),
    )
    .returning('break_id')
    .executeTakeFirst();
  return opened ? 'opened' : 'already_open';
}

export async function closeBreak(
  db: Kysely<Database>,
  closing: {
    readonly kind: string;
    readonly key: string;
    readonly by: string;
    readonly why: string;
    readonly atMs: number;
  },
): Promise<void> {
  await db
    .updateTable('breaks')
    .set({ closed_at: at(closing.atMs), closed_by: closing.by, closed_why: closing.why })
    .where('kind', '=', closing.kind)
    .where('key', '=', closing.key)
    .where('closed_at', 'is', null)
    .execute();
}

/** Oldest first. */
export async function openBreaks(db: Kysely<Database>): Promise<readonly OpenBreak[]> {
  const rows = await db
    .selectFrom('breaks')
    .selectAll()
    .where('closed_at', 'is', null)
    .orderBy('break_id')
    .execute();
  return rows.map((row) => ({
    breakId: row.break_id,
    kind: row.kind,
    key: row.key,
    ...(row.account !== null && { account: row.account }),
    ...(row.venue !== null && { venue: row.venue }),
    ...(row.pair_id !== null && { pairId: row.pair_id }),
    detail: row.detail,
    atMs: ms(row.opened_at),
  }));
}
