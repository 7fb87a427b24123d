-- Up Migration

create function engine_tell_leg(shot engine_shots, kept engine_legs, told jsonb)
returns void language plpgsql as $$
declare
  -- What was refused after it was written down has left nothing.
  wrote constant text := case when shot.refused is null then told ->> 'written' else 'nothing' end;
  wrote_ns constant bigint := told ->> 'writtenNs';
  answer constant jsonb := told -> 'answer';
  said constant text := answer ->> 'class';
  answered_ns constant bigint := answer ->> 'atNs';
begin
  if wrote = 'nothing' then
    perform engine_tell_order(shot, kept.client_order_id, 'notSent', wrote_ns,
      jsonb_strip_nulls(jsonb_build_object('written', wrote, 'code', shot.refused)));
  elsif wrote is not null or said in ('yes', 'no') then
    perform engine_tell_order(shot, kept.client_order_id, 'sent', wrote_ns,
      jsonb_build_object('written', wrote));
  end if;
  -- An answer ends a silence; a silence is nothing beside an answer.
  if said is not null and coalesce(kept.answer, 'unknown') = 'unknown'
    and said is distinct from kept.answer
  then
    perform engine_tell_order(shot, kept.client_order_id,
      case said when 'yes' then 'accepted' when 'no' then 'rejected' else 'silence' end,
      answered_ns, answer);
    kept.answer := said;
    kept.answered_ns := answered_ns;
    kept.answer_detail := answer;
    kept.venue_order_id := coalesce(answer ->> 'venueOrderId', kept.venue_order_id);
  end if;
  update engine_legs as leg
  set written = coalesce(leg.written, wrote), written_ns = coalesce(leg.written_ns, wrote_ns),
    answer = kept.answer, answered_ns = kept.answered_ns, answer_detail = kept.answer_detail,
    venue_order_id = kept.venue_order_id
  where (leg.host, leg.epoch, leg.thread, leg.sequence, leg.leg)
    = (kept.host, kept.epoch, kept.thread, kept.sequence, kept.leg);
end $$;
comment on function engine_tell_leg(engine_shots, engine_legs, jsonb) is
  'Keeps what became of a leg, as far as it is news, and tells its order.';

create function engine_keep_leg(shot engine_shots, told jsonb) returns text language plpgsql as $$
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
comment on function engine_keep_leg(engine_shots, jsonb) is
  'Keeps a leg, its order and what became of it. Null, or the name of the contradiction, which is '
  'a break: SHOT_DIFFERS (the journal tells the same shot in two ways), ORDER_CONTRADICTED (the '
  'order''s name or purpose is another''s or an earlier shot''s, or was forbidden as never sent).';

create function engine_keep_shot(record jsonb) returns text language plpgsql as $$
declare
  shot engine_shots;
  leg jsonb;
  contradiction text;
begin
  if jsonb_array_length(record -> 'legs') is distinct from 2 then
    raise exception using errcode = 'data_exception', message = 'a shot has two legs';
  end if;
  insert into engine_shots (host, epoch, thread, sequence, intent_id, pair_id, account, lease_epoch,
    worst, edge, decided_at, not_after, decided_ns, monotonic_ns, told_at)
  select record ->> 'host', (record ->> 'epoch')::bigint, (record ->> 'thread')::integer,
    (record ->> 'sequence')::bigint, record ->> 'intentId', record ->> 'pairId',
    record ->> 'account', (record ->> 'leaseEpoch')::bigint, (record ->> 'worst')::amount,
    (record ->> 'edge')::amount, to_timestamp(decided_ns / 1000000000.0),
    to_timestamp((record ->> 'notAfterNs')::bigint / 1000000000.0), decided_ns,
    (record ->> 'monotonicNs')::bigint, clock_timestamp()
  from cast(record ->> 'decidedNs' as bigint) as decided_ns
  on conflict do nothing;
  update engine_shots as known
  set refused = coalesce(known.refused, record ->> 'refused')
  where known.host = record ->> 'host' and known.epoch = (record ->> 'epoch')::bigint
    and known.thread = (record ->> 'thread')::integer
    and known.sequence = (record ->> 'sequence')::bigint
  returning * into shot;
  if (shot.intent_id, shot.pair_id, shot.account, shot.lease_epoch, shot.worst, shot.decided_ns)
    is distinct from (record ->> 'intentId', record ->> 'pairId', record ->> 'account',
      (record ->> 'leaseEpoch')::bigint, (record ->> 'worst')::amount,
      (record ->> 'decidedNs')::bigint)
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
comment on function engine_keep_shot(jsonb) is
  'Keeps one record of a journal, as engine_project says. Null, or the name of the contradiction.';

create function engine_project(of_process text, of_epoch bigint, records jsonb)
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
        refusal := 'RECORD_INVALID';
        why := sqlerrm;
      end;
    end if;
    is_safe := refusal is null;
    return next;
  end loop;
end $$;
comment on function engine_project(text, bigint, jsonb) is
  'Brings records of a journal to Postgres, of this start, of an earlier one of its host, or of '
  'any that is registered: [{host, epoch, thread, sequence, intentId, pairId, account, '
  'leaseEpoch?, worst, edge, decidedNs, notAfterNs, monotonicNs, refused?, legs: [{leg, venue, '
  'market, clientOrderId, limitPrice, legalMaximum, fixed, orderGroupId?, createdAtMs, body, '
  'requestSha256, venueOrderId?, top?, written?, writtenNs?, answer?: {class, atNs, status, '
  'venueOrderId?, refusal?}}]}]; amounts are decimal texts. Told twice, in parts, in any order, '
  'the rows are the same. One row per record: is_safe, or why not: NOT_REGISTERED, '
  'NOT_ITS_JOURNAL, RECORD_INVALID (why says what), SHOT_DIFFERS, ORDER_CONTRADICTED (a break is '
  'open). A fenced start is heard like any other: facts are never refused for their teller.';

create function engine_acknowledged(shots jsonb)
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
      and (named.adopted_at is not null or named.refused is not null)
    limit 1
  ) as shot
  order by 1, 2, 3, 4;
end;
comment on function engine_acknowledged(jsonb) is
  'Of these shots ([{host, epoch, thread, sequence}]) the ones whose slots may be used again: '
  'their workflow has taken them over, or nothing of them has left. What was moved from a lease is '
  'heard as adopted once terms of lease_epoch or later are in: older ones still lend it.';
