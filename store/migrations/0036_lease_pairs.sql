-- Up Migration

-- The pair as it was approved when the lease was granted: what is fired of it is adopted by that,
-- where the pair has left its file meanwhile. Null: lent before there was this column.
alter table leases add column pair jsonb;

create or replace function keep_lease() returns trigger language plpgsql as $$
begin
  if (old.lease_id, old.account, old.pair_id, old.process_id, old.first_epoch, old.granted_at,
      old.pair)
      is distinct from
      (new.lease_id, new.account, new.pair_id, new.process_id, new.first_epoch, new.granted_at,
      new.pair)
    or new.exposure > old.exposure or new.epoch < old.epoch or old.closed_at is not null
  then
    raise exception 'lease %: it only shrinks, its epoch only grows, and it is closed once',
      old.lease_id;
  end if;
  return new;
end $$;
