-- Up Migration

-- What a venue lets an account ask per second, shared by every process that uses the account. The
-- figures are ours; the venue's own bucket is the truth and shows itself as a 429.
create table rate_buckets (
  venue venue_name not null,
  account text not null,
  kind text not null check (kind in ('read', 'write')),
  capacity double precision not null check (capacity > 0),
  refill_per_second double precision not null check (refill_per_second > 0),
  tokens double precision not null,
  -- Nothing is refilled before this; it lies ahead while a refusal of the venue is waited out.
  as_of timestamptz not null,
  primary key (venue, account, kind)
);

-- What a bucket holds at a time. A clock that is set back refills nothing.
create function tokens_at(bucket rate_buckets, at timestamptz) returns double precision
language sql immutable as $$
  select least(
    bucket.capacity,
    bucket.tokens
      + bucket.refill_per_second * greatest(0, extract(epoch from at - bucket.as_of))
  )
$$;

-- Takes `cost` tokens if `floor` are left afterwards. Else nothing is taken, and `wait_ms` is how
-- long it takes until they are there, if nobody else takes any.
create function take_tokens(
  of_venue venue_name, of_account text, of_kind text, cost double precision,
  floor double precision default 0, at timestamptz default clock_timestamp(),
  out granted boolean, out tokens double precision, out wait_ms integer
) language plpgsql as $$
declare
  bucket rate_buckets;
  missing double precision;
begin
  select * into bucket from rate_buckets as buckets
  where buckets.venue = of_venue and buckets.account = of_account and buckets.kind = of_kind
  for no key update;
  if not found then
    raise exception 'no rate bucket of % for account % (%)', of_venue, of_account, of_kind;
  end if;
  if cost + floor > bucket.capacity then
    raise exception '% tokens above % never fit in a bucket of %', cost, floor, bucket.capacity;
  end if;
  tokens := tokens_at(bucket, at);
  granted := tokens - cost >= floor;
  if granted then
    tokens := tokens - cost;
    update rate_buckets as buckets
    set tokens = take_tokens.tokens, as_of = greatest(bucket.as_of, at)
    where buckets.venue = of_venue and buckets.account = of_account and buckets.kind = of_kind;
    wait_ms := 0;
    return;
  end if;
  missing := cost + floor - tokens;
  wait_ms := ceil(1000 * (
    missing / bucket.refill_per_second
      + greatest(0, extract(epoch from bucket.as_of - at))
  ));
end $$;

-- The venue has refused for its rate: whatever we believed, there is nothing until `for_ms` are over.
create function empty_bucket(
  of_venue venue_name, of_account text, of_kind text, for_ms integer,
  at timestamptz default clock_timestamp()
) returns void language sql as $$
  update rate_buckets
  set tokens = 0, as_of = greatest(as_of, at + for_ms * interval '1 millisecond')
  where venue = of_venue and account = of_account and kind = of_kind
$$;
