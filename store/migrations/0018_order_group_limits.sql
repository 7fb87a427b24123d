-- Up Migration

-- What the venue counts up to in the group; null: told before it was written down.
alter table order_groups add column contracts_limit amount;
