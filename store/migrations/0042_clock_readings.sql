-- Up Migration

-- What the kernel of a host has said of its clock: what is compared between hosts, and between a host
-- and its venues, is off by as much.
create table clock_readings (
  host text not null,
  at timestamptz not null,
  process_id text not null references engines,
  is_synchronised boolean not null,
  -- Null: more than can be counted.
  estimated_error_us bigint check (estimated_error_us >= 0),
  maximum_error_us bigint check (maximum_error_us >= 0),
  primary key (host, at)
);

create function engine_tell_clock(
  of_process text, of_epoch bigint,
  is_synchronised boolean, estimated_error_us bigint, maximum_error_us bigint
) returns text language plpgsql as $$
declare
  of_host text;
begin
  select host into of_host from engines join processes using (process_id)
  where process_id = of_process and epoch = of_epoch;
  if not found then return 'NOT_REGISTERED'; end if;
  perform set_config('synchronous_commit', 'off', true);
  insert into clock_readings (host, at, process_id, is_synchronised, estimated_error_us,
    maximum_error_us)
  values (of_host, clock_timestamp(), of_process, is_synchronised, estimated_error_us,
    maximum_error_us);
  delete from clock_readings
  where host = of_host and at < clock_timestamp() - interval '90 days';
  return null;
end $$;
comment on function engine_tell_clock(text, bigint, boolean, bigint, bigint) is
  'Keeps what the kernel says of its clock now: whether anybody keeps it, and what it is off by, '
  'most likely and at most, in microseconds (null: more than can be counted). For 90 days. Refuses '
  'NOT_REGISTERED.';
