-- Up Migration

-- Exact decimals. A plain numeric(_, 9) would round what does not fit; this refuses it.
create domain amount as numeric
  constraint amount_fits_ten_to_minus_nine check (scale(value) <= 9)
  constraint amount_is_finite check (abs(value) < 1e18);

create domain trading_mode as text check (value in ('simulated', 'shadow', 'live'));
create domain venue_name as text check (value in ('kalshi', 'polymarket'));
create domain outcome_name as text check (value in ('yes', 'no'));
create domain order_side as text check (value in ('buy', 'sell'));

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, lower(tg_op);
end $$;

-- The mode of this database, written at the first start and never changed. Every intent and order
-- row refers to it, so that a row of another mode cannot be written at all.
create table deployment (
  is_one_row boolean primary key default true check (is_one_row),
  mode trading_mode not null unique,
  since timestamptz not null
);
create trigger deployment_is_for_ever before update or delete on deployment
  for each row execute function refuse_change();

-- Everything that may act on a venue or must hear of a freeze. A row is live until its process says
-- that it ended or its supervisor says that it was killed; silence alone proves nothing.
create table processes (
  process_id text primary key,
  component text not null,
  host text not null,
  pid integer not null,
  mode trading_mode not null references deployment (mode),
  started_at timestamptz not null,
  heartbeat_at timestamptz not null,
  epoch_acknowledged bigint not null default 0,
  ended_at timestamptz,
  killed_at timestamptz
);
create index processes_live on processes (process_id) where ended_at is null and killed_at is null;

create table audit (
  seq bigint generated always as identity primary key,
  at timestamptz not null,
  by text not null,
  action text not null,
  subject text not null,
  why text not null,
  detail jsonb not null
);
create trigger audit_is_append_only before update or delete on audit
  for each row execute function refuse_change();

-- Numbers that go on where they were after every restart, such as a scanner's intent count.
create table sequences (
  name text primary key,
  used bigint not null check (used >= 0)
);
