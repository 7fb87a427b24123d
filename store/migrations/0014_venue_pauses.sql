-- Up Migration

-- When each venue takes no orders, as it has announced it last. `until_at` null: nobody has said.
create table venue_pauses (
  venue venue_name not null,
  from_at timestamptz not null,
  until_at timestamptz check (until_at is null or until_at > from_at),
  read_at timestamptz not null,
  primary key (venue, from_at)
);
