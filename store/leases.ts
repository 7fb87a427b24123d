import { type Kysely, sql } from 'kysely';
import {
  contractsLeft,
  formatAmount,
  fromWire,
  leaseLeft,
  least,
  type Money,
  money,
  type Pair,
  type Quantity,
  quantity,
  type Reservation,
  type ReservedLeg,
  toWire,
  type VenuePages,
  type Wire,
  ZERO_MONEY,
} from '../domain/index.js';
import { type GrantedLease, grantedLease } from './lease-reads.js';
import { json, lockNames, pairLock } from './sql-values.js';
import type { Database } from './tables.js';
import type { Transaction } from './transaction.js';

/** A part of an account's limits for whoever owns the pair, reviewed like a reservation. */
export interface LeaseGrant {
  readonly leaseId: string;
  readonly account: string;
  readonly pairId: string;
  /** As it is approved: what is fired of it is adopted by that. Absent: by the pair file alone. */
  readonly pair?: Pair;
  /** What may be lost in all, worst case: the engine's budget. */
  readonly exposure: Money;
  readonly legs: readonly ReservedLeg[];
  /** The most that one shot buys; where less is left of any leg, nothing is lent any more. */
  readonly contractsMax?: Quantity;
  /** Until it has to be renewed; the holder's heartbeat does so in the second half. */
  readonly termMs: number;
  /** Nobody renews it beyond this, from now. */
  readonly lastsMs: number;
}

export type LeaseGranted =
  | { readonly kind: 'granted'; readonly host: string; readonly epoch: number }
  | {
      readonly kind: 'refused';
      readonly refusal:
        | 'PAIR_UNOWNED'
        | 'OWNER_GONE'
        | 'LEASE_OPEN'
        | 'LEASE_CLOSED'
        | 'LEASE_RECALLED';
    };

/** What shows that nothing of a lease can be spent unseen; `engine_close_lease` says what each has to hold. */
export type LeaseEvidence =
  | (JournalRead & { readonly kind: 'disarmed'; readonly process: string })
  | (JournalRead & { readonly kind: 'journal_read'; readonly isWhole: boolean })
  | VenuePages;

interface JournalRead {
  /** The folder's identity, as it was registered. */
  readonly journal: string;
  readonly epoch: number;
  /** Slots of the pair that nobody has acknowledged. */
  readonly unacknowledged: readonly { readonly thread: number; readonly sequence: number }[];
}

/**
 * Lends to the start of an engine that owns the pair. Call it inside `withAccountLocked`, after the
 * rules have passed what `readAccountState` says, which also holds the pair against `recallLease`: from
 * then on every admission counts it in full. Granted again by the same id it stays as it is.
 */
export async function grantLease(tx: Transaction, grant: LeaseGrant): Promise<LeaseGranted> {
  const [owner, before] = [await ownerOf(tx, grant), await leaseBefore(tx, grant)];
  if (before?.lease_id === grant.leaseId) {
    if (before.closed_at) return refused('LEASE_CLOSED');
    return { kind: 'granted', host: before.host, epoch: before.epoch };
  }
  if (await isRecalled(tx, grant.leaseId)) return refused('LEASE_RECALLED');
  if (before?.closed_at === null) return refused('LEASE_OPEN');
  if (!owner) return refused('PAIR_UNOWNED');
  if (!owner.is_there) return refused('OWNER_GONE');
  const epoch = (before?.epoch ?? 0) + 1;
  const { leaseId, account, pairId, pair, exposure, legs, contractsMax, termMs, lastsMs } = grant;
  const after = (ms: number) => sql<Date>`now_is + ${ms} * interval '1 millisecond'`;
  await sql`
    insert into leases (lease_id, account, pair_id, process_id, first_epoch, epoch, exposure, legs,
      contracts_max, pair, term_ms, granted_at, expires_at, ends_at)
    select ${leaseId}, ${account}, ${pairId}, ${owner.process_id}, ${epoch}, ${epoch},
      ${formatAmount(exposure)}, ${json(toWire(legs))}::jsonb,
      ${contractsMax === undefined ? null : formatAmount(contractsMax)}::amount,
      ${pair === undefined ? null : json(toWire(pair))}::jsonb, ${termMs}, now_is,
      ${after(Math.min(termMs, lastsMs))}, ${after(lastsMs)}
    from clock_timestamp() as now_is`.execute(tx);
  await sql`select engine_wake()`.execute(tx); // its holder hears of it with this commit
  return { kind: 'granted', host: owner.host, epoch };
}

/** Everything that an account has lent, as reservations of their leases. */
export async function openLeases(
  db: Kysely<Database>,
  account: string,
): Promise<readonly Reservation[]> {
  const rows = await db
    .selectFrom('leases')
    .select(['lease_id', 'pair_id', 'exposure', 'legs'])
    .where('account', '=', account)
    .where('closed_at', 'is', null)
    .orderBy('lease_id')
    .execute();
  return rows.map(({ lease_id: workflowId, pair_id: pairId, exposure, legs }) => ({
    ...{ workflowId, account, pairId, exposure: money(exposure) },
    legs: fromWire<readonly ReservedLeg[]>(legs),
  }));
}

/**
 * Whether something was lent under a name. If not, nothing ever will be: a grant that is on its way is
 * waited for or refused.
 */
export async function recallLease(
  db: Kysely<Database>,
  { leaseId, pairId }: { readonly leaseId: string; readonly pairId: string },
): Promise<GrantedLease | undefined> {
  return db.transaction().execute(async (tx) => {
    await lockNames([pairLock(pairId)]).execute(tx);
    const granted = await grantedLease(tx, leaseId);
    if (granted) return granted;
    await tx
      .insertInto('recalled_leases')
      .values({ lease_id: leaseId, recalled_at: sql<Date>`clock_timestamp()` })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return undefined;
  });
}

async function isRecalled(tx: Transaction, leaseId: string): Promise<boolean> {
  const recalled = tx.selectFrom('recalled_leases').select('lease_id');
  return (await recalled.where('lease_id', '=', leaseId).executeTakeFirst()) !== undefined;
}

/** Ends a lease with its present term: its holder renews it no more. It counts until it is closed. */
export async function stopLease(db: Kysely<Database>, leaseId: string): Promise<void> {
  await db
    .updateTable('leases')
    .set({ ends_at: sql<Date>`expires_at` })
    .where('lease_id', '=', leaseId)
    .where('closed_at', 'is', null)
    .execute();
}

/** Gives back what is left of a lease, on that evidence; else why not, by name. Audited. */
export async function closeLease(
  db: Kysely<Database>,
  closing: {
    readonly leaseId: string;
    readonly evidence: LeaseEvidence;
    readonly by: string;
    readonly why: string;
  },
): Promise<string | undefined> {
  const { leaseId, evidence, by, why } = closing;
  const { rows } = await sql<{ readonly refusal: string | null }>`
    select engine_close_lease(${leaseId}, ${json(evidence)}::jsonb, ${by}, ${why}) as refusal`.execute(
    db,
  );
  return rows[0]?.refusal ?? undefined;
}

/** A shot that was taken out of a lease, and what it is as a reservation. */
export interface Draw {
  readonly host: string;
  readonly engineEpoch: number;
  readonly leaseEpoch: number;
  readonly worst: Money;
  readonly reservation: Reservation;
}

/** What was moved out of which lease, and the lease's epoch since. */
export interface Drawn {
  readonly leaseId: string;
  readonly moved: Money;
  readonly epoch: number;
}

/**
 * Takes out of a lease what has become a reservation, never more than is left of it. Where the legs
 * have no other shot of the largest size left, the rest of the exposure goes back: a start fires the
 * pair again only when it has these terms. `undefined`: the lease is closed, or was never there; what
 * was fired is reserved all the same.
 */
export async function drawFromLease(tx: Transaction, draw: Draw): Promise<Drawn | undefined> {
  const { worst, reservation } = draw;
  const { rows } = await sql<{
    readonly lease_id: string;
    readonly exposure: string;
    readonly legs: Wire<readonly ReservedLeg[]>;
    readonly contracts_max: string | null;
  }>`
    select lease_id, lease.exposure, lease.legs, lease.contracts_max
    from leases as lease join engines using (process_id) join processes using (process_id)
    where lease.pair_id = ${reservation.pairId} and lease.closed_at is null
      and ${draw.leaseEpoch} between lease.first_epoch and lease.epoch
      and engines.epoch = ${draw.engineEpoch} and processes.host = ${draw.host}
    for no key update of lease`.execute(tx);
  const [lease] = rows;
  if (!lease) return undefined;
  const lent = {
    exposure: money(lease.exposure),
    legs: fromWire<readonly ReservedLeg[]>(lease.legs),
  };
  const moved = least(lent.exposure, worst);
  const left = leaseLeft(lent, reservation, moved);
  const isSpent = contractsLeft(left) < quantity(lease.contracts_max ?? '0');
  const updated = await tx
    .updateTable('leases')
    .set({
      exposure: formatAmount(isSpent ? ZERO_MONEY : left.exposure),
      legs: json(toWire(left.legs)),
      epoch: sql<number>`epoch + 1`,
    })
    .where('lease_id', '=', lease.lease_id)
    .returning('epoch')
    .executeTakeFirstOrThrow();
  return { leaseId: lease.lease_id, moved, epoch: updated.epoch };
}

const refused = (refusal: Extract<LeaseGranted, { kind: 'refused' }>['refusal']): LeaseGranted => ({
  kind: 'refused',
  refusal,
});

/** Whoever owns the pair keeps it until the grant is committed. */
async function ownerOf(tx: Transaction, { pairId, account }: LeaseGrant) {
  const { rows } = await sql<{
    readonly process_id: string;
    readonly host: string;
    readonly is_there: boolean;
  }>`
    select process_id, process.host, process.ended_at is null and process.killed_at is null
      and not exists (
        select from engine_lost(process_id) as lost
        where substring(lost.venue_account from '/(.*)$') = ${account}) as is_there
    from owners as owned
    join engines on engines.process_id = owned.holder
    join processes as process using (process_id)
    where owned.kind = 'pair' and owned.key = ${pairId}
    for share of owned`.execute(tx);
  return rows[0];
}

/** The one of this id, else the pair's latest. */
async function leaseBefore(tx: Transaction, { leaseId, pairId }: LeaseGrant) {
  const { rows } = await sql<{
    readonly lease_id: string;
    readonly host: string;
    readonly epoch: number;
    readonly closed_at: Date | null;
  }>`
    select lease_id, process.host, lease.epoch, lease.closed_at
    from leases as lease join processes as process using (process_id)
    where lease.lease_id = ${leaseId} or lease.pair_id = ${pairId}
    order by lease.lease_id = ${leaseId} desc, lease.first_epoch desc
    limit 1`.execute(tx);
  return rows[0];
}
