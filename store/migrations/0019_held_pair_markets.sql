-- Up Migration

-- Who shares a market with an open pair is looked for whenever a match is kept or a market pays.
alter table held_pairs add column markets text[] not null generated always as
  (array[yes_instrument ->> 'market', no_instrument ->> 'market']) stored;
create index held_pairs_by_market on held_pairs using gin (markets);
