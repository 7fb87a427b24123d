import { expect, test } from 'vitest';
import { FreezeGate } from '../../activities/index.js';
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

/** A gate whose Postgres is a variable and whose clock is a number. */
function desk() {
  const world = {
    nowMs: 1_000,
    control: { epoch: 1, freezes: [] as Freeze[] },
    isPostgresThere: true,
    acknowledged: [] as number[],
    reads: 0,
  };
  const gate = new FreezeGate({
    readControl: async () => {
      world.reads += 1;
      if (!world.isPostgresThere) throw new Error('no answer');
      return Promise.resolve(world.control);
    },
    acknowledge: async (epoch) => Promise.resolve(void world.acknowledged.push(epoch)),
    nowMs: () => world.nowMs,
    pollEveryMs: 60_000,
    leaseMs: 1_000,
    onError: () => undefined,
  });
  const hear = async () => {
    const seen = world.reads;
    gate.wake();
    await expect.poll(() => world.reads).toBeGreaterThan(seen);
    await Promise.resolve();
  };
  return { world, gate, hear };
}

test('a process that has never read the word about freezes takes no new risk', () => {
  expect(desk().gate.enter(subject).kind).toBe('control_lost');
});

test('a word that was read less than the lease ago lets an entry pass, at the lease none', async () => {
  const { world, gate } = desk();
  await gate.start();
  world.nowMs += 999;
  const passage = gate.enter(subject);
  expect(passage.kind).toBe('entered');
  world.nowMs += 1;
  expect(gate.enter(subject)).toEqual({ kind: 'control_lost', heardMsAgo: 1_000, limitMs: 1_000 });
  await gate.stop();
});

test('a freeze that was announced stops the next entry and not an exit', async () => {
  const { world, gate, hear } = desk();
  await gate.start();
  world.control = { epoch: 2, freezes: [halt] };
  await hear();
  await expect.poll(() => gate.enter(subject).kind).toBe('frozen');
  expect(gate.freezeOf(subject)).toEqual(halt); // an exit is told, so that it only sells
  await gate.stop();
});

test('an epoch is acknowledged only when every shot begun before it has left its section', async () => {
  const { world, gate, hear } = desk();
  await gate.start();
  await expect.poll(() => world.acknowledged).toEqual([1]);
  const shot = gate.enter(subject);
  world.control = { epoch: 2, freezes: [halt] };
  await hear();
  await expect.poll(() => gate.enter(subject).kind).toBe('frozen');
  expect(world.acknowledged).toEqual([1]);

  if (shot.kind === 'entered') shot.leave();
  await expect.poll(() => world.acknowledged).toEqual([1, 2]);
  await gate.stop();
});

test('when Postgres does not answer, the word grows old and entries stop by themselves', async () => {
  const { world, gate, hear } = desk();
  await gate.start();
  world.isPostgresThere = false;
  world.nowMs += 1_500;
  await hear();
  expect(gate.enter(subject).kind).toBe('control_lost');
  await gate.stop();
});
