-- Up Migration

-- YES and NO become a dollar (merge) or come from one (split) without any order of ours.
alter table venue_entries drop constraint venue_entries_kind_check;
alter table venue_entries add constraint venue_entries_kind_check
  check (kind in ('fill', 'reversal', 'settlement', 'merge', 'split'));
drop index venue_entries_without_order;
create index venue_entries_without_order on venue_entries (venue, account, source)
  where client_order_id is null and kind in ('fill', 'reversal');
drop index venue_entries_settled;
-- What takes contracts away without a trade that owns them: asked for every held pair.
create index venue_entries_taking on venue_entries (account, venue, market)
  where kind in ('settlement', 'merge') or side = 'sell';

-- What a resolved market is said to pay before (or without) a payment of ours: one YES of it.
create table market_payouts (
  venue venue_name not null,
  market text not null,
  yes_pays amount not null check (yes_pays between 0 and 1),
  seen_at timestamptz not null,
  primary key (venue, market)
);

-- Where a held pair stands, and what became of its dollars (domain/held-pairs.ts).
alter table held_pairs drop constraint held_pairs_closed_how_check;
update held_pairs set closed_how = 'paid' where closed_how = 'resolved';
alter table held_pairs add constraint held_pairs_closed_how_check
  check (closed_how in ('paid', 'voided', 'merged', 'sold', 'broken'));
alter table held_pairs
  add column state text not null default 'waiting',
  add column state_since timestamptz,
  add column why text,
  -- Contracts of either leg that are still there; null until it was looked at first.
  add column yes_held amount,
  add column no_held amount,
  -- Cash that came in for what has gone, and what it lacks of a dollar a contract (null: not known).
  add column paid amount not null default 0,
  add column loss amount,
  -- When a pair that does not pay what it should was made a break.
  add column reported_at timestamptz;
create index held_pairs_of_account on held_pairs (account, held_since);
create index held_pairs_unreported on held_pairs (account)
  where state = 'broken' and reported_at is null;

-- Kalshi's own kill for the entries of a pair: created ahead, named in every entry's body.
create table order_groups (
  venue venue_name not null,
  account text not null,
  pair_id text not null,
  group_id text not null,
  contracts_limit amount not null check (contracts_limit > 0),
  state text not null check (state in ('active', 'triggered')),
  created_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (venue, account, pair_id),
  unique (venue, account, group_id)
);
