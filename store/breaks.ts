import { type Kysely, type Selectable, sql } from 'kysely';
import type { VenueName } from '../domain/index.js';
import { writeAudit } from './audit.js';
import type { Row } from './columns.js';
import { at, json, ms } from './sql-values.js';
import type { Database, tables } from './tables.js';

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

interface Closing {
  readonly by: string;
  readonly why: string;
  readonly atMs: number;
}

export interface OpenBreak extends Break {
  readonly breakId: number;
}

/** Opens a break, unless somebody has resolved exactly this one: a venue repeats itself for ever. */
export async function openBreakOnce(db: Kysely<Database>, found: Break): Promise<void> {
  const resolved = await db
    .selectFrom('breaks')
    .select('break_id')
    .where('kind', '=', found.kind)
    .where('key', '=', found.key)
    .where('closed_at', 'is not', null)
    .where(sql<boolean>`detail = ${json(found.detail)}::jsonb`)
    .executeTakeFirst();
  if (!resolved) await openBreak(db, found);
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

/** Closes what evidence has explained; `false` when no such break is open. Audited. */
export async function closeBreak(
  db: Kysely<Database>,
  closing: Closing & { readonly kind: string; readonly key: string },
): Promise<boolean> {
  const { kind, key } = closing;
  const open = await db
    .selectFrom('breaks')
    .select('break_id')
    .where('kind', '=', kind)
    .where('key', '=', key)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  if (!open) return false;
  return (await resolveBreak(db, { ...closing, breakId: open.break_id })) !== undefined;
}

/** Somebody has looked and says why it is over; `undefined` when no such break is open. Audited. */
export async function resolveBreak(
  db: Kysely<Database>,
  { breakId, by, why, atMs }: Closing & { readonly breakId: number },
): Promise<OpenBreak | undefined> {
  const closed = await db
    .updateTable('breaks')
    .set({ closed_at: at(atMs), closed_by: by, closed_why: why })
    .where('break_id', '=', breakId)
    .where('closed_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  if (!closed) return undefined;
  const { kind, key, detail: found } = closed;
  const detail = { kind, key, found };
  await writeAudit(db, { action: 'resolve', subject: `break ${breakId}`, by, why, detail, atMs });
  return openBreakFrom(closed);
}

/** Oldest first. */
export async function openBreaks(db: Kysely<Database>): Promise<readonly OpenBreak[]> {
  const rows = await db
    .selectFrom('breaks')
    .selectAll()
    .where('closed_at', 'is', null)
    .orderBy('break_id')
    .execute();
  return rows.map(openBreakFrom);
}

function openBreakFrom(row: Selectable<Row<(typeof tables)['breaks']>>): OpenBreak {
  return {
    breakId: row.break_id,
    kind: row.kind,
    key: row.key,
    ...(row.account !== null && { account: row.account }),
    ...(row.venue !== null && { venue: row.venue }),
    ...(row.pair_id !== null && { pairId: row.pair_id }),
    detail: row.detail,
    atMs: ms(row.opened_at),
  };
}
