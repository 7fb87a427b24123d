-- Up Migration

create function engine_orders_known(names text[]) returns boolean language sql stable return (
  select count(*) = cardinality(names) from orders where client_order_id = any (names)
);
comment on function engine_orders_known(text[]) is
  'Whether each of these orders has its row: who is asked to fire an intent that was fired by '
  'another door waits for what that door has sent to be told.';
