-- Up Migration

-- What a venue said moved a position or cash, each counted once. `source` is the venue's order id
-- or, for a settlement, the venue's reference; a settlement's execution is its market and outcome.
create table venue_entries (
  venue venue_name not null,
  account text not null,
  source text not null,
  execution_id text not null,
  kind text not null check (kind in ('fill', 'reversal', 'settlement')),
  seq bigint generated always as identity unique,
  market text not null,
  outcome outcome_name not null,
  side order_side not null,
  quantity amount not null check (quantity >= 0),
  price amount not null,
  fee amount not null,
  cash amount not null,
  finality text not null check (finality in ('provisional', 'final')),
  at timestamptz not null,
  client_order_id text references orders,
  workflow_id text,
  pair_id text,
  booked_at timestamptz not null default now(),
  -- What the position of (market, outcome) moves by. A reversal undoes its fill.
  moved amount not null generated always as (
    case when (side = 'buy') = (kind <> 'reversal') then quantity else -quantity end
  ) stored,
  primary key (venue, account, source, execution_id, kind)
);
create index venue_entries_of_workflow on venue_entries (workflow_id, seq);
create index venue_entries_of_order on venue_entries (client_order_id);
create index venue_entries_without_order on venue_entries (venue, account, source)
  where client_order_id is null and kind <> 'settlement';
create index venue_entries_by_time on venue_entries (account, at);

-- Amounts never change. A provisional fill may become final, and an entry may find its order.
create function keep_entry() returns trigger language plpgsql as $$
begin
  if (old.venue, old.account, old.source, old.execution_id, old.kind, old.market, old.outcome,
      old.side, old.quantity, old.price, old.fee, old.cash, old.at)
    is distinct from
    (new.venue, new.account, new.source, new.execution_id, new.kind, new.market, new.outcome,
      new.side, new.quantity, new.price, new.fee, new.cash, new.at)
    or (old.finality = 'final' and new.finality <> 'final')
    or (old.client_order_id is not null and old.client_order_id is distinct from new.client_order_id)
    or (old.workflow_id is not null and old.workflow_id is distinct from new.workflow_id)
  then
    raise exception 'venue_entries is append-only: a booked entry is never rewritten';
  end if;
  return new;
end $$;
create trigger entry_is_kept before update on venue_entries
  for each row execute function keep_entry();
create trigger entry_is_never_deleted before delete on venue_entries
  for each row execute function refuse_change();

-- The sums of the entries, kept beside them in the same transaction so that an admission need not
-- add up years of fills. Nothing else writes here.
create table entry_sums (
  account text not null,
  venue venue_name not null,
  market text not null,
  outcome outcome_name not null,
  quantity numeric not null,
  cash numeric not null,
  primary key (account, venue, market, outcome)
);

create function sum_entry() returns trigger language plpgsql as $$
begin
  insert into entry_sums as sums (account, venue, market, outcome, quantity, cash)
  values (new.account, new.venue, new.market, new.outcome, new.moved, new.cash)
  on conflict (account, venue, market, outcome) do update
    set quantity = sums.quantity + excluded.quantity, cash = sums.cash + excluded.cash;
  return null;
end $$;
create trigger entry_is_summed after insert on venue_entries
  for each row execute function sum_entry();

-- Up to when (venue clock) the booker of an account has read its venue's pages.
create table booker_cursors (
  venue venue_name not null,
  account text not null,
  booked_until timestamptz not null,
  primary key (venue, account)
);
