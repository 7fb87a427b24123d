import { type Kysely, type Selectable, sql } from 'kysely';
import { assert, type Freeze, type FreezeScope } from '../domain/index.js';
import { writeAudit } from './audit.js';
import type { Row } from './columns.js';
import { at, json, ms, withoutDisk } from './sql-values.js';
import type { Database, tables } from './tables.js';
import type { Transaction } from './transaction.js';

/** The channel that wakes processes when the epoch has grown; its payload is the epoch. */
export const FREEZES_CHANNEL = 'legwork_freezes';

/** What a process reads before the wire: the epoch, and every freeze in force. */
export interface Control {
  readonly epoch: number;
  readonly freezes: readonly Freeze[];
}

export interface Thaw {
  readonly freezeId: string;
  readonly by: string;
  readonly why: string;
  readonly atMs: number;
}

/**
 * Commits a freeze with a new epoch, announced by the same commit (DESIGN §8.1). Returns the epoch
 * that processes must acknowledge. A freeze that is there already keeps its epoch: nothing is done.
 */
export async function insertFreeze(db: Kysely<Database>, freeze: Freeze): Promise<number> {
  return insertedAt(db, freeze);
}

/** The same, together with whatever else the transaction does. */
export async function insertFreezeWithin(tx: Transaction, freeze: Freeze): Promise<number> {
  return insertedAt(tx, freeze);
}

/** In one call: whoever freezes waits for each. */
async function insertedAt(db: Kysely<Database>, freeze: Freeze): Promise<number> {
  const columns = json(freezeColumns(freeze));
  const { rows } = await sql<{ readonly epoch: number }>`
    select insert_freeze(${columns}::jsonb) as epoch`.execute(db);
  const [row] = rows;
  assert(row !== undefined, 'a function answers with a row');
  return row.epoch;
}

/** Lifts a freeze; `undefined` when there is none in force by that id, else the new epoch. */
export async function liftFreeze(db: Kysely<Database>, thaw: Thaw): Promise<number | undefined> {
  return db.transaction().execute(async (tx) => liftFreezeWithin(tx, thaw));
}

/** The same, together with whatever else the transaction does. */
export async function liftFreezeWithin(
  tx: Kysely<Database>,
  { freezeId, by, why, atMs }: Thaw,
): Promise<number | undefined> {
  const lifted = await tx
    .updateTable('freezes')
    .set({ lifted_at: at(atMs), lifted_by: by, lifted_why: why })
    .where('freeze_id', '=', freezeId)
    .where('lifted_at', 'is', null)
    .returning('epoch')
    .executeTakeFirst();
  if (!lifted) return undefined;
  const detail = { epoch: lifted.epoch };
  await writeAudit(tx, { action: 'unfreeze', subject: freezeId, by, why, atMs, detail });
  return lifted.epoch;
}

/** Lifts every freeze that waited for this order, now that evidence has resolved it. */
export async function liftFreezeOfOrder(
  db: Kysely<Database>,
  clientOrderId: string,
  atMs: number,
): Promise<readonly string[]> {
  const waiting = await db
    .selectFrom('freezes')
    .select('freeze_id')
    .where('lifts_when_resolved', '=', clientOrderId)
    .where('lifted_at', 'is', null)
    .execute();
  for (const { freeze_id: freezeId } of waiting) {
    const why = `order ${clientOrderId} is resolved`;
    await liftFreeze(db, { freezeId, by: 'legwork', why, atMs });
  }
  return waiting.map((row) => row.freeze_id);
}

/** One query, one snapshot: the freezes are those of the epoch. */
export async function readControl(db: Kysely<Database>): Promise<Control> {
  const rows = await db
    .selectFrom('control')
    .leftJoin('freezes', (join) => join.on('freezes.lifted_at', 'is', null))
    .selectAll('freezes')
    .select('control.epoch as control_epoch')
    .orderBy('freezes.epoch')
    .execute();
  const [first] = rows;
  assert(first !== undefined, 'the control row is there');
  const freezes = rows.flatMap((row) => (isFreezeRow(row) ? [freezeFrom(row)] : []));
  return { epoch: first.control_epoch, freezes };
}

/** Freezes of every age, lifted ones too, newest first. */
export async function freezeHistory(
  db: Kysely<Database>,
  limit: number,
): Promise<readonly (Freeze & { readonly liftedAtMs?: number; readonly liftedBy?: string })[]> {
  const rows = await db
    .selectFrom('freezes')
    .selectAll()
    .orderBy('at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...freezeFrom(row),
    ...(row.lifted_at && { liftedAtMs: ms(row.lifted_at) }),
    ...(row.lifted_by !== null && { liftedBy: row.lifted_by }),
  }));
}

/**
 * A process says that every section it began before it saw this epoch has ended. Waits for no disk:
 * what a crash of the database forgets the next heartbeat says again.
 */
export async function acknowledge(
  db: Kysely<Database>,
  processId: string,
  epoch: number,
): Promise<void> {
  await db
    .updateTable('processes')
    .from(withoutDisk)
    .set({ epoch_acknowledged: sql<number>`greatest(epoch_acknowledged, ${epoch}::int8)` })
    .where('process_id', '=', processId)
    .execute();
}

export interface Acknowledgement {
  readonly processId: string;
  readonly component: string;
  readonly host: string;
  readonly pid: number;
  readonly heartbeatAtMs: number;
  readonly epochAcknowledged: number;
}

/** Of every process that is neither ended nor confirmed killed: "frozen" needs them all. */
export async function acknowledgements(db: Kysely<Database>): Promise<readonly Acknowledgement[]> {
  const rows = await db
    .selectFrom('processes')
    .selectAll()
    .where('ended_at', 'is', null)
    .where('killed_at', 'is', null)
    .orderBy('process_id')
    .execute();
  return rows.map((row) => ({
    processId: row.process_id,
    component: row.component,
    host: row.host,
    pid: row.pid,
    heartbeatAtMs: ms(row.heartbeat_at),
    epochAcknowledged: row.epoch_acknowledged,
  }));
}

function freezeColumns(freeze: Freeze) {
  const { freezeId, scope, cause, why, by, action, atMs, liftsWhenResolved } = freeze;
  return {
    freeze_id: freezeId,
    scope_kind: scope.kind,
    scope_key: scope.kind === 'global' ? null : scope.key,
    cause,
    why,
    by,
    action,
    at: at(atMs),
    lifts_when_resolved: liftsWhenResolved ?? null,
  };
}

type FreezeRow = Selectable<Row<(typeof tables)['freezes']>>;

/** A left join without a freeze gives a row of nulls. */
function isFreezeRow(
  row: { readonly [Name in keyof FreezeRow]: FreezeRow[Name] | null },
): row is FreezeRow {
  return row.freeze_id !== null;
}

/** A freeze as it is kept. */
export function freezeFrom(row: FreezeRow): Freeze {
  return {
    freezeId: row.freeze_id,
    scope: scopeFrom(row),
    cause: row.cause,
    why: row.why,
    by: row.by,
    action: row.action,
    atMs: ms(row.at),
    ...(row.lifts_when_resolved !== null && { liftsWhenResolved: row.lifts_when_resolved }),
  };
}

function scopeFrom({ scope_kind: kind, scope_key: key }: FreezeRow): FreezeScope {
  if (kind === 'global') return { kind };
  assert(key !== null, 'a scoped freeze has a key');
  return { kind, key };
}
