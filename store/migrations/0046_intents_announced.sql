-- Up Migration

-- Whoever fires at a door of its own hears of each intent that another door has, so that it fires none
-- of them: what is announced is its name.
create or replace function engine_protocol() returns integer language sql immutable return 3;

create function announce_intent() returns trigger language plpgsql as $$
begin
  perform pg_notify('legwork_intents', new.intent_id);
  return null;
end $$;
create trigger intent_is_announced after insert on intents
  for each row execute function announce_intent();
create trigger shot_of_a_door_is_announced after insert on engine_shots
  for each row when (new.lease_epoch is not null) execute function announce_intent();

drop function engine_intents(text);
create function engine_intents() returns setof text language sql stable
begin atomic
  select intent_id from engine_shots
  where told_at > clock_timestamp() - interval '1 hour' and lease_epoch is not null
  union
  select intent_id from intents where received_at > clock_timestamp() - interval '1 hour';
end;
comment on function engine_intents() is
  'The intents that came within the last hour, by whichever door and host, those that an engine has '
  'refused after it had written them down as well: journals may be gone, a trade may have fired one, '
  'and whoever asks later than an hour after an intent''s end is not told that nothing was fired.';
