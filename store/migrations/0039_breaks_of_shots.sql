-- Up Migration

-- Whether somebody has looked at one before it is opened again.
create index breaks_closed on breaks (kind, key) where closed_at is not null;

create function engine_open_break(
  told_by text, of_account text, of_pair text, of_kind text, of_key text, detail jsonb
) returns text language plpgsql as $$
begin
  if exists (
    select from breaks as known
    where known.kind = of_kind and known.key = of_key and known.closed_at is not null
      and known.detail ->> 'toldBy' = told_by)
  then
    return null;
  end if;
  insert into breaks (kind, key, account, pair_id, detail, opened_at)
  values (of_kind, of_key, of_account, of_pair,
    detail || jsonb_build_object('toldBy', told_by), clock_timestamp())
  on conflict (kind, key) where closed_at is null do nothing;
  return upper(of_kind);
end $$;
comment on function engine_open_break(text, text, text, text, text, jsonb) is
  'Opens a break that somebody sees, once, and returns its name as a refusal. Null: the same shot '
  'has opened it before, and somebody has looked and closed it.';

create or replace function engine_break(
  shot engine_shots, of_kind text, of_key text, detail jsonb
) returns text language sql as $$
  select engine_open_break(
    concat_ws('/', shot.host, shot.epoch, shot.thread, shot.sequence),
    shot.account, shot.pair_id, of_kind, of_key, detail)
$$;
comment on function engine_break(engine_shots, text, text, jsonb) is
  'The break of a shot, as engine_open_break says.';

create function engine_refuse_record(record jsonb, why text) returns text language plpgsql as $$
declare
  of_shot constant text := concat_ws('/', record ->> 'host', record ->> 'epoch',
    record ->> 'thread', record ->> 'sequence');
  refusal constant text := engine_open_break(of_shot, record ->> 'account', record ->> 'pairId',
    'record_invalid', of_shot, jsonb_build_object('why', why, 'intentId', record -> 'intentId',
      'orders', jsonb_path_query_array(record, '$.legs[*].clientOrderId')));
begin
  if refusal is null then
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
  'Opens the break of a record that no row can be made of. Once somebody has looked and closed it '
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
        refusal := engine_refuse_record(record, sqlerrm);
        why := case when refusal is not null then sqlerrm end;
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
