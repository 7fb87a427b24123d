-- Up Migration

create function engine_trades(names text[])
returns table (
  intent_id text, epoch bigint, thread integer, sequence bigint,
  orders text[], written text[], decided_ns bigint, monotonic_ns bigint, written_ns bigint
) language sql stable
begin atomic
  select admitted.intent_id, shot.epoch, shot.thread, shot.sequence,
    shot.orders, shot.written, shot.decided_ns, shot.monotonic_ns, shot.written_ns
  from intents as admitted
  left join lateral (
    select fired.epoch, fired.thread, fired.sequence, fired.decided_ns, fired.monotonic_ns,
      legs.orders, legs.written, legs.written_ns
    from engine_shots as fired
    cross join lateral (
      select array_agg(leg.client_order_id order by leg.leg = 'no') as orders,
        array_agg(leg.written order by leg.leg = 'no') as written,
        max(leg.written_ns) as written_ns
      from engine_legs as leg
      where (leg.host, leg.epoch, leg.thread, leg.sequence)
        = (fired.host, fired.epoch, fired.thread, fired.sequence)
    ) as legs
    where fired.workflow_id = admitted.workflow_id and fired.lease_epoch is null
      and fired.refused is null and fired.barred is null
    order by fired.decided_ns limit 1
  ) as shot on true
  where admitted.intent_id = any (names);
end;
comment on function engine_trades(text[]) is
  'Of these intents the ones that have a trade, each with the shot that was fired for its '
  'reservation, whichever host''s: orders and what the wire took, YES first, when it was decided on '
  '(since 1970 and on the engine''s monotonic clock) and when the last byte had left. Nulls: no such '
  'shot is told yet.';
