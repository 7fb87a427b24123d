-- Up Migration

-- Every sweep compares the results of the last day with their rows.
create index intents_closed on intents (account, closed_at) where closed_at is not null;
