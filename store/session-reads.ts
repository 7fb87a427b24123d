import type { Kysely } from 'kysely';
import { type ChildOrderStatus, formatAmount, instrumentKey } from '../domain/index.js';
import { openCases } from './custody-cases.js';
import { type StoredIntent, storedIntent } from './intents.js';
import { needlessFreezes } from './needless-freezes.js';
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

/** Every trade that was ever asked for, oldest first; one whose match was flattened as it ended then. */
export async function allTrades(db: Kysely<Database>): Promise<readonly StoredIntent[]> {
  const rows = await db
    .selectFrom('intents')
    .leftJoin('held_pairs', 'held_pairs.workflow_id', 'intents.workflow_id')
    .selectAll('intents')
    .select('flattened')
    .orderBy('received_at')
    .orderBy('intent_id')
    .execute();
  return rows.map(({ flattened, ...row }) =>
    storedIntent({ ...row, result: flattened ?? row.result }),
  );
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

/** What trades may leave behind only while they live, and what was found wrong meanwhile. */
export interface LeftBehind {
  readonly reservations: number;
  /** Holds without an end: of something that is not resolved. */
  readonly holds: number;
  /** Of every break that was ever opened, by kind; closed ones too. */
  readonly breaks: Readonly<Record<string, number>>;
  /** Positions that custody looks after, each with its contracts: sold or paid later. */
  readonly inCustody: Readonly<Record<string, string>>;
  /** Freezes in force, by cause. */
  readonly freezes: Readonly<Record<string, number>>;
  /** Of those the ones whose reason is over, by id: nobody lifts them any more. */
  readonly needlessFreezes: readonly string[];
}

export async function leftBehind(db: Kysely<Database>): Promise<LeftBehind> {
  const [reservations, holds, breaks, freezes, cases, needless] = await Promise.all([
    db.selectFrom('reservations').select('workflow_id').where('released_at', 'is', null).execute(),
    db.selectFrom('pair_holds').select('pair_id').where('until', 'is', null).execute(),
    db
      .selectFrom('breaks')
      .select(({ fn }) => ['kind as word', fn.countAll<number>().as('count')])
      .groupBy('kind')
      .orderBy('kind')
      .execute(),
    db
      .selectFrom('freezes')
      .select(({ fn }) => ['cause as word', fn.countAll<number>().as('count')])
      .where('lifted_at', 'is', null)
      .groupBy('cause')
      .orderBy('cause')
      .execute(),
    openCases(db),
    needlessFreezes(db),
  ]);
  const inCustody = cases.flatMap(({ isTaken, found }) =>
    isTaken && found.kind === 'position'
      ? [[instrumentKey(found.instrument), formatAmount(found.quantity)] as const]
      : [],
  );
  return {
    ...{ reservations: reservations.length, holds: holds.length },
    ...{ breaks: counts(breaks), freezes: counts(freezes) },
    ...{ inCustody: Object.fromEntries(inCustody), needlessFreezes: needless },
  };
}

function counts(
  rows: readonly { readonly word: string; readonly count: number }[],
): Readonly<Record<string, number>> {
  return Object.fromEntries(rows.map(({ word, count }) => [word, count]));
}
