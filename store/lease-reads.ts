import { type Kysely, sql } from 'kysely';
import {
  assert,
  contractsLeft,
  fromWire,
  type LeaseSeen,
  money,
  quantity,
  type ReservedLeg,
  type Wire,
} from '../domain/index.js';
import type { Database } from './tables.js';

/** A lease that was granted, to whom, and what has become of it. */
export interface GrantedLease {
  readonly leaseId: string;
  readonly host: string;
  readonly process: string;
  readonly engineEpoch: number;
  readonly isClosed: boolean;
  /** As granted; absent: exposure alone bounds its shots. */
  readonly contractsMax?: ReservedLeg['contracts'];
  readonly seen: LeaseSeen;
}

/** Everything about one lease, of one moment; `undefined` where none has that name. */
export async function grantedLease(
  db: Kysely<Database>,
  leaseId: string,
): Promise<GrantedLease | undefined> {
  const { rows } = await sql<LeaseRow>`
    select process.host, lease.process_id, engines.epoch, lease.exposure, lease.legs,
      lease.contracts_max, lease.closed_at is not null as is_closed,
      process.ended_at is null and process.killed_at is null and not exists (
        select from engines as later join processes as of_later using (process_id)
        where of_later.host = process.host and later.epoch > engines.epoch) as is_there,
      coalesce(owned.holder = lease.process_id, false) and not exists (
        select from engine_lost(lease.process_id) as lost
        where substring(lost.venue_account from '/(.*)$') = lease.account) as is_owner,
      (select count(*) from engine_shots as shot
        where shot.lease_id = lease.lease_id)::integer as adopted,
      (select count(*) from engine_shots as shot
        where shot.epoch = engines.epoch and shot.pair_id = lease.pair_id
          and shot.adopted_at is null and shot.refused is null and shot.barred is null
          and shot.lease_epoch between lease.first_epoch and lease.epoch)::integer as unadopted
    from leases as lease
    join engines using (process_id)
    join processes as process using (process_id)
    left join owners as owned on owned.kind = 'pair' and owned.key = lease.pair_id
    where lease.lease_id = ${leaseId}`.execute(db);
  const [row] = rows;
  return row && leaseFrom(leaseId, row);
}

/** The same of a lease that was granted: what is lent is never deleted. */
export async function seenOfLease(db: Kysely<Database>, leaseId: string): Promise<LeaseSeen> {
  const granted = await grantedLease(db, leaseId);
  assert(granted !== undefined, `lease ${leaseId} was granted`);
  return granted.seen;
}

interface LeaseRow {
  readonly host: string;
  readonly process_id: string;
  readonly epoch: number;
  readonly exposure: string;
  readonly legs: Wire<readonly ReservedLeg[]>;
  readonly contracts_max: string | null;
  readonly is_closed: boolean;
  readonly is_there: boolean;
  readonly is_owner: boolean;
  readonly adopted: number;
  readonly unadopted: number;
}

function leaseFrom(leaseId: string, row: LeaseRow): GrantedLease {
  const legs = fromWire<readonly ReservedLeg[]>(row.legs);
  const { contracts_max: most } = row;
  return {
    ...{ leaseId, host: row.host, process: row.process_id, engineEpoch: row.epoch },
    ...{ isClosed: row.is_closed, ...(most !== null && { contractsMax: quantity(most) }) },
    seen: {
      left: { exposure: money(row.exposure), contracts: contractsLeft({ legs }) },
      ...{ shots: row.adopted + row.unadopted, unadopted: row.unadopted },
      ...{ isHolderThere: row.is_there, isHolderOwner: row.is_owner },
    },
  };
}
