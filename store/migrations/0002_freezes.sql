-- Up Migration

-- One number that grows with every freeze and every thaw; a process acknowledges it (DESIGN 8).
create table control (
  is_one_row boolean primary key default true check (is_one_row),
  epoch bigint not null
);
insert into control (epoch) values (0);

create table freezes (
  freeze_id text primary key,
  epoch bigint not null,
  scope_kind text not null check (
    scope_kind in ('global', 'venue', 'account', 'strategy', 'instrument', 'pair', 'workflow')
  ),
  scope_key text check ((scope_key is null) = (scope_kind = 'global')),
  cause text not null,
  why text not null,
  by text not null,
  action text not null check (action in ('leave', 'cancel', 'flatten')),
  at timestamptz not null,
  lifts_when_resolved text,
  lifted_at timestamptz,
  lifted_by text,
  lifted_why text
);
create index freezes_in_force on freezes (epoch) where lifted_at is null;

-- Whoever writes a freeze, it gets a new epoch in the same transaction and is announced when that
-- commits. The announcement only wakes; the poll decides.
create function bump_epoch() returns trigger language plpgsql as $$
begin
  update control set epoch = epoch + 1 returning epoch into new.epoch;
  perform pg_notify('legwork_freezes', new.epoch::text);
  return new;
end $$;
create trigger freeze_has_an_epoch before insert on freezes
  for each row execute function bump_epoch();
create trigger thaw_has_an_epoch before update of lifted_at on freezes
  for each row when (old.lifted_at is null and new.lifted_at is not null)
  execute function bump_epoch();

create function keep_freeze() returns trigger language plpgsql as $$
begin
  if old.lifted_at is not null
    or (old.freeze_id, old.scope_kind, old.scope_key, old.cause, old.why, old."by", old.action, old.at)
      is distinct from
      (new.freeze_id, new.scope_kind, new.scope_key, new.cause, new.why, new."by", new.action, new.at)
  then
    raise exception 'a freeze is lifted once and never rewritten';
  end if;
  return new;
end $$;
create trigger freeze_is_kept before update on freezes
  for each row execute function keep_freeze();
create trigger freeze_is_never_deleted before delete on freezes
  for each row execute function refuse_change();
