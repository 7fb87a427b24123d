-- Up Migration

-- A match that an operator wants out of after its trade has closed: custody sells both legs.
alter table held_pairs
  -- The freeze that was last acted upon, by its epoch: each is one try.
  add column flatten_epoch bigint not null default 0,
  -- What the trade's rows add up to once that try has ended; its result stays as it was recorded.
  add column flattened jsonb;
