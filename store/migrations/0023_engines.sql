-- Up Migration

-- What the native engine asks of Postgres (docs/engine-sql.md): it calls the functions engine_… and
-- names no table. A refusal is a value of the answer, by its name, and changes nothing: a batch is
-- refused record by record, a heartbeat says what it can say all the same, and nobody reads a
-- message. An exception is a promise that the caller has broken, such as a text that is no amount.

create function engine_protocol() returns integer language sql immutable return 1;
comment on function engine_protocol() is
  'Which functions these are. An engine that was built for another number does not start.';

-- One row per start. No two starts have the same epoch, on whichever host, and a later one has a
-- higher one: it is written to the journal before the first shot and is part of each shot's name.
create table engines (
  process_id text primary key references processes,
  epoch bigint not null unique check (epoch >= 1),
  journal text not null check (journal <> ''),
  build text not null,
  -- 'kalshi/main': what it may send orders for while nobody newer has registered for the same.
  venue_accounts text[] not null check (venue_accounts <> '{}'),
  registered_at timestamptz not null
);

-- The numbers that a start has given to its pairs, and what a freeze of each may be called.
create table engine_markets (
  process_id text not null references engines,
  market integer not null check (market between 0 and 1048575),
  pair_id text not null,
  account text not null,
  -- Null: fired for whoever asks; a freeze of a strategy is looked at with the request.
  strategy text,
  -- 'kalshi/KXRAIN/no': every instrument that a shot of this pair may buy.
  instruments text[] not null check (instruments <> '{}'),
  venues text[] not null,
  venue_accounts text[] not null,
  -- The start may send for each of them, as long as nobody newer does.
  is_registered boolean not null,
  primary key (process_id, market),
  unique (process_id, pair_id, account)
);

create function engine_epoch_known() returns bigint language sql stable
return (select coalesce(max(epoch), 0) from engines);
comment on function engine_epoch_known() is
  'The highest epoch of any start, 0 before the first. The journals of a new start are made above '
  'it.';

-- Who is at fault, if anybody: null where this start may still take something on.
create function engine_standing(of_process text, of_epoch bigint) returns text
language sql stable return (
  select case
    when not exists (
      select from engines where process_id = of_process and epoch = of_epoch
    ) then 'NOT_REGISTERED'
    when not exists (
      select from processes
      where process_id = of_process and ended_at is null and killed_at is null
    ) then 'PROCESS_ENDED'
  end
);
comment on function engine_standing(text, bigint) is
  'Null, NOT_REGISTERED (no such start) or PROCESS_ENDED (it said so, or was confirmed killed).';

create function engine_lost(of_process text)
returns table (venue_account text, holder text, epoch bigint) language sql stable
begin atomic
  select named.venue_account, owned.holder, owned.epoch
  from engines, unnest(engines.venue_accounts) as named (venue_account)
  left join owners as owned on owned.kind = 'engine' and owned.key = named.venue_account
  where engines.process_id = of_process and owned.holder is distinct from of_process
  order by named.venue_account;
end;
comment on function engine_lost(text) is
  'The venue accounts of a start that a newer one has by now, with that one''s process and epoch.';

create function engine_register(
  of_process text, of_host text, of_pid integer, of_mode text, of_epoch bigint,
  of_accounts text[], of_journal text, of_build text,
  out refusal text, out epoch_known bigint, out database_mode text, out fenced jsonb
) language plpgsql as $$
declare
  accounts_wanted text[] := array(select distinct unnest(of_accounts) order by 1);
begin
  -- One start at a time: of those that come at once each sees who was before it.
  perform pg_advisory_xact_lock(hashtextextended('engines', 0));
  epoch_known := engine_epoch_known();
  select mode into database_mode from deployment;
  if database_mode is distinct from of_mode then
    refusal := 'MODE_MISMATCH';
    return;
  end if;
  if exists (
    select from engines join processes using (process_id)
    where process_id = of_process
      and (engines.epoch, engines.venue_accounts, engines.journal, processes.host)
        = (of_epoch, accounts_wanted, of_journal, of_host)
  ) then
    refusal := engine_standing(of_process, of_epoch); -- told again: its answer was lost
    return;
  end if;
  refusal := case
    when exists (select from processes where process_id = of_process) then 'PROCESS_EXISTS'
    when of_epoch <= epoch_known then 'EPOCH_NOT_NEW'
    when exists (
      select from unnest(accounts_wanted) as wanted (venue_account)
      where not exists (
        select from accounts
        where account = substring(wanted.venue_account from '/(.*)$')
          and split_part(wanted.venue_account, '/', 1)::venue_name is not null
      )
    ) then 'ACCOUNT_UNKNOWN'
  end;
  if refusal is not null then return; end if;

  insert into processes (process_id, component, host, pid, mode, started_at, heartbeat_at)
  values (of_process, 'engine', of_host, of_pid, of_mode, clock_timestamp(), clock_timestamp());
  insert into engines (process_id, epoch, journal, build, venue_accounts, registered_at)
  values (of_process, of_epoch, of_journal, of_build, accounts_wanted, clock_timestamp());
  select coalesce(jsonb_agg(jsonb_build_object(
      'venueAccount', key, 'process', holder, 'epoch', owned.epoch) order by key), '[]')
    into fenced
    from owners as owned where kind = 'engine' and key = any (accounts_wanted);
  -- Those that are still alive find their markets closed as far as they have lost them.
  delete from engine_markets as market using owners as owned, processes as process
  where owned.kind = 'engine' and owned.key = any (accounts_wanted)
    and process.process_id = owned.holder and market.process_id = owned.holder
    and (process.ended_at is not null or process.killed_at is not null);
  insert into owners as owned (kind, key, holder, epoch, claimed_at)
  select 'engine', wanted, of_process, of_epoch, clock_timestamp()
  from unnest(accounts_wanted) as wanted
  on conflict (kind, key) do update
    set holder = excluded.holder, epoch = excluded.epoch, claimed_at = excluded.claimed_at;
end $$;
comment on function engine_register(text, text, integer, text, bigint, text[], text, text) is
  'Enters a start: process id, host, pid, mode, epoch of its journals, venue accounts '
  '(kalshi/main), identity of the journal''s folder, build. From then on "frozen" waits for it. '
  'Older starts with one of these accounts (told in fenced) are fenced and learn it from their '
  'next call. Refuses MODE_MISMATCH (database_mode has the right one), PROCESS_EXISTS, '
  'EPOCH_NOT_NEW (not above epoch_known: make the journals anew above that), ACCOUNT_UNKNOWN, '
  'PROCESS_ENDED. Told again by the same start, nothing changes.';

create function engine_end(
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
  where kind in ('pair', 'session') and holder = of_process;
  delete from engine_markets where process_id = of_process;
end $$;
comment on function engine_end(text, bigint) is
  'An orderly end: no section is open and none will be. Gives up what the start owned; its leases '
  'stay until they are closed. Refuses NOT_REGISTERED. Told again, nothing changes.';

create function engine_claim_owner(
  of_process text, of_epoch bigint, of_kind text, of_key text, epoch_seen bigint,
  out refusal text, out held_by text, out held_epoch bigint
) language plpgsql as $$
begin
  if of_kind not in ('pair', 'session') then
    raise exception 'an engine owns pairs and sessions, not %', of_kind;
  end if;
  refusal := engine_standing(of_process, of_epoch);
  if refusal is null and exists (select from engine_lost(of_process)) then
    refusal := 'FENCED';
  end if;
  if refusal is null then
    -- Of two that have seen the same holder the second waits for the row, and finds another epoch.
    insert into owners as owned (kind, key, holder, epoch, claimed_at)
    values (of_kind, of_key, of_process, 1, clock_timestamp())
    on conflict (kind, key) do update
      set holder = excluded.holder, epoch = owned.epoch + 1, claimed_at = excluded.claimed_at
      where owned.epoch = epoch_seen and owned.holder <> excluded.holder;
  end if;
  select holder, epoch into held_by, held_epoch from owners where kind = of_kind and key = of_key;
  if refusal is null and held_by <> of_process then refusal := 'OWNED'; end if;
end $$;
comment on function engine_claim_owner(text, bigint, text, text, bigint) is
  'Takes a pair or a venue session (kind, key) over from whom the caller has seen at epoch_seen '
  '(0: nobody yet): of those that try at once exactly one gets it, with a new epoch that fences '
  'the holder before. Whoever has it keeps its epoch. Refuses OWNED (held_by, held_epoch say by '
  'whom now), FENCED, NOT_REGISTERED, PROCESS_ENDED.';

create function engine_release_owner(
  of_process text, of_kind text, of_key text, epoch_held bigint, out refusal text
) language plpgsql as $$
begin
  -- The row stays: an epoch is never given twice.
  update owners set holder = 'nobody', epoch = epoch + 1, claimed_at = clock_timestamp()
  where kind = of_kind and kind in ('pair', 'session') and key = of_key
    and holder = of_process and epoch = epoch_held;
  if not found then refusal := 'NOT_OWNER'; end if;
end $$;
comment on function engine_release_owner(text, text, text, bigint) is
  'Gives up what was claimed with that epoch. Refuses NOT_OWNER: it is another''s by now, or '
  'nobody''s.';

create function engine_set_markets(
  of_process text, of_epoch bigint, markets jsonb, out refusal text
) language plpgsql as $$
begin
  refusal := engine_standing(of_process, of_epoch);
  if refusal is not null then return; end if;
  delete from engine_markets where process_id = of_process;
  insert into engine_markets
  select of_process, told.market, told."pairId", told.account, told.strategy, told.instruments,
    named.venues, named.venue_accounts, named.venue_accounts <@ engines.venue_accounts
  from engines, jsonb_to_recordset(markets) as told (
      market integer, "pairId" text, account text, strategy text, instruments text[]
    ), lateral (
      select array_agg(distinct venue), array_agg(distinct venue || '/' || told.account)
      from unnest(told.instruments) as instrument, split_part(instrument, '/', 1) as venue
    ) as named (venues, venue_accounts)
  where engines.process_id = of_process;
end $$;
comment on function engine_set_markets(text, bigint, jsonb) is
  'The pairs of a start, all of them, by their numbers: [{market, pairId, account, strategy?, '
  'instruments: ["kalshi/KXRAIN/no"]}]. The words of a heartbeat that began afterwards are of '
  'these. Refuses NOT_REGISTERED, PROCESS_ENDED.';

create function engine_holds(of_process text)
returns table (pair_id text, generation bigint, ends_in_ms bigint) language sql volatile
begin atomic
  select held.pair_id, held.generation,
    ceil(1000 * extract(epoch from held.until - clock_timestamp()))::bigint
  from engine_markets as market join pair_holds as held on held.pair_id = market.pair_id
  where market.process_id = of_process and (held.until is null or held.until > clock_timestamp());
end;
comment on function engine_holds(text) is
  'Which pairs of a start are held by a trade, and for how long yet (null: until it is resolved): '
  'what the in-flight bits are set from before the first shot.';
