import { sql } from 'kysely';
import { expect, test } from 'vitest';
import {
  claim,
  closeBreak,
  isOwner,
  listen,
  openBreak,
  openBreaks,
  tryBookerLock,
} from '../../store/index.js';
import { NOW_MS, openDesk } from './desk.js';

const desk = openDesk();

test('a new holder fences the older one; the same holder keeps its epoch', async () => {
  const pair = { kind: 'pair', key: 'rain' };
  const first = await claim(desk.db, { ...pair, holder: 'host-a' });
  expect(await claim(desk.db, { ...pair, holder: 'host-a' })).toBe(first);
  const second = await claim(desk.db, { ...pair, holder: 'host-b' });
  expect(second).toBeGreaterThan(first);
  expect(await isOwner(desk.db, { ...pair, holder: 'host-a', epoch: first })).toBe(false);
  expect(await isOwner(desk.db, { ...pair, holder: 'host-b', epoch: second })).toBe(true);
  const third = await claim(desk.db, { ...pair, holder: 'host-a' });
  expect(await isOwner(desk.db, { ...pair, holder: 'host-a', epoch: first })).toBe(false);
  expect(await isOwner(desk.db, { ...pair, holder: 'host-a', epoch: third })).toBe(true);
});

test('of those that claim at once each has an epoch of its own', async () => {
  const holders = ['a', 'b', 'c', 'd', 'e'];
  const claims = holders.map((holder) => claim(desk.db, { kind: 'position', key: 'p', holder }));
  expect(new Set(await Promise.all(claims)).size).toBe(holders.length);
});

test('a break is open once, and may open again after it was closed', async () => {
  const found = {
    kind: 'entry_differs',
    key: 'k',
    venue: 'kalshi',
    detail: { ours: '1' },
  } as const;
  expect(await openBreak(desk.db, { ...found, atMs: NOW_MS })).toBe('opened');
  expect(await openBreak(desk.db, { ...found, atMs: NOW_MS + 1 })).toBe('already_open');
  expect(await openBreaks(desk.db)).toMatchObject([{ ...found, atMs: NOW_MS }]);
  await closeBreak(desk.db, { ...found, by: 'ada', why: 'corrected', atMs: NOW_MS });
  expect(await openBreaks(desk.db)).toEqual([]);
  expect(await openBreak(desk.db, { ...found, atMs: NOW_MS + 2 })).toBe('opened');
});

test('an account has one booker per venue, and another when the first is gone', async () => {
  const first = await tryBookerLock(desk.databaseUrl, 'kalshi', 'main');
  expect(first?.isLost()).toBe(false);
  expect(await tryBookerLock(desk.databaseUrl, 'kalshi', 'main')).toBeUndefined();
  const otherVenue = await tryBookerLock(desk.databaseUrl, 'polymarket', 'main');
  expect(otherVenue).toBeDefined();
  await first?.release();
  expect(first?.isLost()).toBe(true);
  const next = await tryBookerLock(desk.databaseUrl, 'kalshi', 'main');
  expect(next).toBeDefined();
  await next?.release();
  await otherVenue?.release();
});

test('a listener whose connection broke comes back and says that it may have missed something', async () => {
  let connections = 0;
  let wake: () => void = () => undefined;
  const listening = await listen(desk.databaseUrl, 'drill', (payload) => {
    if (payload === undefined) connections += 1;
    wake();
  });
  const reconnected = new Promise<void>((resolve) => (wake = resolve));
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where query = 'listen "drill"' and datname = current_database()`.execute(desk.db);
  await reconnected;
  expect(connections).toBe(2);
  await listening.close();
});
