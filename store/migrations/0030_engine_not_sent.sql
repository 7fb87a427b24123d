-- Up Migration

create function engine_not_sent(
  of_process text, of_epoch bigint, order_ids text[], code text, out refusal text
) language plpgsql as $$
begin
  if not exists (select from engines where process_id = of_process and epoch = of_epoch) then
    refusal := 'NOT_REGISTERED';
    return;
  end if;
  with closed as (
    update orders set status = 'denied'
    where client_order_id in (
      select planned.client_order_id from orders as planned
      where planned.client_order_id = any (order_ids)
        and planned.status = 'planned' and not planned.is_forbidden
        and not exists (
          select from engine_legs as leg where leg.client_order_id = planned.client_order_id)
      order by planned.client_order_id collate "C" for no key update)
    returning client_order_id
  )
  insert into order_events (client_order_id, at, event, status, detail)
  select client_order_id, clock_timestamp(), 'notSent', 'denied',
    jsonb_build_object('kind', 'notSent', 'code', code, 'process', of_process)
  from closed;
end $$;
comment on function engine_not_sent(text, bigint, text[], text) is
  'Orders that a start has recorded and given up before its journal had them: nothing has left, and '
  'why by name. Those that a journal tells of are told there. Told again, and of orders that are '
  'not there or stand otherwise, nothing changes. Refuses NOT_REGISTERED.';
