-- Up Migration

-- A shot that a workflow has asked for: what is written before its first byte, and what its answers
-- leave behind. Both are what TypeScript writes where no engine owns the pair.

create function engine_uncovered(reserved reservations, child jsonb) returns text
language sql stable return (
  select case
    when (child ->> 'workflowId', child ->> 'account')
      is distinct from (reserved.workflow_id, reserved.account) then 'it is another trade''s'
    when (child #>> '{purpose,kind}', child ->> 'side', child #>> '{purpose,leg}')
      is distinct from ('entry', 'buy', child #>> '{instrument,outcome}')
      then 'it is no entry of its leg'
    when leg is null then 'its instrument is not reserved'
    when ((child ->> 'legalMaximum')::amount <= (leg ->> 'contracts')::amount) is not true
      then concat('it may fill more than ', leg ->> 'contracts', ' contracts')
    when (case child #>> '{fixed,kind}'
        when 'collateral' then (child #>> '{fixed,collateral}')::amount
        when 'contracts'
          then (child ->> 'limitPrice')::amount * (child #>> '{fixed,contracts}')::amount
      end <= (leg ->> 'cash')::amount) is not true
      then concat('it may pay more than ', leg ->> 'cash', ' dollars')
  end
  from (select) as one_row
  left join jsonb_array_elements(reserved.legs) as leg
    on leg -> 'instrument' = child -> 'instrument'
);
comment on function engine_uncovered(reservations, jsonb) is
  'Null, or why a reservation does not cover an entry: the rule of approvedBy in '
  'domain/risk/review.ts, to which a test holds it.';

create function engine_record_orders(
  of_process text, of_epoch bigint, shot jsonb, out refusal text, out why text
) language plpgsql as $$
declare
  of_workflow constant text := shot ->> 'workflowId';
  of_pair constant text := shot ->> 'pairId';
  venue_accounts constant text[] := array(
    select distinct concat_ws('/', told #>> '{order,instrument,venue}', told #>> '{order,account}')
    from jsonb_array_elements(shot -> 'orders') as told);
  database_mode constant text := (select mode from deployment);
  reserved reservations;
  accounts_owned integer;
begin
  if jsonb_array_length(shot -> 'orders') is distinct from 2 then
    raise exception using errcode = 'data_exception', message = 'a shot has two orders';
  end if;
  refusal := engine_standing(of_process, of_epoch);
  if refusal is not null then
    why := format('%s with epoch %s may fire nothing: register a new start', of_process, of_epoch);
    return;
  end if;
  if shot ->> 'mode' <> database_mode then
    refusal := 'MODE_MISMATCH';
    why := format('this database is %s, the shot is %s', database_mode, shot ->> 'mode');
    return;
  end if;

  -- Shared, until the orders are committed: shots do not wait for each other, and whoever takes over
  -- waits for them and finds their orders.
  perform from owners as owned
  where owned.kind = 'engine' and owned.key = any (venue_accounts) and owned.holder = of_process
  order by owned.key for share;
  get diagnostics accounts_owned = row_count;
  if accounts_owned < cardinality(venue_accounts) then
    refusal := 'FENCED';
    why := format('not all of %s are its own: a newer start fires there',
      array_to_string(venue_accounts, ', '));
    return;
  end if;
  perform from owners as owned
  where owned.kind = 'pair' and owned.key = of_pair and owned.holder = of_process for share;
  if not found then
    refusal := 'NOT_OWNER';
    why := format('pair %s is another''s: ask its owner to fire', of_pair);
    return;
  end if;
  select * into reserved from reservations as held
  where held.workflow_id = of_workflow and held.pair_id = of_pair and held.released_at is null
  for share;
  why := case
    when reserved.workflow_id is null
      then format('%s has no open reservation for pair %s', of_workflow, of_pair)
    else (
      select string_agg(format('order %s: %s', told #>> '{order,clientOrderId}', uncovered), '; ')
      from jsonb_array_elements(shot -> 'orders') as told,
        engine_uncovered(reserved, told -> 'order') as uncovered
      where uncovered is not null)
  end;
  if why is not null then
    refusal := 'NOT_RESERVED';
    return;
  end if;

  begin
    insert into orders (client_order_id, workflow_id, mode, is_forbidden, status, recorded_at,
      purpose, attempt, account, venue, market, outcome, side, child_order, body, venue_order_id)
    select child ->> 'clientOrderId', of_workflow, database_mode, false, 'planned',
      clock_timestamp(), 'entry/' || (child #>> '{purpose,leg}'), 0, child ->> 'account',
      child #>> '{instrument,venue}', child #>> '{instrument,market}',
      child #>> '{instrument,outcome}', child ->> 'side', child, told ->> 'body',
      told ->> 'venueOrderId'
    from jsonb_array_elements(shot -> 'orders') as told,
      lateral (select told -> 'order') as made (child)
    -- Two that write the same orders never wait for each other in a circle.
    order by child ->> 'clientOrderId' collate "C";
  exception when unique_violation then
    refusal := 'RECORDED_BEFORE';
    get stacked diagnostics why = pg_exception_detail;
    why := why || ' Send neither order; ask about both.';
    return;
  end;
  insert into story (workflow_id, at, event, text, detail)
  select of_workflow, to_timestamp((line ->> 'atMs')::bigint / 1000.0), line ->> 'event',
    line ->> 'text', '{}'
  from jsonb_array_elements(shot -> 'story') with ordinality as told (line, position)
  order by position
  on conflict do nothing;
end $$;
comment on function engine_record_orders(text, bigint, jsonb) is
  'Both orders of a shot that its workflow has reserved for, committed before any byte leaves: '
  '{workflowId, pairId, mode?, orders: [{order, body, venueOrderId?}], story?: [{atMs, event, '
  'text}]}, each order in wire form, an entry. Null: both are recorded and the story is told. '
  'Else, with nothing written and why: NOT_REGISTERED, PROCESS_ENDED, MODE_MISMATCH, FENCED (a '
  'venue account of the orders is another start''s), NOT_OWNER (the pair is), NOT_RESERVED (no '
  'open reservation of the workflow for the pair covers them), RECORDED_BEFORE (a name, purpose or '
  'venue id is taken, also by a call whose answer was lost: nothing may be sent).';

-- What an answer of a venue says is kept as recordAnswer in store/order-answers.ts keeps it.

create or replace function engine_status_after(status text, event text) returns text
language sql immutable return case
  when event = 'sent' and status = 'planned' then 'submitted'
  when event = 'notSent' and status in ('planned', 'unknown') then 'denied'
  when event = 'silence' and status in ('planned', 'submitted') then 'unknown'
  when event = 'accepted' and status in ('submitted', 'unknown', 'absent') then 'working'
  when event = 'rejected' and status in ('submitted', 'unknown', 'absent') then 'rejected'
  when event = 'fill' and status in (
    'submitted', 'unknown', 'working', 'pendingCancel', 'canceled', 'expired', 'absent'
  ) then 'filled'
  when event = 'canceled' and status in (
    'submitted', 'unknown', 'working', 'pendingCancel', 'absent'
  ) then 'canceled'
  else status
end;
comment on function engine_status_after(text, text) is
  'Where an order stands after sent, notSent, silence, accepted, rejected, fill or canceled, from '
  'where it stood.';

create or replace function engine_tell_order(
  shot engine_shots, of_order text, of_event text, at_ns bigint, detail jsonb
) returns void language plpgsql as $$
declare
  stood text;
  stands text;
  filled constant amount := detail ->> 'cumulativeQuantity';
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
  -- An immediate order has mostly ended by the time it is accepted.
  if of_event = 'accepted' then
    stands := engine_status_after(stands,
      case detail ->> 'state' when 'filled' then 'fill' when 'canceled' then 'canceled' end);
  end if;
  if stands <> stood or filled is not null then
    update orders
    set status = stands, cumulative_quantity = greatest(cumulative_quantity, filled)
    where client_order_id = of_order;
  end if;
  insert into order_events (client_order_id, at, event, status, detail)
  values (of_order, engine_moment(shot, at_ns), of_event, stands,
    coalesce(detail, '{}') || jsonb_build_object('shot', told));
end $$;
comment on function engine_tell_order(engine_shots, text, text, bigint, jsonb) is
  'Appends what a shot says about its order, each event once, and brings the order''s status and '
  'the venue''s own figure of what was filled along.';

comment on function engine_project(text, bigint, jsonb) is
  'Brings records of a journal to Postgres, of this start, of an earlier one of its host, or of '
  'any that is registered: [{host, epoch, thread, sequence, intentId, pairId, account, '
  'leaseEpoch?, worst, edge, decidedNs, notAfterNs, monotonicNs, refused?, legs: [{leg, venue, '
  'market, clientOrderId, limitPrice, legalMaximum, fixed, orderGroupId?, createdAtMs, body, '
  'requestSha256, venueOrderId?, top?, written?, writtenNs?, answer?: {class, atNs, status, '
  'venueOrderId?, state?, cumulativeQuantity?, refusal?, code?}}]}]; amounts are decimal texts, a '
  'state is working, filled or canceled. Told twice, in parts, in any order, '
  'the rows are the same. One row per record: is_safe, or why not: NOT_REGISTERED, '
  'NOT_ITS_JOURNAL, RECORD_INVALID (why says what), SHOT_DIFFERS, ORDER_CONTRADICTED (a break is '
  'open). A fenced start is heard like any other: facts are never refused for their teller.';

-- Accepted, and without the name that every answer of a venue brings: a handful at any moment.
create index orders_unnamed on orders (client_order_id)
  where venue_order_id is null
    and status in ('working', 'pendingCancel', 'filled', 'canceled', 'expired');

-- The entries that came before its name are attached with it, by store/order-names.ts. The
-- announcement only wakes; who names them also looks by itself.
create function announce_name() returns trigger language plpgsql as $$
begin
  if exists (
    select from orders where client_order_id = new.client_order_id and venue_order_id is null
  ) then
    perform pg_notify('legwork_order_names', '');
  end if;
  return null;
end $$;
create trigger leg_has_a_name after update of answer on engine_legs
  for each row when (new.answer = 'yes' and old.answer is distinct from new.answer)
  execute function announce_name();
