-- Up Migration

-- Whoever freezes waits for heartbeats that acknowledge it, and those have waited for the disk.

drop function engine_renew(text);
create function engine_renew(of_process text) returns bigint language sql volatile
begin atomic
  with renewed as (
    update leases as lease
    set epoch = lease.epoch + 1,
      expires_at = least(
        clock_timestamp() + lease.term_ms * interval '1 millisecond', lease.ends_at)
    where lease.process_id = of_process and lease.closed_at is null
      and lease.expires_at < least(
        clock_timestamp() + lease.term_ms / 2 * interval '1 millisecond', lease.ends_at)
      and exists (
        select from owners
        where kind = 'pair' and key = lease.pair_id and holder = of_process)
      and not exists (
        select from engine_lost(of_process) as lost
        where substring(lost.venue_account from '/(.*)$') = lease.account)
    returning lease.lease_id
  )
  select count(*) from renewed;
end;
comment on function engine_renew(text) is
  'Renews what a start may renew: its open leases of pairs that it owns and of accounts that no '
  'newer start has, up to the end that was granted; how many those were. Part of its heartbeat.';

create or replace function engine_heartbeat(
  of_process text, of_epoch bigint, acknowledged bigint,
  out refusal text, out control_epoch bigint, out open_words bigint[], out in_force jsonb,
  out lent jsonb, out sessions jsonb, out lost jsonb, out reading_us bigint
) language plpgsql as $$
declare
  began timestamptz;
  is_renewed boolean;
  accounts_lost text[];
begin
  refusal := coalesce(
    engine_standing(of_process, of_epoch),
    -- It never fell: this database is older than what the engine has heard of it.
    (select 'EPOCH_AHEAD' from control where acknowledged > control.epoch));
  if refusal is not null then return; end if;
  update processes
  set heartbeat_at = clock_timestamp(),
    epoch_acknowledged = greatest(epoch_acknowledged, acknowledged)
  where process_id = of_process;
  is_renewed := engine_renew(of_process) > 0;
  -- What a crash of the database forgets of a heartbeat the next one tells again: no disk is waited
  -- for. But a lease that is still being spent must never be over in the books.
  if not is_renewed then perform set_config('synchronous_commit', 'off', true); end if;

  -- From here on the answer is read: whatever was committed before is in it.
  began := clock_timestamp();
  -- One statement, one snapshot: the freezes are those of the epoch.
  select control.epoch, (
    select coalesce(jsonb_agg(jsonb_build_object('freezeId', freeze_id, 'epoch', freezes.epoch,
      'scope', jsonb_strip_nulls(jsonb_build_object('kind', scope_kind, 'key', scope_key)),
      'cause', cause, 'why', why, 'action', action) order by freezes.epoch), '[]')
    from freezes where lifted_at is null
  ) into control_epoch, in_force from control;
  select array_agg(venue_account), coalesce(jsonb_agg(jsonb_build_object(
      'venueAccount', venue_account, 'process', holder, 'epoch', epoch)), '[]')
    into accounts_lost, lost from engine_lost(of_process);
  open_words := engine_words(of_process, accounts_lost, engine_keys(in_force, 'venue'),
    engine_keys(in_force, 'account'), engine_keys(in_force, 'strategy'),
    engine_keys(in_force, 'instrument'), engine_keys(in_force, 'pair'));
  if in_force @> '[{"scope": {"kind": "global"}}]' then
    open_words := array_fill(0::bigint, array[cardinality(open_words)]);
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('leaseId', lease_id, 'pairId', pair_id,
      'account', account, 'epoch', epoch, 'budget', trim_scale(exposure)::text, 'legs', legs,
      'expiresInUs',
        greatest(0, floor(extract(epoch from expires_at - began) * 1000000))::bigint)
      order by lease_id), '[]')
    into lent from leases where process_id = of_process and closed_at is null;
  select coalesce(jsonb_agg(jsonb_build_object('key', key, 'epoch', epoch) order by key), '[]')
    into sessions from owners where kind = 'session' and holder = of_process;
  reading_us := ceil(extract(epoch from clock_timestamp() - began) * 1000000);
end $$;
