-- Up Migration

-- Unique for ever: the same id with other content is refused long after its history is gone.
create table intents (
  intent_id text primary key check (intent_id ~ '^[A-Za-z0-9._-]{1,64}$'),
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  workflow_id text not null unique,
  mode trading_mode not null references deployment (mode),
  account text not null,
  pair_id text not null,
  strategy text not null,
  intent jsonb not null,
  received_at timestamptz not null,
  admission jsonb,
  admitted_at timestamptz,
  result jsonb,
  -- Both null for a trade that fired nothing: it neither adds to a row of errors nor ends one.
  is_error boolean,
  realised amount,
  closed_at timestamptz,
  check ((result is null) = (closed_at is null))
);
create index intents_open on intents (workflow_id) where closed_at is null;
create index intents_received on intents (received_at desc);
create index intents_counted on intents (account, closed_at desc) where is_error is not null;
create index intents_counted_of_pair on intents (account, pair_id, closed_at desc)
  where is_error is not null;

create function keep_intent() returns trigger language plpgsql as $$
begin
  if (old.intent_id, old.digest, old.workflow_id, old.mode, old.intent)
      is distinct from (new.intent_id, new.digest, new.workflow_id, new.mode, new.intent)
    or (old.admission is not null and old.admission is distinct from new.admission)
    or (old.result is not null and old.result is distinct from new.result)
  then
    raise exception 'intent %: what was asked, decided and closed stays', old.intent_id;
  end if;
  return new;
end $$;
create trigger intent_is_kept before update on intents
  for each row execute function keep_intent();
create trigger intent_is_never_deleted before delete on intents
  for each row execute function refuse_change();

-- The worst case of everything of a trade that is not certain; open until the trade is closed.
create table reservations (
  workflow_id text primary key references intents (workflow_id),
  account text not null references accounts,
  pair_id text not null,
  exposure amount not null,
  legs jsonb not null,
  opened_at timestamptz not null,
  released_at timestamptz
);
create index reservations_open on reservations (account) where released_at is null;
create index reservations_by_time on reservations (account, opened_at);

-- At most one trade in flight per pair. `until` is null while anything is unresolved.
create table pair_holds (
  pair_id text primary key,
  holder text not null,
  generation bigint not null,
  taken_at timestamptz not null,
  until timestamptz
);

-- A match pays a dollar at the end; until it is resolved, sold or merged somebody watches it.
create table held_pairs (
  workflow_id text primary key references intents (workflow_id),
  account text not null,
  pair_id text not null,
  yes_instrument jsonb not null,
  no_instrument jsonb not null,
  contracts amount not null check (contracts > 0),
  held_since timestamptz not null,
  closed_at timestamptz,
  closed_how text check (closed_how in ('resolved', 'sold', 'merged')),
  check ((closed_at is null) = (closed_how is null))
);
create index held_pairs_open on held_pairs (account) where closed_at is null;

-- What Temporal Web tells of a trade, for when no worker runs. Telling a line twice is one line.
create table story (
  seq bigint generated always as identity,
  workflow_id text not null,
  at timestamptz not null,
  event text not null,
  text text not null,
  detail jsonb not null,
  primary key (workflow_id, seq)
);
create unique index story_line_is_told_once on story (workflow_id, event, at, md5(text));
create index story_in_order on story (seq);
create trigger story_is_append_only before update or delete on story
  for each row execute function refuse_change();
