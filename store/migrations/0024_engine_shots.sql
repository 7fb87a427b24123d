-- Up Migration

-- What the journals of all engines say, one row per shot and one per leg; the journal is the earlier
-- source, and a row only repeats it. Times are of the host that fired.
create table engine_shots (
  host text not null,
  epoch bigint not null check (epoch >= 1),
  thread integer not null check (thread >= 0),
  sequence bigint not null check (sequence >= 1),
  intent_id text not null check (intent_id ~ '^[A-Za-z0-9._-]{1,64}$'),
  -- As arbitrageWorkflowId in domain/ids.ts has it.
  workflow_id text not null generated always as ('arbitrage/' || intent_id) stored,
  pair_id text not null,
  account text not null,
  -- Of the lease that it was taken from; null: fired for a trade that had its reservation.
  lease_epoch bigint,
  worst amount not null check (worst > 0),
  edge amount not null,
  decided_at timestamptz not null,
  not_after timestamptz not null,
  -- Since 1970 and on the engine's monotonic clock: both were read in the same instant.
  decided_ns bigint not null,
  monotonic_ns bigint not null,
  -- Why nothing of it has left, by the engine's name for it.
  refused text,
  told_at timestamptz not null,
  -- Its workflow has it: written once, with what came from which lease, and the lease's epoch since.
  adopted_at timestamptz,
  lease_id text,
  moved amount,
  moved_epoch bigint,
  primary key (host, epoch, thread, sequence)
);
create index engine_shots_of_workflow on engine_shots (workflow_id);
create index engine_shots_unadopted on engine_shots (epoch, pair_id)
  where adopted_at is null and refused is null;

create table engine_legs (
  host text not null,
  epoch bigint not null,
  thread integer not null,
  sequence bigint not null,
  leg outcome_name not null,
  client_order_id text not null check (client_order_id ~ '^[a-z2-7]{26}$'),
  venue venue_name not null,
  market text not null,
  limit_price amount not null,
  legal_maximum amount not null,
  -- Of the whole request, headers too: the bytes themselves stay in the journal, for their secrets.
  request_sha256 text not null check (request_sha256 ~ '^[0-9a-f]{64}$'),
  -- Both sides of the book as the decision saw them.
  top jsonb,
  written text check (written in ('whole', 'part', 'nothing')),
  written_ns bigint,
  answer text check (answer in ('no', 'yes', 'unknown')),
  answered_ns bigint,
  answer_detail jsonb,
  -- Known before the send (Polymarket) or from the answer; adoption brings it to the order.
  venue_order_id text,
  -- Another shot had this order's name before.
  is_second boolean not null default false,
  primary key (host, epoch, thread, sequence, leg),
  foreign key (host, epoch, thread, sequence) references engine_shots
);

create index engine_legs_of_order on engine_legs (client_order_id);

create function keep_shot() returns trigger language plpgsql as $$
begin
  if (old.host, old.epoch, old.thread, old.sequence, old.intent_id, old.pair_id, old.account,
      old.lease_epoch, old.worst, old.decided_ns)
    is distinct from
    (new.host, new.epoch, new.thread, new.sequence, new.intent_id, new.pair_id, new.account,
      new.lease_epoch, new.worst, new.decided_ns)
    or (old.adopted_at is not null and (old.adopted_at, old.lease_id, old.moved, old.moved_epoch)
      is distinct from (new.adopted_at, new.lease_id, new.moved, new.moved_epoch))
  then
    raise exception 'shot %/%/%/%: what was fired and adopted stays',
      old.host, old.epoch, old.thread, old.sequence;
  end if;
  return new;
end $$;
create trigger shot_is_kept before update on engine_shots
  for each row execute function keep_shot();
create trigger shot_is_never_deleted before delete on engine_shots
  for each row execute function refuse_change();
create trigger leg_is_never_deleted before delete on engine_legs
  for each row execute function refuse_change();

-- The rows of domain/child-order-lifecycle.ts that a journal can tell of; a test holds it to them.
-- Whatever has no row there says nothing new.
create function engine_status_after(status text, event text) returns text
language sql immutable return case
  when event = 'sent' and status = 'planned' then 'submitted'
  when event = 'notSent' and status in ('planned', 'unknown') then 'denied'
  when event = 'silence' and status in ('planned', 'submitted') then 'unknown'
  when event = 'accepted' and status in ('submitted', 'unknown', 'absent') then 'working'
  when event = 'rejected' and status in ('submitted', 'unknown', 'absent') then 'rejected'
  else status
end;
comment on function engine_status_after(text, text) is
  'Where an order stands after sent, notSent, silence, accepted or rejected, from where it stood.';

create function engine_moment(shot engine_shots, at_ns bigint) returns timestamptz
language sql immutable return
  shot.decided_at + coalesce(at_ns - shot.monotonic_ns, 0) / 1000 * interval '1 microsecond';
comment on function engine_moment(engine_shots, bigint) is
  'A stamp of the engine''s monotonic clock as a time of its host; null: when the shot was decided.';

create function engine_tell_order(
  shot engine_shots, of_order text, of_event text, at_ns bigint, detail jsonb
) returns void language plpgsql as $$
declare
  stood text;
  stands text;
  told constant text := concat_ws('/', shot.host, shot.epoch, shot.thread, shot.sequence);
begin
  if exists (
    select from order_events as earlier
    where earlier.client_order_id = of_order and earlier.event = of_event
      and earlier.detail ->> 'shot' = told
  ) then
    return;
  end if;
  select status into stood from orders where client_order_id = of_order for no key update;
  stands := engine_status_after(stood, of_event);
  if stands <> stood then
    update orders set status = stands where client_order_id = of_order;
  end if;
  insert into order_events (client_order_id, at, event, status, detail)
  values (of_order, engine_moment(shot, at_ns), of_event, stands,
    coalesce(detail, '{}') || jsonb_build_object('shot', told));
end $$;
comment on function engine_tell_order(engine_shots, text, text, bigint, jsonb) is
  'Appends what a shot says about its order, each event once, and brings the order''s status along.';

create function engine_break(shot engine_shots, of_kind text, of_key text, detail jsonb)
returns text language plpgsql as $$
begin
  insert into breaks (kind, key, account, pair_id, detail, opened_at)
  values (of_kind, of_key, shot.account, shot.pair_id, detail, clock_timestamp())
  on conflict (kind, key) where closed_at is null do nothing;
  return upper(of_kind);
end $$;
comment on function engine_break(engine_shots, text, text, jsonb) is
  'Opens a break that somebody sees, once, and returns its name as a refusal.';

create function engine_child_order(shot engine_shots, leg jsonb) returns jsonb
language sql stable return jsonb_strip_nulls(jsonb_build_object(
  'clientOrderId', leg ->> 'clientOrderId',
  'workflowId', shot.workflow_id,
  'account', shot.account,
  'purpose', jsonb_build_object('kind', 'entry', 'leg', leg ->> 'leg'),
  'instrument', jsonb_build_object(
    'venue', leg ->> 'venue', 'market', leg ->> 'market', 'outcome', leg ->> 'leg'),
  'side', 'buy',
  'timeInForce', 'IOC',
  'limitPrice', trim_scale((leg ->> 'limitPrice')::amount)::text,
  'fixed', leg -> 'fixed',
  'legalMaximum', trim_scale((leg ->> 'legalMaximum')::amount)::text,
  'isReduceOnly', false,
  'orderGroupId', leg ->> 'orderGroupId',
  'notAfterMs', floor(extract(epoch from shot.not_after) * 1000)::bigint,
  'createdAtMs', (leg ->> 'createdAtMs')::bigint
));
comment on function engine_child_order(engine_shots, jsonb) is
  'A leg as the order that it is everywhere else: an entry, bought at once or not at all.';

create function engine_keep_leg(shot engine_shots, leg jsonb) returns text language plpgsql as $$
declare
  of_order constant text := leg ->> 'clientOrderId';
  of_purpose constant text := 'entry/' || (leg ->> 'leg');
  -- What was refused after it was written down has left nothing.
  wrote constant text := case when shot.refused is null then leg ->> 'written' else 'nothing' end;
  said constant text := leg -> 'answer' ->> 'class';
  kept engine_legs;
  placed orders;
  is_new boolean;
begin
  insert into engine_legs (host, epoch, thread, sequence, leg, client_order_id, venue, market,
    limit_price, legal_maximum, request_sha256, top, venue_order_id)
  values (shot.host, shot.epoch, shot.thread, shot.sequence, leg ->> 'leg', of_order,
    leg ->> 'venue', leg ->> 'market', (leg ->> 'limitPrice')::amount,
    (leg ->> 'legalMaximum')::amount, leg ->> 'requestSha256', leg -> 'top', leg ->> 'venueOrderId')
  on conflict do nothing;
  is_new := found;
  select * into kept from engine_legs as known
  where (known.host, known.epoch, known.thread, known.sequence, known.leg)
    = (shot.host, shot.epoch, shot.thread, shot.sequence, engine_keep_leg.leg ->> 'leg');
  if (kept.client_order_id, kept.request_sha256) <> (of_order, leg ->> 'requestSha256') then
    return engine_break(shot, 'shot_differs', of_order, leg - 'body');
  end if;

  insert into orders (client_order_id, workflow_id, mode, is_forbidden, status, recorded_at, purpose,
    attempt, account, venue, market, outcome, side, child_order, body)
  select of_order, shot.workflow_id, deployment.mode, false, 'planned', clock_timestamp(), of_purpose,
    0, shot.account, leg ->> 'venue', leg ->> 'market', leg ->> 'leg', 'buy',
    engine_child_order(shot, leg), leg ->> 'body'
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
    update engine_legs as known set is_second = true
    where (known.host, known.epoch, known.thread, known.sequence, known.leg)
      = (shot.host, shot.epoch, shot.thread, shot.sequence, engine_keep_leg.leg ->> 'leg');
  end if;
  if kept.is_second or (placed.workflow_id, placed.purpose, placed.body)
    is distinct from (shot.workflow_id, of_purpose, leg ->> 'body')
  then
    return engine_break(shot, 'order_contradicted', of_order, jsonb_build_object(
      'shot', to_jsonb(shot), 'isForbidden', placed.is_forbidden, 'workflowId', placed.workflow_id));
  end if;

  update engine_legs as known
  set written = coalesce(known.written, wrote),
    written_ns = coalesce(known.written_ns, (engine_keep_leg.leg ->> 'writtenNs')::bigint)
  where (known.host, known.epoch, known.thread, known.sequence, known.leg)
      = (shot.host, shot.epoch, shot.thread, shot.sequence, engine_keep_leg.leg ->> 'leg')
    and known.written is null and wrote is not null;
  if wrote = 'nothing' then
    perform engine_tell_order(shot, of_order, 'notSent', (leg ->> 'writtenNs')::bigint,
      jsonb_strip_nulls(jsonb_build_object('written', wrote, 'code', shot.refused)));
  elsif wrote is not null or said in ('yes', 'no') then
    perform engine_tell_order(shot, of_order, 'sent', (leg ->> 'writtenNs')::bigint,
      jsonb_build_object('written', wrote));
  end if;

  -- An answer ends a silence; a silence is nothing beside an answer.
  if said is null or kept.answer in ('yes', 'no') or kept.answer = said then return null; end if;
  update engine_legs as known
  set answer = said,
    answered_ns = (engine_keep_leg.leg -> 'answer' ->> 'atNs')::bigint,
    answer_detail = engine_keep_leg.leg -> 'answer',
    venue_order_id = coalesce(engine_keep_leg.leg -> 'answer' ->> 'venueOrderId', known.venue_order_id)
  where (known.host, known.epoch, known.thread, known.sequence, known.leg)
    = (shot.host, shot.epoch, shot.thread, shot.sequence, engine_keep_leg.leg ->> 'leg');
  perform engine_tell_order(shot, of_order,
    case said when 'yes' then 'accepted' when 'no' then 'rejected' else 'silence' end,
    (leg -> 'answer' ->> 'atNs')::bigint, leg -> 'answer');
  return null;
end $$;
comment on function engine_keep_leg(engine_shots, jsonb) is
  'Keeps a leg, its order and what became of it. Null, or the name of the contradiction, which is a '
  'break: SHOT_DIFFERS (the journal tells the same shot in two ways), ORDER_CONTRADICTED (the order''s '
  'name or purpose is another''s or an earlier shot''s, or was forbidden as never sent).';

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
  'Brings records of a journal to Postgres, of this start, of an earlier one of its host, or of any that '
  'is registered: [{host, epoch, thread, sequence, intentId, pairId, account, leaseEpoch?, worst, edge, '
  'decidedNs, notAfterNs, monotonicNs, refused?, legs: [{leg, venue, market, clientOrderId, limitPrice, '
  'legalMaximum, fixed, orderGroupId?, createdAtMs, body, requestSha256, venueOrderId?, top?, written?, '
  'writtenNs?, answer?: {class, atNs, status, venueOrderId?, refusal?}}]}]; amounts are decimal texts. '
  'Told twice, in parts, in any order, the rows are the same. One row per record: is_safe, or why not: '
  'NOT_REGISTERED, NOT_ITS_JOURNAL, RECORD_INVALID (why says what), SHOT_DIFFERS, ORDER_CONTRADICTED (a '
  'break is open). A fenced start is heard like any other: facts are never refused for their teller.';

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
  'Of these shots ([{host, epoch, thread, sequence}]) the ones whose slots may be used again: their '
  'workflow has taken them over, or nothing of them has left. What was moved from a lease is heard as '
  'adopted once terms of lease_epoch or later are in: older ones still lend it.';
