-- Up Migration

-- One owner per thing; a newer epoch fences the older holder (DESIGN 5).
create table owners (
  kind text not null,
  key text not null,
  holder text not null,
  epoch bigint not null,
  claimed_at timestamptz not null,
  primary key (kind, key)
);

-- What we and a venue disagree about, with an age that somebody sees.
create table breaks (
  break_id bigint generated always as identity primary key,
  kind text not null,
  key text not null,
  account text,
  venue venue_name,
  pair_id text,
  detail jsonb not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  closed_by text,
  closed_why text
);
create unique index breaks_open_once on breaks (kind, key) where closed_at is null;
