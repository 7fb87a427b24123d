-- Up Migration

-- What the journals of all engines say, one row per shot and one per leg; the journal is the
-- earlier source, and a row only repeats it. Times are of the host that fired.
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
  -- Its workflow has it: written once, with what came from which lease, and the lease's epoch
  -- since.
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
  'A stamp of the engine''s monotonic clock as a time of its host; null: when the shot was '
  'decided.';

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
  'Appends what a shot says about its order, each event once, and brings the order''s status '
  'along.';

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
