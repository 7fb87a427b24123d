import { afterEach, expect, test } from 'vitest';
import type { RateLimit, RateLimits, Venue } from '../../domain/index.js';
import { takeTokens } from '../../store/index.js';
import { createKalshiVenue } from '../../venues/kalshi/index.js';
import { openRateBudget } from '../../workers/trading/rate-budget.js';
import { rain } from '../kalshi/fixtures/orders.js';
import { openStage, type Stage, said } from '../kalshi/fixtures/stage.js';
import { openDesk } from '../store/desk.js';

const desk = openDesk();
const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

let accounts = 0;
const AMPLE: RateLimit = { capacity: 10_000, refillPerSecond: 10_000 };
/** Nothing comes back while a test looks. */
const scant = (capacity: number): RateLimit => ({ capacity, refillPerSecond: 0.001 });

async function stageOf(rates?: { readonly tokensPerSecond: number; readonly seconds: number }) {
  const stage = await openStage(rates ? { rates: { read: rates, write: rates } } : {});
  opened.push(() => stage.close());
  accounts += 1;
  return { stage, account: `kalshi-${accounts}` };
}

/** One worker's adapter; workers of one account share its buckets in Postgres. */
async function workerOf(
  { credentials, simulator }: Stage,
  account: string,
  limits: Partial<RateLimits>,
): Promise<Venue> {
  const both = { read: AMPLE, write: AMPLE, ...limits };
  const budget = await openRateBudget({ db: desk.db, venue: 'kalshi', account, limits: both });
  const venue = createKalshiVenue({
    ...{ account, credentials, budget, baseUrl: simulator.url, nowMs: Date.now },
  });
  opened.push(() => venue.close());
  return venue;
}

test('two workers that ask in a burst wait for their tokens; without them the venue refuses', async () => {
  const perSecond = 1_000;
  const { stage, account } = await stageOf({ tokensPerSecond: perSecond, seconds: 1 });
  const read = { capacity: perSecond, refillPerSecond: perSecond };
  const workers = [
    await workerOf(stage, account, { read }),
    await workerOf(stage, account, { read }),
  ];
  const burst = (venues: readonly Venue[]) =>
    Promise.all(venues.flatMap((venue) => Array.from({ length: 60 }, () => venue.balance())));
  expect((await burst(workers)).map(({ kind }) => kind)).not.toContain('unavailable');

  // The same bucket, but a slow machine does not fill it meanwhile.
  const { stage: slow } = await stageOf({ tokensPerSecond: 10, seconds: perSecond / 10 });
  const reckless = await burst([slow.venue, slow.venue]);
  expect(reckless).toContainEqual({ kind: 'unavailable', code: 'too_many_requests' });
}, 60_000);

test('reads leave a part of the bucket to those who want to get out', async () => {
  const { stage, account } = await stageOf();
  const venue = await workerOf(stage, account, { read: scant(100) });
  // A quarter is left: seven reads of ten tokens, and no eighth.
  for (let count = 0; count < 7; count += 1) expect((await venue.balance()).kind).toBe('read');
  expect(await venue.balance()).toEqual({ kind: 'unavailable', code: 'RATE_LATE' });
  expect((await venue.book(rain)).kind).toBe('read');
});

test('an entry has paid at its admission; an exit without tokens is not sent and may wait', async () => {
  const { stage, account } = await stageOf();
  const venue = await workerOf(stage, account, { write: scant(10) });
  const entry = said('buy yes 6 @ 0.50');
  await venue.warm(entry);
  const filled = await venue.place(await venue.prepare(entry, rain), 2_000);
  expect(filled.kind).toBe('accepted');

  const exitOf = (rung: number) =>
    said('sell yes 2 @ 0.48', {
      clientOrderId: `exit-${rung}`,
      purpose: { kind: 'exit', leg: 'yes', rung, attempt: 0 },
      notAfterMs: Date.now() + 60,
    });
  const placed = async (rung: number) => {
    const order = exitOf(rung);
    const prepared = await venue.prepare(order, rain);
    await venue.warm(order);
    return venue.place(prepared, 2_000);
  };
  expect((await placed(0)).kind).toBe('accepted');
  expect(await placed(1)).toMatchObject({ kind: 'refused', refusal: 'rate', code: 'RATE_LATE' });
  const known = stage.exchange.orders({ account: 'main' }).map(({ clientKey }) => clientKey);
  expect(known).not.toContain('exit-1');
});

test('a refusal of the venue empties the bucket, whatever we believed', async () => {
  const { stage, account } = await stageOf({ tokensPerSecond: 10, seconds: 1 });
  const venue = await workerOf(stage, account, { read: AMPLE });
  expect((await venue.balance()).kind).toBe('read');
  expect(await venue.balance()).toEqual({ kind: 'unavailable', code: 'too_many_requests' });
  const wanted = { venue: 'kalshi', account, kind: 'read', cost: 10, floor: 0 } as const;
  expect(await takeTokens(desk.db, wanted)).toMatchObject({ kind: 'wait' });
});
