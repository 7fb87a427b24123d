-- Up Migration

-- What a shot from a lease was fired for: whoever adopts it needs all of it, and the engine that
-- fired may be gone by then.
alter table engine_shots
  add column intent jsonb,
  -- Why no trade will ever have it; a break is open, and what it has traded is custody's.
  add column barred text;

-- Those that their trades still have to take over: a handful at any moment.
drop index engine_shots_unadopted;
create index engine_shots_unadopted on engine_shots (epoch, pair_id)
  where adopted_at is null and refused is null and barred is null;

create or replace function keep_shot() returns trigger language plpgsql as $$
begin
  if (old.host, old.epoch, old.thread, old.sequence, old.intent_id, old.pair_id, old.account,
      old.lease_epoch, old.worst, old.decided_ns, old.intent)
    is distinct from
    (new.host, new.epoch, new.thread, new.sequence, new.intent_id, new.pair_id, new.account,
      new.lease_epoch, new.worst, new.decided_ns, new.intent)
    or ((old.adopted_at is not null or old.barred is not null)
      and (old.adopted_at, old.barred, old.lease_id, old.moved, old.moved_epoch)
        is distinct from (new.adopted_at, new.barred, new.lease_id, new.moved, new.moved_epoch))
  then
    raise exception 'shot %/%/%/%: what was fired and adopted stays',
      old.host, old.epoch, old.thread, old.sequence;
  end if;
  return new;
end $$;

create or replace function engine_keep_shot(record jsonb) returns text language plpgsql as $$
declare
  -- JSON's null is none.
  of_intent constant jsonb := nullif(record -> 'intent', 'null');
  shot engine_shots;
  leg jsonb;
  contradiction text;
begin
  if jsonb_array_length(record -> 'legs') is distinct from 2 then
    raise exception using errcode = 'data_exception', message = 'a shot has two legs';
  end if;
  if (record ->> 'leaseEpoch' is null) is distinct from (of_intent is null) then
    raise exception using errcode = 'data_exception',
      message = 'a shot from a lease, and no other, tells the intent that it was fired for';
  end if;
  if of_intent is not null
    and (of_intent ->> 'intentId', of_intent ->> 'pairId', of_intent ->> 'account')
      is distinct from (record ->> 'intentId', record ->> 'pairId', record ->> 'account')
  then
    raise exception using errcode = 'data_exception', message = 'its intent is another shot''s';
  end if;
  insert into engine_shots (host, epoch, thread, sequence, intent_id, pair_id, account, lease_epoch,
    worst, edge, decided_at, not_after, decided_ns, monotonic_ns, told_at, intent)
  select record ->> 'host', (record ->> 'epoch')::bigint, (record ->> 'thread')::integer,
    (record ->> 'sequence')::bigint, record ->> 'intentId', record ->> 'pairId',
    record ->> 'account', (record ->> 'leaseEpoch')::bigint, (record ->> 'worst')::amount,
    (record ->> 'edge')::amount, to_timestamp(decided_ns / 1000000000.0),
    to_timestamp((record ->> 'notAfterNs')::bigint / 1000000000.0), decided_ns,
    (record ->> 'monotonicNs')::bigint, clock_timestamp(), of_intent
  from cast(record ->> 'decidedNs' as bigint) as decided_ns
  on conflict do nothing;
  update engine_shots as known
  set refused = coalesce(known.refused, record ->> 'refused')
  where known.host = record ->> 'host' and known.epoch = (record ->> 'epoch')::bigint
    and known.thread = (record ->> 'thread')::integer
    and known.sequence = (record ->> 'sequence')::bigint
  returning * into shot;
  if (shot.intent_id, shot.pair_id, shot.account, shot.lease_epoch, shot.worst, shot.decided_ns,
      shot.intent)
    is distinct from (record ->> 'intentId', record ->> 'pairId', record ->> 'account',
      (record ->> 'leaseEpoch')::bigint, (record ->> 'worst')::amount,
      (record ->> 'decidedNs')::bigint, of_intent)
  then
    return engine_break(shot, 'shot_differs',
      concat_ws('/', shot.host, shot.epoch, shot.thread, shot.sequence), record - 'legs');
  end if;
  for leg in select told from jsonb_array_elements(record -> 'legs') as told order by told ->> 'leg'
  loop
    contradiction := coalesce(engine_keep_leg(shot, leg), contradiction);
  end loop;
  -- Who asked the engine to fire for its reservation has the trade already.
  update engine_shots as known set adopted_at = clock_timestamp(), moved = 0
  where (known.host, known.epoch, known.thread, known.sequence)
      = (shot.host, shot.epoch, shot.thread, shot.sequence)
    and known.adopted_at is null and known.lease_epoch is null
    and exists (select from reservations where workflow_id = shot.workflow_id);
  return contradiction;
end $$;

comment on function engine_project(text, bigint, jsonb) is
  'Brings records of a journal to Postgres, of this start, of an earlier one of its host, or of '
  'any that is registered: [{host, epoch, thread, sequence, intentId, pairId, account, '
  'leaseEpoch?, intent?, worst, edge, decidedNs, notAfterNs, monotonicNs, refused?, legs: [{leg, '
  'venue, market, clientOrderId, limitPrice, legalMaximum, fixed, orderGroupId?, createdAtMs, body, '
  'requestSha256, venueOrderId?, top?, written?, writtenNs?, answer?: {class, atNs, status, '
  'venueOrderId?, state?, cumulativeQuantity?, refusal?, code?}}]}]; amounts are decimal texts, a '
  'state is working, filled or canceled; a shot with a lease has its intent, in wire form, and no '
  'other has one. Told twice, in parts, in any order, the rows are the same. One row per record: '
  'is_safe, or why not: NOT_REGISTERED, NOT_ITS_JOURNAL, RECORD_INVALID (why says what), '
  'SHOT_DIFFERS, ORDER_CONTRADICTED (a break is open). A fenced start is heard like any other: '
  'facts are never refused for their teller.';

create or replace function engine_acknowledged(shots jsonb)
returns table (
  host text, epoch bigint, thread integer, sequence bigint,
  workflow_id text, lease_id text, lease_epoch bigint, moved text
) language sql stable
begin atomic
  select shot.host, shot.epoch, shot.thread, shot.sequence,
    shot.workflow_id, shot.lease_id, shot.moved_epoch, trim_scale(shot.moved)::text
  from jsonb_to_recordset(shots) as asked (
    host text, epoch bigint, thread integer, sequence bigint
  )
  -- The limit has each looked up by its name: a hundred are expected, and five are asked for.
  cross join lateral (
    select * from engine_shots as named
    where (named.host, named.epoch, named.thread, named.sequence)
        = (asked.host, asked.epoch, asked.thread, asked.sequence)
      and (named.adopted_at is not null or named.refused is not null or named.barred is not null)
    limit 1
  ) as shot
  order by 1, 2, 3, 4;
end;
comment on function engine_acknowledged(jsonb) is
  'Of these shots ([{host, epoch, thread, sequence}]) the ones whose slots may be used again: '
  'their workflow has taken them over, nothing of them has left, or no trade will ever have them '
  '(barred). What was moved from a lease is heard as adopted once terms of lease_epoch or later '
  'are in: older ones still lend it.';

create or replace function engine_close_lease(
  of_lease text, evidence jsonb, said_by text, said_why text, out refusal text
) language plpgsql as $$
declare
  how constant text := evidence ->> 'kind';
  lease leases;
  holder engines;
  held_on text;
  is_over boolean;
begin
  select * into lease from leases where lease_id = of_lease for update;
  if lease.closed_at is not null then return; end if; -- told again
  select * into holder from engines where process_id = lease.process_id;
  select host,
      lease.expires_at <= clock_timestamp() or ended_at is not null or killed_at is not null
    into held_on, is_over from processes where process_id = lease.process_id;
  refusal := case
    when lease.lease_id is null then 'LEASE_UNKNOWN'
    when how in ('disarmed', 'journal_read') and (
      (evidence ->> 'journal', (evidence ->> 'epoch')::bigint) is distinct from
      (holder.journal, holder.epoch)) then 'OTHER_JOURNAL'
    when how = 'disarmed' and evidence ->> 'process' is distinct from holder.process_id
      then 'NOT_HOLDER'
    when how in ('journal_read', 'venue_pages') and not is_over then 'HOLDER_LIVES'
    when how = 'journal_read' and (evidence ->> 'isWhole')::boolean is distinct from true
      then 'JOURNAL_DAMAGED'
    when how = 'venue_pages' and exists (
      select from jsonb_array_elements(lease.legs) as leg
      where not exists (
        select from jsonb_to_recordset(evidence -> 'venues') as page (
          venue text, "fromMs" bigint, "untilMs" bigint, "ordersFound" integer)
        where page.venue = leg -> 'instrument' ->> 'venue' and page."ordersFound" = 0
          and page."fromMs" <= extract(epoch from lease.granted_at) * 1000
          and page."untilMs" >= extract(epoch from lease.expires_at) * 1000)
      ) then 'PAGES_TOO_SHORT'
    when exists (
      select from engine_shots as shot
      where shot.epoch = holder.epoch and shot.pair_id = lease.pair_id
        and shot.lease_epoch is not null and shot.adopted_at is null and shot.refused is null and shot.barred is null)
      then 'SHOTS_UNADOPTED'
    when how in ('disarmed', 'journal_read') and exists (
      select from jsonb_to_recordset(evidence -> 'unacknowledged') as slot (
        thread integer, sequence bigint)
      where not coalesce((
        select shot.adopted_at is not null or shot.refused is not null or shot.barred is not null
        from engine_shots as shot
        where shot.host = held_on and shot.epoch = holder.epoch
          and shot.thread = slot.thread and shot.sequence = slot.sequence), false)
      ) then 'SHOTS_UNADOPTED'
    when how is null or how not in ('disarmed', 'journal_read', 'venue_pages')
      or (how <> 'venue_pages' and evidence -> 'unacknowledged' is null) then 'EVIDENCE_MISSING'
  end;
  if refusal is not null then return; end if;
  update leases set closed_at = clock_timestamp(), closed_how = how where lease_id = of_lease;
  insert into audit (at, by, action, subject, why, detail)
  values (clock_timestamp(), said_by, 'close_lease', of_lease, said_why,
    jsonb_build_object('evidence', evidence, 'left', trim_scale(lease.exposure)::text,
      'process', lease.process_id, 'epoch', holder.epoch));
end $$;
comment on function engine_close_lease(text, jsonb, text, text) is
  'Ends a lease: what is left of it counts no more. Audited with its evidence, which is one of: '
  '{kind: disarmed, process, journal, epoch, unacknowledged: [{thread, sequence}]}: the holder '
  'itself spends nothing more of it; {kind: journal_read, journal, epoch, isWhole, '
  'unacknowledged}: its journal was read, these slots of the pair are not acknowledged; {kind: '
  'venue_pages, venues: [{venue, fromMs, untilMs, ordersFound}]}: from the grant to the expiry, '
  'lateness included, each venue of its legs shows none of its orders. Refuses LEASE_UNKNOWN, '
  'EVIDENCE_MISSING, OTHER_JOURNAL, NOT_HOLDER, HOLDER_LIVES (neither ended, killed nor expired), '
  'JOURNAL_DAMAGED, PAGES_TOO_SHORT (or orders were found), SHOTS_UNADOPTED (told or in the '
  'journal, and no reservation yet). Told again, nothing changes.';
