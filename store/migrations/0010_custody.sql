-- Up Migration

-- What was found without an owner, who looks after it now, and how that ended. Found again while it
-- is open, it is the same case.
create table custody_cases (
  case_id bigint generated always as identity primary key,
  custody_id text not null,
  key text not null,
  kind text not null,
  account text not null,
  venue venue_name not null,
  instrument jsonb not null,
  pair_id text,
  found jsonb not null,
  opened_at timestamptz not null,
  -- Null until custody has looked at it as it stands: until then every sweep tells it again.
  taken_at timestamptz,
  closed_at timestamptz,
  closed_how text,
  check ((closed_at is null) = (closed_how is null))
);
create unique index custody_cases_open_once on custody_cases (key) where closed_at is null;
create index custody_cases_of on custody_cases (custody_id) where closed_at is null;

-- No entry before whoever books a venue account has looked for what was left behind (DESIGN 1.6).
create table custody_sweeps (
  venue venue_name not null,
  account text not null,
  began_at timestamptz not null,
  -- Null from the moment a process becomes the booker until its first sweep has ended.
  swept_at timestamptz,
  primary key (venue, account)
);
