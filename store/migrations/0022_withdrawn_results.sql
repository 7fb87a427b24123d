-- Up Migration

-- The end of a trade is written within the task that decides it. Where the server refuses that task,
-- because news came first, the trade lives: its end is taken back as a whole, and kept here. Nothing
-- else changes a result.
create table withdrawn_results (
  withdrawal bigint generated always as identity primary key,
  workflow_id text not null references intents (workflow_id),
  result jsonb not null,
  closed_at timestamptz not null,
  withdrawn_at timestamptz not null
);
create index withdrawn_results_of on withdrawn_results (workflow_id);
create trigger withdrawn_result_is_kept before update or delete on withdrawn_results
  for each row execute function refuse_change();

create or replace function keep_intent() returns trigger language plpgsql as $$
begin
  if (old.intent_id, old.digest, old.workflow_id, old.mode, old.intent)
      is distinct from (new.intent_id, new.digest, new.workflow_id, new.mode, new.intent)
    or (old.admission is not null and old.admission is distinct from new.admission)
    or (old.result is not null and old.result is distinct from new.result
      and not (new.result is null and exists (
        select 1 from withdrawn_results as taken
        where taken.workflow_id = old.workflow_id and taken.closed_at = old.closed_at)))
  then
    raise exception 'intent %: what was asked, decided and closed stays', old.intent_id;
  end if;
  return new;
end $$;
