-- Up Migration

-- The most that one shot of a lease buys: where less than that is left of a leg, no exposure is lent
-- any more, so that the contracts that were granted are never passed. Null: exposure alone bounds it.
alter table leases add column contracts_max amount check (contracts_max > 0);

create index engine_shots_of_lease on engine_shots (lease_id) where lease_id is not null;
