import { type Kysely, type RawBuilder, sql } from 'kysely';
import {
  type ArbitrageIntent,
  type ChildOrder,
  fromWire,
  type Pair,
  quantity,
  type Refusal,
  type SendOutcome,
  type ShotName,
  type VenueName,
  type Wire,
} from '../domain/index.js';
import type { Database } from './tables.js';

/** A shot that an engine has fired, as its journal tells it. */
export interface FiredShot {
  readonly workflowId: string;
  readonly pairId: string;
  readonly account: string;
  /** What it was fired for; absent: a trade that had its reservation has asked for it. */
  readonly intent?: Wire<ArbitrageIntent>;
  /** Why nothing of it has left, by the engine's name for it. */
  readonly refused?: string;
  /** Why no trade will ever have it. */
  readonly barred?: string;
  readonly isAdopted: boolean;
  /** How long Postgres has known of it. */
  readonly toldMsAgo: number;
  /** YES, then NO, as they were sent; fewer where an order's name was another trade's before. */
  readonly orders: readonly ChildOrder[];
}

/** `undefined`: its engine has not told Postgres of it yet. */
export async function firedShot(
  db: Kysely<Database>,
  name: ShotName,
): Promise<FiredShot | undefined> {
  const row = await db
    .selectFrom('engine_shots as shot')
    .select(['workflow_id', 'pair_id', 'account', 'intent', 'refused', 'barred', 'adopted_at'])
    .select(
      sql<number>`round(1000 * extract(epoch from clock_timestamp() - told_at))::float8`.as(
        'told_ms_ago',
      ),
    )
    .where(isShot(name))
    .executeTakeFirst();
  if (!row) return undefined;
  return {
    workflowId: row.workflow_id,
    pairId: row.pair_id,
    account: row.account,
    ...(row.intent && { intent: row.intent }),
    ...(row.refused !== null && { refused: row.refused }),
    ...(row.barred !== null && { barred: row.barred }),
    isAdopted: row.adopted_at !== null,
    toldMsAgo: row.told_ms_ago,
    orders: await ordersOfShot(db, name),
  };
}

async function ordersOfShot(db: Kysely<Database>, name: ShotName): Promise<readonly ChildOrder[]> {
  const { rows } = await sql<{ readonly child_order: Wire<ChildOrder> }>`
    select orders.child_order
    from engine_shots as shot
    join engine_legs as leg using (host, epoch, thread, sequence)
    join orders using (client_order_id)
    where ${isShot(name)} and not leg.is_second
      and orders.workflow_id = shot.workflow_id and not orders.is_forbidden
    order by leg.leg desc`.execute(db);
  return rows.map((row) => fromWire<ChildOrder>(row.child_order));
}

/** The pair as the lease was granted for that it was fired from; absent where no lease tells of one. */
export async function lentPair(db: Kysely<Database>, name: ShotName): Promise<Pair | undefined> {
  const row = await db
    .selectFrom('engine_shots as shot')
    .innerJoin('leases as lease', 'lease.pair_id', 'shot.pair_id')
    .innerJoin('engines', 'engines.process_id', 'lease.process_id')
    .select('lease.pair')
    .where(isShot(name))
    .where('engines.epoch', '=', name.epoch)
    .where(sql<boolean>`shot.lease_epoch between lease.first_epoch and lease.epoch`)
    .executeTakeFirst();
  return row?.pair ? fromWire<Pair>(row.pair) : undefined;
}

/** What is known of a leg that was fired. */
export interface LegHeard {
  readonly clientOrderId: string;
  readonly venue: VenueName;
  /** Absent: its answer has not been told. */
  readonly outcome?: SendOutcome;
}

/** YES, then NO. */
export async function legsHeard(
  db: Kysely<Database>,
  name: ShotName,
): Promise<readonly LegHeard[]> {
  const rows = await db
    .selectFrom('engine_legs as shot')
    .select(['client_order_id', 'venue', 'written', 'answer', 'answer_detail'])
    .where(isShot(name))
    .orderBy('leg', 'desc')
    .execute();
  return rows.map(({ client_order_id: clientOrderId, venue, ...told }) => {
    const outcome = outcomeOf(told);
    return { clientOrderId, venue, ...(outcome && { outcome }) };
  });
}

/** As `engine_project` keeps it. */
interface AnswerDetail {
  readonly venueOrderId?: string;
  readonly state?: 'working' | 'filled' | 'canceled';
  readonly cumulativeQuantity?: string;
  readonly refusal?: Refusal;
  readonly code?: string;
}

interface ToldOfLeg {
  readonly written: 'whole' | 'part' | 'nothing' | null;
  readonly answer: 'no' | 'yes' | 'unknown' | null;
  readonly answer_detail: unknown;
}

function outcomeOf({ written, answer, answer_detail: told }: ToldOfLeg): SendOutcome | undefined {
  if (written === 'nothing') {
    const reason = 'its connection has taken nothing of it';
    return { kind: 'notSent', code: 'NO_WIRE', reason };
  }
  if (answer === null) return undefined;
  const detail = (told ?? {}) as AnswerDetail; // the engine's own words, checked where it reads them
  const { venueOrderId, state, cumulativeQuantity, refusal, code = 'NO_ANSWER' } = detail;
  if (answer === 'no' && refusal !== undefined) {
    return { kind: 'refused', refusal, code, reason: `the venue has refused it: ${code}` };
  }
  if (answer === 'yes' && venueOrderId && state && cumulativeQuantity !== undefined) {
    const filled = quantity(cumulativeQuantity);
    return { kind: 'accepted', venueOrderId, state, cumulativeQuantity: filled };
  }
  const reason = 'what the venue has said, or has not, proves nothing';
  return { kind: 'unknown', code: answer === 'unknown' ? code : 'ANSWER_INCOMPLETE', reason };
}

/** Of `engine_shots` or `engine_legs`, whichever goes by the name `shot`. */
export function isShot({ host, epoch, thread, sequence }: ShotName): RawBuilder<boolean> {
  return sql<boolean>`(shot.host, shot.epoch, shot.thread, shot.sequence)
    = (${host}, ${epoch}::int8, ${thread}::int4, ${sequence}::int8)`;
}
