-- Up Migration

-- An engine owns pairs, and by registering its venue accounts: whoever has an account has its keys, its
-- orders and its streams, and a newer start fences it there. Nobody has ever claimed a session apart.

create or replace function engine_protocol() returns integer language sql immutable return 2;

drop function engine_owner(text, text, text);
create function engine_owner(of_process text, of_pair text)
returns table (holder text, epoch bigint, host text, is_over boolean) language sql stable
begin atomic
  select owned.holder, owned.epoch, held.host,
    owned.holder = 'nobody' or coalesce(
      held.ended_at is not null or held.killed_at is not null
        or (held.host = own.host and earlier.epoch < start.epoch), false)
  from owners as owned
  left join processes as held on held.process_id = owned.holder
  left join engines as earlier on earlier.process_id = owned.holder
  left join processes as own on own.process_id = of_process
  left join engines as start on start.process_id = of_process
  where owned.kind = 'pair' and owned.key = of_pair;
end;
comment on function engine_owner(text, text) is
  'Who has a pair, at which epoch and on which host; no row: nobody '
  'ever had it. is_over: it was given up, its process ended or was confirmed killed, or it is an '
  'earlier start of the asking start''s own host. Only such a holder is taken over, by '
  'engine_claim_owner with this epoch.';

drop function engine_claim_owner(text, bigint, text, text, bigint);
create function engine_claim_owner(
  of_process text, of_epoch bigint, of_pair text, epoch_seen bigint,
  out refusal text, out held_by text, out held_epoch bigint
) language plpgsql as $$
begin
  refusal := engine_standing(of_process, of_epoch);
  if refusal is null and exists (select from engine_lost(of_process)) then
    refusal := 'FENCED';
  end if;
  if refusal is null then
    -- Of two that have seen the same holder the second waits for the row, and finds another epoch.
    insert into owners as owned (kind, key, holder, epoch, claimed_at)
    values ('pair', of_pair, of_process, 1, clock_timestamp())
    on conflict (kind, key) do update
      set holder = excluded.holder, epoch = owned.epoch + 1, claimed_at = excluded.claimed_at
      where owned.epoch = epoch_seen and owned.holder <> excluded.holder;
  end if;
  select holder, epoch into held_by, held_epoch from owners where kind = 'pair' and key = of_pair;
  if refusal is null and held_by <> of_process then refusal := 'OWNED'; end if;
end $$;
comment on function engine_claim_owner(text, bigint, text, bigint) is
  'Takes a pair over from whom the caller has seen at epoch_seen '
  '(0: nobody yet): of those that try at once exactly one gets it, with a new epoch that fences '
  'the holder before. Whoever has it keeps its epoch. Refuses OWNED (held_by, held_epoch say by '
  'whom now), FENCED, NOT_REGISTERED, PROCESS_ENDED.';

drop function engine_release_owner(text, text, text, bigint);
create function engine_release_owner(
  of_process text, of_pair text, epoch_held bigint, out refusal text
) language plpgsql as $$
begin
  -- The row stays: an epoch is never given twice.
  update owners set holder = 'nobody', epoch = epoch + 1, claimed_at = clock_timestamp()
  where kind = 'pair' and key = of_pair and holder = of_process and epoch = epoch_held;
  if not found then refusal := 'NOT_OWNER'; end if;
end $$;
comment on function engine_release_owner(text, text, bigint) is
  'Gives up what was claimed with that epoch. Refuses NOT_OWNER: it is another''s by now, or '
  'nobody''s.';

create or replace function engine_end(
  of_process text, of_epoch bigint, out refusal text
) language plpgsql as $$
begin
  if not exists (select from engines where process_id = of_process and epoch = of_epoch) then
    refusal := 'NOT_REGISTERED';
    return;
  end if;
  update processes set ended_at = clock_timestamp()
  where process_id = of_process and ended_at is null;
  update owners set holder = 'nobody', epoch = epoch + 1, claimed_at = clock_timestamp()
  where kind = 'pair' and holder = of_process;
  delete from engine_markets where process_id = of_process;
end $$;

drop function engine_heartbeat(text, bigint, bigint);
create function engine_heartbeat(
  of_process text, of_epoch bigint, acknowledged bigint,
  out refusal text, out control_epoch bigint, out open_words bigint[], out in_force jsonb,
  out lent jsonb, out lost jsonb, out reading_us bigint
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
  reading_us := ceil(extract(epoch from clock_timestamp() - began) * 1000000);
end $$;
comment on function engine_heartbeat(text, bigint, bigint) is
  'One round trip: keeps a start registered, acknowledges the freeze epoch before which every '
  'section has ended (0: none yet), renews its leases, and tells: control_epoch and the freezes '
  'in_force of it; open_words, a word per 64 markets with a bit where an entry may begin (a pair '
  'that another has is closed; exits ask nobody); lent, its leases with budget, legs and '
  'expiresInUs; lost, the venue accounts that a newer start has: '
  'it is fenced there. All durations: whoever asks counts them from before it asked, since '
  'reading_us of that went by while this was read. Refuses NOT_REGISTERED, PROCESS_ENDED, '
  'EPOCH_AHEAD (it acknowledges what has not been): it freezes itself.';
