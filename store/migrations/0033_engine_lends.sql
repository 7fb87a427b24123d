-- Up Migration

create function engine_lends(of_epoch bigint) returns boolean language sql stable
begin atomic
  select exists (
    select from leases join engines using (process_id)
    where engines.epoch = of_epoch and leases.closed_at is null);
end;
comment on function engine_lends(bigint) is
  'Whether a lease of the start with that epoch is not closed yet: what its journals say is asked for '
  'until then, and they are kept.';

create function engine_wake() returns void language sql volatile
begin atomic
  select pg_notify('legwork_freezes', '');
end;
comment on function engine_wake() is
  'Has every process read freezes, and engines what is open and lent, as soon as this is committed '
  'instead of within their interval: something was lent, or a pair was claimed.';

create index engine_shots_told on engine_shots (told_at);

create function engine_intents(of_host text) returns setof text language sql stable
begin atomic
  select intent_id from engine_shots
  where told_at > clock_timestamp() - interval '1 hour' and host = of_host
    and lease_epoch is not null;
end;
comment on function engine_intents(text) is
  'The intents that this host''s engine has fired first, or refused after it had written them down, '
  'within the last hour: its journals may be gone, and no request waits for as long as that.';
