-- Up Migration

create table accounts (
  account text primary key,
  opened_at timestamptz not null
);

-- Every version is kept; the highest one counts.
create table account_limits (
  account text not null references accounts,
  version integer not null check (version >= 1),
  position_max amount not null,
  positions_max_count integer not null,
  exposure_max amount not null,
  executions_per_minute_max integer not null,
  contracts_per_pair_max amount not null,
  errors_in_a_row_max integer not null,
  loss_per_day_max amount not null,
  by text not null,
  why text not null,
  at timestamptz not null,
  primary key (account, version)
);
create trigger account_limits_are_append_only before update or delete on account_limits
  for each row execute function refuse_change();

-- Cash that can be spent, as the venue said last.
create table balances (
  account text not null,
  venue venue_name not null,
  balance amount not null,
  at timestamptz not null,
  primary key (account, venue)
);

-- An operator's word that a breaker may close; what happened before it no longer counts.
create table breaker_resets (
  seq bigint generated always as identity primary key,
  account text not null,
  breaker text not null check (breaker in ('errors', 'loss')),
  -- null: the account's total.
  pair_id text,
  by text not null,
  why text not null,
  at timestamptz not null
);
create index breaker_resets_of_account on breaker_resets (account, breaker, at);
create trigger breaker_resets_are_append_only before update or delete on breaker_resets
  for each row execute function refuse_change();
