-- Up Migration

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
      -- Its words are no jsonb: whoever tells it has left only which shot it is, and why.
      why := record ->> 'unreadable';
      begin
        if why is null then
          refusal := engine_keep_shot(record);
        end if;
      exception when data_exception or integrity_constraint_violation then
        why := sqlerrm;
      end;
      if why is not null then
        begin
          refusal := engine_refuse_record(record, why);
        exception when data_exception or integrity_constraint_violation then
          refusal := 'RECORD_INVALID'; -- nor can a break be made of it
        end;
        if refusal is null then why := null; end if;
      end if;
    end if;
    is_safe := refusal is null;
    return next;
  end loop;
end $$;
comment on function engine_project(text, bigint, jsonb) is
  'Brings records of a journal to Postgres, of this start, of an earlier one of its host, or of '
  'any that is registered: [{host, epoch, thread, sequence, intentId, pairId, account, '
  'leaseEpoch?, intent?, worst, edge, decidedNs, notAfterNs, monotonicNs, refused?, unreadable?, '
  'legs: [{leg, '
  'venue, market, clientOrderId, limitPrice, legalMaximum, fixed, orderGroupId?, createdAtMs, body, '
  'requestSha256, venueOrderId?, top?, written?, writtenNs?, answer?: {class, atNs, status, '
  'venueOrderId?, state?, cumulativeQuantity?, refusal?, code?}}]}]; amounts are decimal texts, a '
  'state is working, filled or canceled; a shot with a lease has its intent, in wire form, and no '
  'other has one. unreadable: why its words cannot be told; what is left of it names the shot and '
  'its orders, and it is refused like any other that no row can be made of. Told twice, in parts, in '
  'any order, the rows are the same. One row per record: '
  'is_safe, or why not: NOT_REGISTERED, NOT_ITS_JOURNAL, RECORD_INVALID (why says what), '
  'SHOT_DIFFERS, ORDER_CONTRADICTED. For the last three a break is open, and the record is told '
  'again until somebody has closed it: then it is safe. A fenced start is heard like any other: '
  'facts are never refused for their teller.';
