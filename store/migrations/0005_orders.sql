-- Up Migration

-- A row exists before the first byte leaves. `purpose` is 'entry/yes' or 'exit/{leg}/{rung}'. A
-- forbidden row is a tombstone: nothing of that name was sent and, because the name is taken,
-- nothing can be sent any more, not by a process that was thought dead either.
create table orders (
  client_order_id text primary key,
  workflow_id text not null,
  mode trading_mode not null references deployment (mode),
  is_forbidden boolean not null,
  status text not null,
  recorded_at timestamptz not null,
  purpose text check (purpose ~ '^[a-z0-9/-]{1,64}$'),
  attempt integer check (attempt >= 0),
  account text,
  venue venue_name,
  market text,
  outcome outcome_name,
  side order_side,
  child_order jsonb,
  body text,
  venue_order_id text,
  cumulative_quantity amount,
  unique (workflow_id, purpose, attempt),
  check (
    case when is_forbidden
      then num_nonnulls(
        purpose, attempt, account, venue, market, outcome, side, child_order, body, venue_order_id
      ) = 0
      else num_nulls(
        purpose, attempt, account, venue, market, outcome, side, child_order, body
      ) = 0
    end
  )
);
create unique index orders_by_venue_id on orders (venue, account, venue_order_id)
  where venue_order_id is not null;
create index orders_open on orders (account)
  where status in ('planned', 'submitted', 'unknown', 'working', 'pendingCancel');
create index orders_recorded on orders (recorded_at desc);

create function keep_order() returns trigger language plpgsql as $$
begin
  if old.is_forbidden then
    raise exception 'order % was never sent: its tombstone stays', old.client_order_id;
  end if;
  if (old.client_order_id, old.workflow_id, old.purpose, old.attempt, old.account, old.mode,
      old.is_forbidden, old.child_order, old.body)
    is distinct from
    (new.client_order_id, new.workflow_id, new.purpose, new.attempt, new.account, new.mode,
      new.is_forbidden, new.child_order, new.body)
    or (old.venue_order_id is not null and old.venue_order_id is distinct from new.venue_order_id)
  then
    raise exception 'order %: what was recorded before the send stays', old.client_order_id;
  end if;
  return new;
end $$;
create trigger order_is_kept before update on orders
  for each row execute function keep_order();
create trigger order_is_never_deleted before delete on orders
  for each row execute function refuse_change();

create table order_events (
  seq bigint generated always as identity primary key,
  client_order_id text not null references orders,
  at timestamptz not null,
  event text not null,
  status text not null,
  detail jsonb not null
);
create index order_events_of_order on order_events (client_order_id, seq);
create trigger order_events_are_append_only before update or delete on order_events
  for each row execute function refuse_change();
