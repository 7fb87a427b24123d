-- Up Migration

create function engine_owner(of_process text, of_kind text, of_key text)
returns table (holder text, epoch bigint, host text, is_over boolean) language sql stable
begin atomic
  select owned.holder, owned.epoch, held.host,
    owned.holder = 'nobody' or coalesce(
      held.ended_at is not null or held.killed_at is not null
        or (held.host = own.host and earlier.epoch < start.epoch), false)
  from owners as owned
  left join processes as held on held.process_id = owned.holder
  left join engines as earlier on earlier.process_id = owned.holder
  left join processes as own on own.process_id = of_process
  left join engines as start on start.process_id = of_process
  where owned.kind = of_kind and owned.key = of_key;
end;
comment on function engine_owner(text, text, text) is
  'Who has a pair or a venue session (kind, key), at which epoch and on which host; no row: nobody '
  'ever had it. is_over: it was given up, its process ended or was confirmed killed, or it is an '
  'earlier start of the asking start''s own host. Only such a holder is taken over, by '
  'engine_claim_owner with this epoch.';
