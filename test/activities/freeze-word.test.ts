import { expect, test } from 'vitest';
import { FreezeWord } from '../../activities/index.js';
import type { Freeze } from '../../domain/index.js';

const subject = {
  venues: ['kalshi', 'polymarket'],
  account: 'main',
  strategy: 'scan',
  instruments: [],
  pairId: 'rain',
  workflowId: 'arbitrage/1',
} as const;

const halt: Freeze = {
  freezeId: 'f1',
  scope: { kind: 'global' },
  cause: 'manual',
  why: 'drill',
  by: 'operator',
  action: 'leave',
  atMs: 0,
};

/** A word whose Postgres is a variable. */
function desk() {
  const world = {
    control: { epoch: 1, freezes: [] as Freeze[] },
    isPostgresThere: true,
    takesWords: true,
    acknowledged: [] as number[],
    reads: 0,
    errors: 0,
  };
  const word = new FreezeWord({
    readControl: async () => {
      world.reads += 1;
      if (!world.isPostgresThere) throw new Error('no answer');
      return Promise.resolve(world.control);
    },
    acknowledge: async (epoch) => {
      if (!world.takesWords) throw new Error('no answer');
      return Promise.resolve(void world.acknowledged.push(epoch));
    },
    pollEveryMs: 60_000,
    onError: () => {
      world.errors += 1;
    },
  });
  const hear = async () => {
    const seen = world.reads;
    word.wake();
    await expect.poll(() => world.reads).toBeGreaterThan(seen);
  };
  return { world, word, hear };
}

test('a freeze that was announced is told to an exit, so that it only sells', async () => {
  const { world, word, hear } = desk();
  await word.start();
  expect(word.freezeOf(subject)).toBeUndefined();
  world.control = { epoch: 2, freezes: [halt] };
  await hear();
  await expect.poll(() => word.freezeOf(subject)).toEqual(halt);
  await word.stop();
});

test('an epoch is acknowledged once, and only after it was read', async () => {
  const { world, word, hear } = desk();
  await word.start();
  expect(world.acknowledged).toEqual([1]);
  await hear();
  expect(world.acknowledged).toEqual([1]);
  world.control = { epoch: 2, freezes: [halt] };
  await hear();
  await expect.poll(() => world.acknowledged).toEqual([1, 2]);
  expect(word.freezeOf(subject)).toEqual(halt);
  await word.stop();
});

test('an acknowledgement that Postgres did not take is made again', async () => {
  const { world, word, hear } = desk();
  world.takesWords = false;
  await word.start();
  expect([world.acknowledged, world.errors]).toEqual([[], 1]);
  world.takesWords = true;
  await hear();
  await expect.poll(() => world.acknowledged).toEqual([1]);
  await word.stop();
});

test('when Postgres does not answer, what was frozen stays frozen', async () => {
  const { world, word, hear } = desk();
  world.control = { epoch: 2, freezes: [halt] };
  await word.start();
  world.isPostgresThere = false;
  world.control = { epoch: 3, freezes: [] };
  await hear();
  await expect.poll(() => world.errors).toBe(1);
  expect(word.freezeOf(subject)).toEqual(halt);
  expect(world.acknowledged).toEqual([2]);
  await word.stop();
});

test('what is announced while it is being read is read at once, and not at the next poll', async () => {
  const readings: ((epoch: number) => void)[] = [];
  const acknowledged: number[] = [];
  const word = new FreezeWord({
    readControl: async () =>
      new Promise((resolve) => readings.push((epoch) => resolve({ epoch, freezes: [] }))),
    acknowledge: async (epoch) => Promise.resolve(void acknowledged.push(epoch)),
    pollEveryMs: 60_000,
    onError: () => undefined,
  });
  const started = word.start();
  word.wake(); // its freeze is committed after that reading was made
  readings[0]?.(1);
  await expect.poll(() => readings).toHaveLength(2);
  readings[1]?.(2);
  await started;
  expect(acknowledged).toEqual([1, 2]);
  expect(word.acknowledged).toBe(2);
  await word.stop();
});
