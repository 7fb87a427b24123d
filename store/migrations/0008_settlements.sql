-- Up Migration

-- Whether a market has paid an account: asked for every held pair when another one pays.
create index venue_entries_settled on venue_entries (account, venue, market)
  where kind = 'settlement';
