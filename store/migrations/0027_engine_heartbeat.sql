-- Up Migration

create function engine_keys(in_force jsonb, of_kind text) returns text[]
language sql immutable return (
  select array_agg(one -> 'scope' ->> 'key') from jsonb_array_elements(in_force) as one
  where one -> 'scope' ->> 'kind' = of_kind
);
comment on function engine_keys(jsonb, text) is
  'What freezes of one scope have frozen; null: nothing, which costs nothing to compare with.';

create function engine_words(
  of_process text, accounts_lost text[], venues_frozen text[], accounts_frozen text[],
  strategies_frozen text[], instruments_frozen text[], pairs_frozen text[]
) returns bigint[] language sql stable
begin atomic
  select coalesce(array_agg(coalesce(word.bits, 0) order by place.word), '{}')
  from generate_series(0, (
    select max(market) >> 6 from engine_markets where process_id = of_process
  )) as place (word)
  left join (
    select market.market >> 6 as word, bit_or(1::bigint << (market.market & 63)) as bits
    from engine_markets as market
    join owners on owners.kind = 'pair' and owners.key = market.pair_id
      and owners.holder = of_process
    where market.process_id = of_process and market.is_registered
      and (accounts_lost is null or not market.venue_accounts && accounts_lost)
      and (venues_frozen is null or not market.venues && venues_frozen)
      and (accounts_frozen is null or not market.account = any (accounts_frozen))
      and (strategies_frozen is null
        or not coalesce(market.strategy = any (strategies_frozen), false))
      and (instruments_frozen is null or not market.instruments && instruments_frozen)
      and (pairs_frozen is null or not market.pair_id = any (pairs_frozen))
    group by 1
  ) as word using (word);
end;
comment on function engine_words(text, text[], text[], text[], text[], text[], text[]) is
  'A word per 64 markets of a start; a bit is set where an entry may begin: the start owns the '
  'pair and the venue accounts of its legs, and none of what is frozen reaches it. A market that '
  'nobody has told of is closed.';

create function engine_heartbeat(
  of_process text, of_epoch bigint, acknowledged bigint,
  out refusal text, out control_epoch bigint, out open_words bigint[], out in_force jsonb,
  out lent jsonb, out sessions jsonb, out lost jsonb, out reading_us bigint
) language plpgsql as $$
declare
  began timestamptz;
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
  perform engine_renew(of_process);

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
comment on function engine_heartbeat(text, bigint, bigint) is
  'One round trip: keeps a start registered, acknowledges the freeze epoch before which every '
  'section has ended (0: none yet), renews its leases, and tells: control_epoch and the freezes '
  'in_force of it; open_words, a word per 64 markets with a bit where an entry may begin (a pair '
  'that another has is closed; exits ask nobody); lent, its leases with budget, legs and '
  'expiresInUs; its sessions with their epochs; lost, the venue accounts that a newer start has: '
  'it is fenced there. All durations: whoever asks counts them from before it asked, since '
  'reading_us of that went by while this was read. Refuses NOT_REGISTERED, PROCESS_ENDED, '
  'EPOCH_AHEAD (it acknowledges what has not been): it freezes itself.';
