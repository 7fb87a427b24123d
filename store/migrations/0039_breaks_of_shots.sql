-- Up Migration

-- Whether somebody has looked at one before it is opened again.
create index breaks_closed on breaks (kind, key) where closed_at is not null;

create function engine_open_break(
  told_by text, of_account text, of_pair text, of_kind text, of_key text, of_detail jsonb
) returns text language plpgsql as $$
begin
  if exists (
    select from breaks as known
    where known.kind = of_kind and known.key = of_key and known.closed_at is not null
      and known.detail - 'shot' = (of_detail - 'shot') || jsonb_build_object('toldBy', told_by))
  then
    return null;
  end if;
  insert into breaks (kind, key, account, pair_id, detail, opened_at)
  values (of_kind, of_key, of_account, of_pair,
    of_detail || jsonb_build_object('toldBy', told_by), clock_timestamp())
  on conflict (kind, key) where closed_at is null do nothing;
  return upper(of_kind);
end $$;
comment on function engine_open_break(text, text, text, text, text, jsonb) is
  'Opens a break that somebody sees, once, and returns its name as a refusal. Null: the same shot '
  'has opened it before with the same words, and somebody has looked and closed it. What is told '
  'otherwise, a fill that came since, say, is another.';

create or replace function engine_break(
  shot engine_shots, of_kind text, of_key text, detail jsonb
) returns text language sql as $$
  select engine_open_break(
    concat_ws('/', shot.host, shot.epoch, shot.thread, shot.sequence),
    shot.account, shot.pair_id, of_kind, of_key, detail)
$$;
comment on function engine_break(engine_shots, text, text, jsonb) is
  'The break of a shot, as engine_open_break says.';

create or replace function engine_keep_leg(shot engine_shots, told jsonb) returns text language plpgsql as $$
declare
  of_order constant text := told ->> 'clientOrderId';
  of_leg constant text := told ->> 'leg';
  of_purpose constant text := 'entry/' || of_leg;
  kept engine_legs;
  placed orders;
  is_new boolean;
begin
  insert into engine_legs (host, epoch, thread, sequence, leg, client_order_id, venue, market,
    limit_price, legal_maximum, request_sha256, top, venue_order_id)
  values (shot.host, shot.epoch, shot.thread, shot.sequence, of_leg, of_order, told ->> 'venue',
    told ->> 'market', (told ->> 'limitPrice')::amount, (told ->> 'legalMaximum')::amount,
    told ->> 'requestSha256', told -> 'top', told ->> 'venueOrderId')
  on conflict do nothing;
  is_new := found;
  select * into kept from engine_legs as leg
  where (leg.host, leg.epoch, leg.thread, leg.sequence, leg.leg)
    = (shot.host, shot.epoch, shot.thread, shot.sequence, of_leg);
  if (kept.client_order_id, kept.request_sha256) <> (of_order, told ->> 'requestSha256') then
    return engine_break(shot, 'shot_differs', of_order, told - 'body');
  end if;

  insert into orders (client_order_id, workflow_id, mode, is_forbidden, status, recorded_at,
    purpose, attempt, account, venue, market, outcome, side, child_order, body)
  select of_order, shot.workflow_id, deployment.mode, false, 'planned', clock_timestamp(),
    of_purpose, 0, shot.account, kept.venue, kept.market, kept.leg, 'buy',
    engine_child_order(shot, told), told ->> 'body'
  from deployment
  on conflict do nothing;
  -- Of two shots with one name the later stands here until the earlier is committed.
  select * into placed from orders where client_order_id = of_order for no key update;
  if is_new and exists (
    select from engine_legs as other
    where other.client_order_id = of_order
      and (other.host, other.epoch, other.thread, other.sequence)
        <> (shot.host, shot.epoch, shot.thread, shot.sequence))
  then
    kept.is_second := true;
    update engine_legs as leg set is_second = true
    where (leg.host, leg.epoch, leg.thread, leg.sequence, leg.leg)
      = (kept.host, kept.epoch, kept.thread, kept.sequence, kept.leg);
  end if;
  -- Of what was written down and refused nothing has left: its trade may have been fired since, by a
  -- workflow, with orders of the same names.
  if shot.refused is not null and placed.body is distinct from (told ->> 'body') then
    return null;
  end if;
  if kept.is_second or (placed.workflow_id, placed.purpose, placed.body)
    is distinct from (shot.workflow_id, of_purpose, told ->> 'body')
  then
    return engine_break(shot, 'order_contradicted', of_order, jsonb_build_object(
      'shot', to_jsonb(shot), 'leg', told - 'body', 'isSecond', kept.is_second,
      'isForbidden', placed.is_forbidden, 'workflowId', placed.workflow_id));
  end if;
  perform engine_tell_leg(shot, kept, told);
  return null;
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
      concat_ws('/', shot.host, shot.epoch, shot.thread, shot.sequence),
      record || jsonb_build_object('legs', (
        select jsonb_agg(of_leg - 'body') from jsonb_array_elements(record -> 'legs') as of_leg)));
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

create function engine_refuse_record(record jsonb, why text) returns text language plpgsql as $$
declare
  of_shot constant text := concat_ws('/', record ->> 'host', record ->> 'epoch',
    record ->> 'thread', record ->> 'sequence');
  refusal constant text := engine_open_break(of_shot, record ->> 'account', record ->> 'pairId',
    'record_invalid', of_shot, jsonb_build_object('why', why, 'intentId', record -> 'intentId',
      'orders', jsonb_path_query_array(record, '$.legs[*].clientOrderId')));
begin
  if refusal is not null then
    perform insert_freeze(jsonb_build_object('freeze_id', 'shot/' || of_shot, 'scope_kind', 'pair',
      'scope_key', record ->> 'pairId', 'cause', 'reconciliation_break', 'action', 'leave',
      'by', 'legwork', 'at', clock_timestamp(),
      'why', format('shot %s cannot be read, and may have left: %s', of_shot, why)))
    where record ->> 'pairId' is not null and record ->> 'refused' is null;
  else
    -- What it may have spent nobody can say: nothing of its lease is lent any more, nor given back.
    update leases as lease set exposure = 0, epoch = lease.epoch + 1
    from engines as holder
    where holder.process_id = lease.process_id and holder.epoch = (record ->> 'epoch')::bigint
      and lease.pair_id = record ->> 'pairId' and lease.closed_at is null and lease.exposure > 0
      and record ->> 'leaseEpoch' is not null and record ->> 'refused' is null;
    insert into engine_shots (host, epoch, thread, sequence, intent_id, pair_id, account, worst,
      edge, decided_at, not_after, decided_ns, monotonic_ns, told_at, barred)
    values (record ->> 'host', (record ->> 'epoch')::bigint, (record ->> 'thread')::integer,
      (record ->> 'sequence')::bigint,
      -- Its own may be what is wrong with it.
      coalesce(substring(record ->> 'intentId' from '^[A-Za-z0-9._-]{1,64}$'), md5(of_shot)),
      coalesce(record ->> 'pairId', ''), coalesce(record ->> 'account', ''), 0.000000001, 0,
      clock_timestamp(), clock_timestamp(), 0, 0, clock_timestamp(), 'RECORD_INVALID')
    on conflict do nothing;
  end if;
  return refusal;
end $$;
comment on function engine_refuse_record(jsonb, text) is
  'Opens the break of a record that no row can be made of, and freezes its pair. Once somebody has '
  'looked and closed it nothing is left of its lease, because nobody knows what it has spent, and '
  'a shot without a row is barred, with an amount that says nothing: null, and its slot is free.';

create or replace function engine_project(of_process text, of_epoch bigint, records jsonb)
returns table (
  host text, epoch bigint, thread integer, sequence bigint,
  is_safe boolean, refusal text, why text
) language plpgsql as $$
declare
  caller text;
  record jsonb;
begin
  select processes.host into caller from engines join processes using (process_id)
  where process_id = of_process and engines.epoch = of_epoch;
  -- In the order of their names: two that tell the same orders never wait for each other.
  for record in
    select told from jsonb_array_elements(records) as told
    order by told ->> 'host', (told ->> 'epoch')::bigint, (told ->> 'thread')::integer,
      (told ->> 'sequence')::bigint
  loop
    host := record ->> 'host';
    epoch := (record ->> 'epoch')::bigint;
    thread := (record ->> 'thread')::integer;
    sequence := (record ->> 'sequence')::bigint;
    refusal := case
      when caller is null then 'NOT_REGISTERED'
      when host is distinct from caller or epoch > of_epoch then (
        select 'NOT_ITS_JOURNAL' where not exists (
          select from engines as start join processes as process using (process_id)
          where start.epoch = engine_project.epoch and process.host = engine_project.host))
    end;
    why := null;
    if refusal is null then
      begin
        refusal := engine_keep_shot(record);
      exception when data_exception or integrity_constraint_violation then
        why := sqlerrm;
        begin
          refusal := engine_refuse_record(record, why);
        exception when data_exception or integrity_constraint_violation then
          refusal := 'RECORD_INVALID'; -- nor can a break be made of it
        end;
        if refusal is null then why := null; end if;
      end;
    end if;
    is_safe := refusal is null;
    return next;
  end loop;
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
  'SHOT_DIFFERS, ORDER_CONTRADICTED. For the last three a break is open, and the record is told '
  'again until somebody has closed it: then it is safe. A fenced start is heard like any other: '
  'facts are never refused for their teller.';
