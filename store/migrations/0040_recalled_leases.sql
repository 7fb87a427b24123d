-- Up Migration

-- Whoever has asked for one of these names waits for it no more: nothing is lent under it. A grant
-- that began before may still come, by a worker that stood still.
create table recalled_leases (
  lease_id text primary key,
  recalled_at timestamptz not null
);
