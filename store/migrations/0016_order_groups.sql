-- Up Migration

-- Nothing was ever kept in the one that was planned before.
drop table order_groups;

-- The group at Kalshi that the entries of a pair are put in; created ahead, so that no admission
-- waits for a venue. Exits stay outside it.
create table order_groups (
  account text not null,
  pair_id text not null,
  group_id text not null unique,
  created_at timestamptz not null,
  trigger text not null default 'none' check (trigger in ('none', 'decided', 'confirmed')),
  trigger_since timestamptz,
  -- Of the pair's hold: what was traded under it counts no more at the venue.
  reset_generation bigint not null,
  primary key (account, pair_id)
);
