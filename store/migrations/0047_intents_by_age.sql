-- Up Migration

-- An hour of intents at once is more than a call may take where there are many: they are read by age,
-- a little at a time, and what came since the last reading is all that a new connection asks for.
create or replace function engine_protocol() returns integer language sql immutable return 4;

drop function engine_intents();
create function engine_intents(from_ms bigint, until_ms bigint) returns setof text
language sql stable
begin atomic
  select intent_id from engine_shots
  where told_at > clock_timestamp() - from_ms * interval '1 millisecond'
    and told_at <= clock_timestamp() - until_ms * interval '1 millisecond'
    and lease_epoch is not null
  union
  select intent_id from intents
  where received_at > clock_timestamp() - from_ms * interval '1 millisecond'
    and received_at <= clock_timestamp() - until_ms * interval '1 millisecond';
end;
comment on function engine_intents(bigint, bigint) is
  'The intents that came so long ago, in milliseconds and not longer, by whichever door and host, those '
  'that an engine has refused after it had written them down as well: journals may be gone, a trade may '
  'have fired one, and whoever asks later than an hour after an intent''s end is not told that nothing '
  'was fired.';
