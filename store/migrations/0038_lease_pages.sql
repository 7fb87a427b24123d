-- Up Migration

-- What the pages have to say is held against the lease here, as the journal's word is. Evidence of before
-- said neither when its readings began nor how late an order may be: what is closed by it stays closed.
create function pages_close_lease(lease leases, evidence jsonb) returns boolean
language sql stable as $$
  with said as (
    select (evidence ->> 'latenessMs')::bigint as lateness, (evidence ->> 'asked')::bigint as asked
  ), missed as (
    select count(distinct at_ms::bigint) as times,
      min(at_ms::bigint) as first, max(at_ms::bigint) as last
    from jsonb_array_elements_text(evidence -> 'missedAtMs') as at_ms
  ), lent as (
    select extract(epoch from lease.granted_at) * 1000 as from_ms,
      extract(epoch from lease.expires_at) * 1000 as until_ms
  )
  select coalesce(
    lateness > 0 and times >= 5 and asked >= times
      and first > until_ms + lateness and last - first >= lateness
      and last <= extract(epoch from clock_timestamp()) * 1000
      and not exists (
        select from jsonb_array_elements(lease.legs) as leg
        where not exists (
          select from jsonb_to_recordset(evidence -> 'venues') as page (
            venue text, "fromMs" bigint, "untilMs" bigint)
          where page.venue = leg -> 'instrument' ->> 'venue'
            and page."fromMs" <= from_ms - lateness and page."untilMs" = last)),
    false)
  from said, missed, lent
$$;
comment on function pages_close_lease(leases, jsonb) is
  'Whether readings of the venues'' pages show that nothing of a lease has arrived (domain/absence.ts '
  'is the twin): each of five or more began after its expiry and latenessMs, by this clock and not in '
  'the future; they are spread over another latenessMs; and the last was of every venue of its legs, '
  'from latenessMs before the grant. How late an order may be is the desk''s term (latenessMs): it is '
  'believed, and audited.';

create or replace function engine_close_lease(
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
    when how = 'venue_pages' and not pages_close_lease(lease, evidence) then 'PAGES_TOO_SHORT'
    when exists (
      select from engine_shots as shot
      where shot.epoch = holder.epoch and shot.pair_id = lease.pair_id
        and shot.lease_epoch is not null and shot.adopted_at is null and shot.refused is null and shot.barred is null)
      then 'SHOTS_UNADOPTED'
    when how in ('disarmed', 'journal_read') and exists (
      select from jsonb_to_recordset(evidence -> 'unacknowledged') as slot (
        thread integer, sequence bigint)
      where not coalesce((
        select shot.adopted_at is not null or shot.refused is not null or shot.barred is not null
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
  'venue_pages, latenessMs, asked, missedAtMs, venues: [{venue, fromMs, untilMs, ordersResolved}]}: '
  'from latenessMs before the grant, each venue of its legs has shown none of its orders in readings '
  'that began then (pages_close_lease). Refuses LEASE_UNKNOWN, EVIDENCE_MISSING, OTHER_JOURNAL, '
  'NOT_HOLDER, HOLDER_LIVES (neither ended, killed nor expired), JOURNAL_DAMAGED, PAGES_TOO_SHORT, '
  'SHOTS_UNADOPTED (told or in the journal, and no reservation yet). Told again, nothing changes.';
