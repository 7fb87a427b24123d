-- Up Migration

-- Whoever freezes waits for each step on the way there and back: one call writes the freeze, and who
-- acknowledges it says so without reading everything that a heartbeat reads.

create function insert_freeze(told jsonb) returns bigint language plpgsql as $$
declare
  frozen freezes := jsonb_populate_record(null::freezes, told);
begin
  perform pg_advisory_xact_lock(hashtextextended('freeze/' || frozen.freeze_id, 0));
  select epoch into frozen.epoch from freezes where freeze_id = frozen.freeze_id;
  if found then return frozen.epoch; end if;
  insert into freezes (freeze_id, epoch, scope_kind, scope_key, cause, why, by, action, at,
    lifts_when_resolved)
  values (frozen.freeze_id, 0, frozen.scope_kind, frozen.scope_key, frozen.cause, frozen.why,
    frozen."by", frozen.action, frozen.at, frozen.lifts_when_resolved)
  returning epoch into frozen.epoch; -- the trigger's
  insert into audit (at, by, action, subject, why, detail)
  values (frozen.at, frozen."by", 'freeze', frozen.freeze_id, frozen.why, jsonb_build_object(
    'scope', jsonb_strip_nulls(
      jsonb_build_object('kind', frozen.scope_kind, 'key', frozen.scope_key)),
    'cause', frozen.cause, 'action', frozen.action, 'epoch', frozen.epoch));
  return frozen.epoch;
end $$;
comment on function insert_freeze(jsonb) is
  'Writes a freeze ({freeze_id, scope_kind, scope_key?, cause, why, by, action, at, '
  'lifts_when_resolved?}) and its line of the audit; its epoch. One that is there by that id keeps '
  'its own, and nothing is done.';

create function engine_acknowledge_freeze(
  of_process text, of_epoch bigint, acknowledged bigint
) returns text language plpgsql as $$
declare
  refusal constant text := coalesce(
    engine_standing(of_process, of_epoch),
    (select 'EPOCH_AHEAD' from control where acknowledged > control.epoch));
begin
  if refusal is not null then return refusal; end if;
  perform set_config('synchronous_commit', 'off', true);
  update processes
  set epoch_acknowledged = greatest(epoch_acknowledged, acknowledged)
  where process_id = of_process;
  return null;
end $$;
comment on function engine_acknowledge_freeze(text, bigint, bigint) is
  'That every section before this epoch of freezes has ended, as the next heartbeat says as well. '
  'Null, or why not: as engine_heartbeat.';
