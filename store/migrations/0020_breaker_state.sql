-- Up Migration

-- What both breakers of an account, or of one pair of it, are judged by: counted from closed trades
-- and never kept beside them. A function, because Postgres keeps its plan: planning took longer than
-- counting, and the account is locked meanwhile.
--
-- A trade that fired nothing has no is_error: it neither adds to a row of errors nor ends one. An
-- order is in doubt when it is not certain past its shot, whatever its row calls it.
create function breaker_state(of_account text, of_pair text, now_ms bigint)
returns table (errors_at timestamptz[], has_unknown boolean, realised_today numeric)
language plpgsql stable as $$
declare
  -- No errors limit is higher; a longer row of errors is as open as this one.
  errors_counted_max constant int := 100;
  day_ms constant bigint := 86400000;
  day_began timestamptz := to_timestamp((now_ms - now_ms % day_ms) / 1000.0);
  errors_since timestamptz;
  loss_since timestamptz;
begin
  select coalesce(max(at) filter (where breaker = 'errors'), to_timestamp(0)),
      coalesce(max(at) filter (where breaker = 'loss'), to_timestamp(0))
    into errors_since, loss_since
    from breaker_resets
    where account = of_account and pair_id is not distinct from of_pair;

  select array_agg(closed_at order by closed_at) into errors_at from (
    select closed_at, bool_and(is_error) over (order by closed_at desc, intent_id) as is_in_row from (
      select closed_at, is_error, intent_id from intents
      where account = of_account and (of_pair is null or pair_id = of_pair)
        and is_error is not null and closed_at > errors_since
      order by closed_at desc limit errors_counted_max
    ) as latest
  ) as judged where is_in_row;

  select exists (
    select from orders join intents using (workflow_id)
    where orders.account = of_account and (of_pair is null or intents.pair_id = of_pair)
      and orders.status in ('planned', 'submitted', 'unknown', 'working', 'pendingCancel')
      and (orders.status = 'unknown' or (child_order ->> 'notAfterMs')::int8 < now_ms)
  ) into has_unknown;

  select sum(realised) into realised_today from intents
    where account = of_account and (of_pair is null or pair_id = of_pair)
      and is_error is not null and closed_at >= day_began and closed_at > loss_since;

  return next;
end $$;
