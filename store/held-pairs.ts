import { type Kysely, type Selectable, sql } from 'kysely';
import {
  formatAmount,
  type HeldPairBreak,
  type HeldPairStanding,
  type HeldPairState,
  type Instrument,
  type Money,
  money,
  type Quantity,
  quantity,
} from '../domain/index.js';
import type { Row } from './columns.js';
import { at, json, ms } from './sql-values.js';
import type { Database, tables } from './tables.js';

/** A match that pays one dollar per contract at the end; custody watches it until then. */
export interface HeldPair {
  readonly workflowId: string;
  readonly account: string;
  readonly pairId: string;
  readonly yes: Instrument;
  readonly no: Instrument;
  readonly contracts: Quantity;
  readonly heldSinceMs: number;
}

/** A held pair and where it stood when somebody looked last (`reviewHeldPairs`). */
export interface WatchedPair extends HeldPair {
  readonly state: HeldPairState;
  readonly stateSinceMs: number;
  readonly why?: HeldPairBreak;
  /** Contracts of the leg that are still there; all of them before anybody looked. */
  readonly yesHeld: Quantity;
  readonly noHeld: Quantity;
  /** Cash that came in for what has gone. */
  readonly paid: Money;
  /** What lacks of a dollar per contract, once that is known. */
  readonly loss?: Money;
  readonly closedAtMs?: number;
  /** Custody has begun to sell both legs of it. */
  readonly isFlattening: boolean;
}

/** Entered with the trade's result; a second time is the first. */
export async function insertHeldPair(db: Kysely<Database>, held: HeldPair): Promise<void> {
  await db
    .insertInto('held_pairs')
    .values({
      workflow_id: held.workflowId,
      account: held.account,
      pair_id: held.pairId,
      yes_instrument: json(held.yes),
      no_instrument: json(held.no),
      contracts: formatAmount(held.contracts),
      held_since: at(held.heldSinceMs),
    })
    .onConflict((conflict) => conflict.column('workflow_id').doNothing())
    .execute();
}

/** Open ones, oldest first. */
export async function heldPairs(
  db: Kysely<Database>,
  account: string,
): Promise<readonly WatchedPair[]> {
  const rows = await db
    .selectFrom('held_pairs')
    .selectAll()
    .where('account', '=', account)
    .where('closed_at', 'is', null)
    .orderBy('held_since')
    .orderBy('workflow_id')
    .execute();
  return rows.map(watchedPair);
}

/** The one that a trade has left, open or closed. */
export async function heldPairOf(
  db: Kysely<Database>,
  workflowId: string,
): Promise<WatchedPair | undefined> {
  const row = await db
    .selectFrom('held_pairs')
    .selectAll()
    .where('workflow_id', '=', workflowId)
    .executeTakeFirst();
  return row && watchedPair(row);
}

/**
 * Every pair, open or closed, with a leg in a market where this account has open ones; of the open
 * ones only those with a leg in one of `markets`, where they are given.
 */
export async function heldPairsBeside(
  db: Kysely<Database>,
  { account, markets }: { readonly account: string; readonly markets?: readonly string[] },
): Promise<readonly WatchedPair[]> {
  const isAskedFor = markets ? sql`open.markets && ${markets}::text[]` : sql`true`;
  const rows = await db
    .selectFrom('held_pairs as pair')
    .selectAll('pair')
    .where('pair.account', '=', account)
    // Reckoned once, not for each pair: those that are over grow in number for ever.
    .where(sql<boolean>`pair.markets && (
      select array_agg(distinct market) from held_pairs as open, unnest(open.markets) as market
      where open.account = ${account} and open.closed_at is null and ${isAskedFor})`)
    .orderBy('held_since')
    .orderBy('workflow_id')
    .execute();
  return rows.map(watchedPair);
}

/** What was found out about a pair; one that is over is closed and stays as it was closed. */
export async function writeStanding(
  db: Kysely<Database>,
  {
    pair,
    standing,
    held,
    atMs,
  }: {
    readonly pair: WatchedPair;
    readonly standing: HeldPairStanding;
    readonly held: Readonly<Record<'yes' | 'no', Quantity>>;
    readonly atMs: number;
  },
): Promise<void> {
  const { state, why, paid, loss, isOver } = standing;
  const sinceMs = state === pair.state ? pair.stateSinceMs : atMs;
  await db
    .updateTable('held_pairs')
    .set({
      state,
      state_since: at(sinceMs),
      why: why ?? null,
      yes_held: formatAmount(held.yes),
      no_held: formatAmount(held.no),
      paid: formatAmount(paid),
      loss: loss === undefined ? null : formatAmount(loss),
      ...(isOver && { closed_at: at(atMs), closed_how: state }),
    })
    .where('workflow_id', '=', pair.workflowId)
    .where('closed_at', 'is', null)
    .execute();
}

/** Pairs that do not pay what they should and that nobody has been told of. */
export async function unreportedPairs(
  db: Kysely<Database>,
  account: string,
): Promise<readonly WatchedPair[]> {
  const rows = await db
    .selectFrom('held_pairs')
    .selectAll()
    .where('account', '=', account)
    .where('state', '=', 'broken')
    .where('reported_at', 'is', null)
    .execute();
  return rows.map(watchedPair);
}

export async function markReported(
  db: Kysely<Database>,
  workflowId: string,
  atMs: number,
): Promise<void> {
  await db
    .updateTable('held_pairs')
    .set({ reported_at: at(atMs) })
    .where('workflow_id', '=', workflowId)
    .execute();
}

/** A held pair as it is kept. */
export function watchedPair(row: Selectable<Row<(typeof tables)['held_pairs']>>): WatchedPair {
  return {
    workflowId: row.workflow_id,
    account: row.account,
    pairId: row.pair_id,
    yes: row.yes_instrument,
    no: row.no_instrument,
    contracts: quantity(row.contracts),
    heldSinceMs: ms(row.held_since),
    state: row.state,
    stateSinceMs: ms(row.state_since ?? row.held_since),
    ...(row.why !== null && { why: row.why }),
    yesHeld: quantity(row.yes_held ?? row.contracts),
    noHeld: quantity(row.no_held ?? row.contracts),
    paid: money(row.paid),
    isFlattening: row.flatten_epoch > 0,
    ...(row.loss !== null && { loss: money(row.loss) }),
    ...(row.closed_at !== null && { closedAtMs: ms(row.closed_at) }),
  };
}
