import { type Kysely, type RawBuilder, sql } from 'kysely';
import { at, ms } from './sql-values.js';
import type { Database } from './tables.js';

/** One trade in flight per pair (DESIGN §7). `untilMs` null: something of it is unresolved. */
export interface Hold {
  readonly pairId: string;
  readonly holder: string;
  readonly generation: number;
  readonly untilMs: number | null;
}

export interface HoldRequest {
  readonly pairId: string;
  /** The workflow id of the trade. */
  readonly holder: string;
  readonly atMs: number;
}

/** The hold on a pair if it is still in force. */
export async function liveHold(
  db: Kysely<Database>,
  { pairId, nowMs }: { readonly pairId: string; readonly nowMs: number },
): Promise<Hold | undefined> {
  const [hold] = await liveHolds(db, nowMs, pairId);
  return hold;
}

/** Every hold in force: the scanner skips these pairs. */
export async function liveHolds(
  db: Kysely<Database>,
  nowMs: number,
  pairId?: string,
): Promise<readonly Hold[]> {
  const rows = await db
    .selectFrom('pair_holds')
    .selectAll()
    .where((where) => where.or([where('until', 'is', null), where('until', '>', at(nowMs))]))
    .$if(pairId !== undefined, (query) => query.where('pair_id', '=', pairId ?? ''))
    .execute();
  return rows.map((row) => ({
    pairId: row.pair_id,
    holder: row.holder,
    generation: row.generation,
    untilMs: row.until && ms(row.until),
  }));
}

/** Takes a pair that nobody holds, until the release. `undefined`: another trade holds it. */
export async function takeHold(
  tx: Kysely<Database>,
  request: HoldRequest,
): Promise<number | undefined> {
  return takeWhere(tx, request, sql<boolean>`pair_holds.until <= ${at(request.atMs)}`);
}

/** The same for a living trade whose hold was released, and may run out only later. */
export async function retakeHold(
  tx: Kysely<Database>,
  request: HoldRequest,
): Promise<number | undefined> {
  const isReleased = sql<boolean>`pair_holds.until <= ${at(request.atMs)}
    or (pair_holds.holder = ${request.holder} and pair_holds.until is not null)`;
  return takeWhere(tx, request, isReleased);
}

async function takeWhere(
  tx: Kysely<Database>,
  { pairId, holder, atMs }: HoldRequest,
  isFree: RawBuilder<boolean>,
): Promise<number | undefined> {
  const taken = await tx
    .insertInto('pair_holds')
    .values({ pair_id: pairId, holder, generation: 1, taken_at: at(atMs) })
    .onConflict((conflict) =>
      conflict
        .column('pair_id')
        .doUpdateSet({
          holder,
          generation: sql<number>`pair_holds.generation + 1`,
          taken_at: at(atMs),
          until: null,
        })
        .where(isFree),
    )
    .returning('generation')
    .executeTakeFirst();
  return taken?.generation;
}

/**
 * Sets when the holder's hold ends: now, or later for a pair that would only be tried again (seed
 * 001, delayed release). Nothing happens when the pair is already another's, or released before.
 */
export async function releaseHold(
  db: Kysely<Database>,
  { pairId, holder, untilMs }: Omit<HoldRequest, 'atMs'> & { readonly untilMs: number },
): Promise<void> {
  await db
    .updateTable('pair_holds')
    .set({ until: at(untilMs) })
    .where('pair_id', '=', pairId)
    .where('holder', '=', holder)
    .where('until', 'is', null)
    .execute();
}
