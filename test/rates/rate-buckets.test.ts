import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RateLimit } from '../../domain/index.js';
import {
  type BucketName,
  connect,
  emptyBucket,
  ensureBucket,
  takeTokens,
} from '../../store/index.js';
import { NOW_MS, openDesk } from '../store/desk.js';

const desk = openDesk();
const WAIT = (waitMs: number) => ({ kind: 'wait', waitMs });
const GRANTED = { kind: 'granted' };
let buckets = 0;

/** A full bucket of its own: 100 tokens, 50 a second. */
async function bucketOf(limit: RateLimit = { capacity: 100, refillPerSecond: 50 }) {
  buckets += 1;
  const name: BucketName = { venue: 'kalshi', account: `rate-${buckets}`, kind: 'write' };
  await ensureBucket(desk.db, { ...name, ...limit, atMs: NOW_MS });
  const take = (cost: number, { afterMs = 0, floor = 0 } = {}) =>
    takeTokens(desk.db, { ...name, cost, floor, atMs: NOW_MS + afterMs });
  return { name, take };
}

describe('a bucket', () => {
  test('gives what it holds and not one token more', async () => {
    const { take } = await bucketOf();
    expect(await take(90)).toEqual(GRANTED);
    expect(await take(11)).toEqual(WAIT(20));
    expect(await take(10)).toEqual(GRANTED);
    expect(await take(1)).toEqual(WAIT(20));
  });

  test('fills with time, never above its brim, and not by a clock that is set back', async () => {
    const { take } = await bucketOf();
    await take(100);
    expect(await take(50, { afterMs: 999 })).toEqual(WAIT(1));
    expect(await take(50, { afterMs: 1_000 })).toEqual(GRANTED);
    expect(await take(1, { afterMs: -60_000 })).toMatchObject({ kind: 'wait' });
    expect(await take(100, { afterMs: 3_600_000 })).toEqual(GRANTED);
    expect(await take(1, { afterMs: 3_600_000 })).toEqual(WAIT(20));
  });

  test('keeps a part for those who get out', async () => {
    const { take } = await bucketOf();
    expect(await take(70, { floor: 25 })).toEqual(GRANTED);
    expect(await take(6, { floor: 25 })).toEqual(WAIT(20));
    expect(await take(5, { floor: 25 })).toEqual(GRANTED);
    expect(await take(25)).toEqual(GRANTED);
  });

  test('is empty for as long as a refusal of the venue says', async () => {
    const { name, take } = await bucketOf();
    await emptyBucket(desk.db, { ...name, forMs: 2_000, atMs: NOW_MS });
    expect(await take(10)).toEqual(WAIT(2_200));
    expect(await take(10, { afterMs: 2_199 })).toEqual(WAIT(1));
    // A later, shorter refusal does not shorten the first.
    await emptyBucket(desk.db, { ...name, forMs: 100, atMs: NOW_MS });
    expect(await take(10, { afterMs: 2_199 })).toEqual(WAIT(1));
    expect(await take(10, { afterMs: 2_200 })).toEqual(GRANTED);
  });

  test('that is not there, or is smaller than what is asked, throws: it could never give it', async () => {
    const { name, take } = await bucketOf();
    await expect(take(101)).rejects.toThrow('never fit in a bucket of 100');
    await expect(take(90, { floor: 25 })).rejects.toThrow('never fit');
    const nobody = { ...name, account: 'nobody', cost: 1, floor: 0 };
    await expect(takeTokens(desk.db, nobody)).rejects.toThrow('no rate bucket of kalshi');
  });

  test('keeps what it holds when another process starts, within its new size', async () => {
    const { name, take } = await bucketOf();
    await take(60);
    await ensureBucket(desk.db, { ...name, capacity: 30, refillPerSecond: 1, atMs: NOW_MS });
    expect(await take(30)).toEqual(GRANTED);
    expect(await take(1)).toMatchObject({ kind: 'wait' });
  });
});

test('workers that ask at once share one bucket: together they get what it holds', async () => {
  const { name } = await bucketOf({ capacity: 50, refillPerSecond: 1 });
  const other = connect(desk.databaseUrl);
  const wanted = { ...name, cost: 1, floor: 0, atMs: NOW_MS };
  const asked = Array.from({ length: 80 }, (_, index) =>
    takeTokens(index % 2 === 0 ? desk.db : other.db, wanted),
  );
  const granted = (await Promise.all(asked)).filter(({ kind }) => kind === 'granted');
  await other.close();
  expect(granted).toHaveLength(50);
});

test('never more than its brim and what has come since, whoever asks when', async () => {
  const step = fc.record({
    afterMs: fc.integer({ min: -500, max: 2_000 }),
    cost: fc.integer({ min: 1, max: 60 }),
    floor: fc.constantFrom(0, 25),
    isRefused: fc.nat(9).map((one) => one === 0),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const { name, take } = await bucketOf();
      let nowMs = 0;
      let latestMs = 0;
      let granted = 0;
      for (const { afterMs, cost, floor, isRefused } of steps) {
        nowMs += afterMs;
        latestMs = Math.max(latestMs, nowMs);
        if (isRefused) await emptyBucket(desk.db, { ...name, forMs: 300, atMs: NOW_MS + nowMs });
        const answer = await take(cost, { afterMs: nowMs, floor });
        if (answer.kind === 'granted') granted += cost;
        else expect(answer.waitMs).toBeGreaterThan(0);
        expect(granted).toBeLessThanOrEqual(100 + (50 * latestMs) / 1_000 + 1e-6);
      }
    }),
    { numRuns: 40 },
  );
});
