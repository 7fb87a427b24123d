-- Up Migration

create or replace function engine_intents(of_host text) returns setof text language sql stable
begin atomic
  select intent_id from engine_shots
  where told_at > clock_timestamp() - interval '1 hour' and host = of_host
    and lease_epoch is not null
  union
  select intent_id from intents where received_at > clock_timestamp() - interval '1 hour';
end;
comment on function engine_intents(text) is
  'The intents that this host''s engine has fired first, or refused after it had written them down, '
  'and those that came by any other door, within the last hour: its journals may be gone, a trade may '
  'have fired one, and no request waits for as long as that.';
