-- Up Migration

-- A part of an account's limits that one start of an engine may spend on one pair without asking.
-- It counts as used in full until it is closed (DESIGN 7): what is adopted of it becomes a
-- reservation.
create table leases (
  lease_id text primary key,
  account text not null references accounts,
  pair_id text not null,
  process_id text not null references engines,
  -- Grows with every change of its terms, and from one lease of the pair to the next.
  first_epoch bigint not null check (first_epoch >= 1),
  epoch bigint not null check (epoch >= first_epoch),
  -- What is still lent, in the form of a reservation.
  exposure amount not null check (exposure >= 0),
  legs jsonb not null,
  term_ms integer not null check (term_ms > 0),
  granted_at timestamptz not null,
  expires_at timestamptz not null,
  -- Nobody renews it beyond this.
  ends_at timestamptz not null check (ends_at >= expires_at),
  closed_at timestamptz,
  closed_how text check (closed_how in ('disarmed', 'journal_read', 'venue_pages')),
  check ((closed_at is null) = (closed_how is null))
);
create unique index leases_open_of_pair on leases (pair_id) where closed_at is null;
create index leases_open_of_account on leases (account) where closed_at is null;
create index leases_open_of_process on leases (process_id) where closed_at is null;
create unique index leases_of_pair on leases (pair_id, first_epoch);

create function keep_lease() returns trigger language plpgsql as $$
begin
  if (old.lease_id, old.account, old.pair_id, old.process_id, old.first_epoch, old.granted_at)
      is distinct from
      (new.lease_id, new.account, new.pair_id, new.process_id, new.first_epoch, new.granted_at)
    or new.exposure > old.exposure or new.epoch < old.epoch or old.closed_at is not null
  then
    raise exception 'lease %: it only shrinks, its epoch only grows, and it is closed once',
      old.lease_id;
  end if;
  return new;
end $$;
create trigger lease_is_kept before update on leases
  for each row execute function keep_lease();
create trigger lease_is_never_deleted before delete on leases
  for each row execute function refuse_change();

-- In the second half of its term, so that not every heartbeat writes.
create function engine_renew(of_process text) returns void language sql volatile
begin atomic
  update leases as lease
  set epoch = lease.epoch + 1,
    expires_at = least(clock_timestamp() + lease.term_ms * interval '1 millisecond', lease.ends_at)
  where lease.process_id = of_process and lease.closed_at is null
    and lease.expires_at < least(
      clock_timestamp() + lease.term_ms / 2 * interval '1 millisecond', lease.ends_at)
    and exists (
      select from owners
      where kind = 'pair' and key = lease.pair_id and holder = of_process)
    and not exists (
      select from engine_lost(of_process) as lost
      where substring(lost.venue_account from '/(.*)$') = lease.account);
end;
comment on function engine_renew(text) is
  'Renews what a start may renew: its open leases of pairs that it owns and of accounts that no '
  'newer start has, up to the end that was granted. Part of its heartbeat.';

create function engine_close_lease(
  of_lease text, evidence jsonb, said_by text, said_why text, out refusal text
) language plpgsql as $$
declare
  how constant text := evidence ->> 'kind';
  lease leases;
  holder engines;
  held_on text;
  is_over boolean;
begin
  select * into lease from leases where lease_id = of_lease for update;
  if lease.closed_at is not null then return; end if; -- told again
  select * into holder from engines where process_id = lease.process_id;
  select host,
      lease.expires_at <= clock_timestamp() or ended_at is not null or killed_at is not null
    into held_on, is_over from processes where process_id = lease.process_id;
  refusal := case
    when lease.lease_id is null then 'LEASE_UNKNOWN'
    when how in ('disarmed', 'journal_read') and (
      (evidence ->> 'journal', (evidence ->> 'epoch')::bigint) is distinct from
      (holder.journal, holder.epoch)) then 'OTHER_JOURNAL'
    when how = 'disarmed' and evidence ->> 'process' is distinct from holder.process_id
      then 'NOT_HOLDER'
    when how in ('journal_read', 'venue_pages') and not is_over then 'HOLDER_LIVES'
    when how = 'journal_read' and (evidence ->> 'isWhole')::boolean is distinct from true
      then 'JOURNAL_DAMAGED'
    when how = 'venue_pages' and exists (
      select from jsonb_array_elements(lease.legs) as leg
      where not exists (
        select from jsonb_to_recordset(evidence -> 'venues') as page (
          venue text, "fromMs" bigint, "untilMs" bigint, "ordersFound" integer)
        where page.venue = leg -> 'instrument' ->> 'venue' and page."ordersFound" = 0
          and page."fromMs" <= extract(epoch from lease.granted_at) * 1000
          and page."untilMs" >= extract(epoch from lease.expires_at) * 1000)
      ) then 'PAGES_TOO_SHORT'
    when exists (
      select from engine_shots as shot
      where shot.epoch = holder.epoch and shot.pair_id = lease.pair_id
        and shot.adopted_at is null and shot.refused is null) then 'SHOTS_UNADOPTED'
    when how in ('disarmed', 'journal_read') and exists (
      select from jsonb_to_recordset(evidence -> 'unacknowledged') as slot (
        thread integer, sequence bigint)
      where not coalesce((
        select shot.adopted_at is not null or shot.refused is not null
        from engine_shots as shot
        where shot.host = held_on and shot.epoch = holder.epoch
          and shot.thread = slot.thread and shot.sequence = slot.sequence), false)
      ) then 'SHOTS_UNADOPTED'
    when how is null or how not in ('disarmed', 'journal_read', 'venue_pages')
      or (how <> 'venue_pages' and evidence -> 'unacknowledged' is null) then 'EVIDENCE_MISSING'
  end;
  if refusal is not null then return; end if;
  update leases set closed_at = clock_timestamp(), closed_how = how where lease_id = of_lease;
  insert into audit (at, by, action, subject, why, detail)
  values (clock_timestamp(), said_by, 'close_lease', of_lease, said_why,
    jsonb_build_object('evidence', evidence, 'left', trim_scale(lease.exposure)::text,
      'process', lease.process_id, 'epoch', holder.epoch));
end $$;
comment on function engine_close_lease(text, jsonb, text, text) is
  'Ends a lease: what is left of it counts no more. Audited with its evidence, which is one of: '
  '{kind: disarmed, process, journal, epoch, unacknowledged: [{thread, sequence}]}: the holder '
  'itself spends nothing more of it; {kind: journal_read, journal, epoch, isWhole, '
  'unacknowledged}: its journal was read, these slots of the pair are not acknowledged; {kind: '
  'venue_pages, venues: [{venue, fromMs, untilMs, ordersFound}]}: from the grant to the expiry, '
  'lateness included, each venue of its legs shows none of its orders. Refuses LEASE_UNKNOWN, '
  'EVIDENCE_MISSING, OTHER_JOURNAL, NOT_HOLDER, HOLDER_LIVES (neither ended, killed nor expired), '
  'JOURNAL_DAMAGED, PAGES_TOO_SHORT (or orders were found), SHOTS_UNADOPTED (told or in the '
  'journal, and no reservation yet). Told again, nothing changes.';
