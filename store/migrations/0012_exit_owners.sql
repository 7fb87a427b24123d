-- Up Migration

-- A trade that was admitted before exits had owners gets out of its own excess, at its first epoch.
insert into owners (kind, key, holder, epoch, claimed_at)
select 'exit', workflow_id, workflow_id, 1, admitted_at
from intents
where closed_at is null and admission ->> 'kind' = 'approved'
on conflict (kind, key) do nothing;

-- Whose exits somebody else than the trade has: looked at by custody and by `legwork status`.
create index owners_of_kind on owners (kind, holder);
