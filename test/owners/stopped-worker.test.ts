import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { takeOver } from '../../cli/commands/take-over.js';
import { arbitrageWorkflowId, toWire } from '../../domain/index.js';
import { claimExit, orderEvents, ordersOf, storyOf } from '../../store/index.js';
import { isSweptClean, Sweeping } from '../custody/sweeping.js';
import { openTestDesk, readyToTrade, type TestDesk } from '../support/desk.js';
import { atVenues, BOOKS_AGREE, checkedBooks, mustBeApproved, soon } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { tellFigures } from '../support/figures.js';
import type { AnyPoint } from '../support/fire-points.js';
import { testWorkflowBundle } from '../support/stack.js';
import {
  goOn,
  type HeldProcess,
  type Hold,
  passedSince,
  startHeldProcess,
  stoppedAt,
} from './held-process.js';

let desk: TestDesk;
let sweeping: Sweeping;
const workers: HeldProcess[] = [];
const holds = new Map<string, Hold>();

/** Each trade's exit is held at one point, in whichever of the two workers comes there first. */
const held = {
  'unpriced.1': 'exit: asked, nothing priced',
  'unrecorded.1': 'exit: priced, nothing recorded',
  'unsent.1': 'exit: recorded, nothing sent',
  'taken.1': 'exit: priced, nothing recorded',
  'given.1': 'exit: recorded, nothing sent',
} as const satisfies Record<string, AnyPoint>;

beforeAll(async () => {
  const pairs = { unpriced: {}, unrecorded: {}, unsent: {}, taken: {}, given: {} };
  // The process takes its queues from the mode, so this desk is the mode's own.
  desk = await openTestDesk({ pairs, desk: 'simulated', isTrading: false });
  const { codePath } = await testWorkflowBundle();
  for (const [intentId, point] of Object.entries(held)) {
    const workflowId = arbitrageWorkflowId(intentId);
    holds.set(intentId, { point, workflowId, file: join(desk.config.folders.data, intentId) });
  }
  const { terms, place } = desk;
  const options = { terms: toWire(terms), policy: toWire(place.policy), codePath };
  for (const processId of ['held-1', 'held-2']) {
    const config = { ...desk.config, processId };
    workers.push(await startHeldProcess(config, { ...options, holds: [...holds.values()] }));
  }
  await readyToTrade(desk);
  sweeping = new Sweeping(desk);
});
afterAll(async () => {
  await sweeping.close();
  await Promise.all(workers.map((worker) => worker.kill()));
  await desk.close();
});

/** A trade whose Polymarket leg gives nothing, and the process that stopped in its exit. */
async function stoppedInExit(intentId: string) {
  const pairId = intentId.split('.')[0] ?? '';
  desk.fault({ intentId, what: 'entry/yes', kinds: ['pulled_liquidity'] });
  const intent = intentOf(intentId, pairId, { notAfterMs: Date.now() + 60_000 });
  const { handle, verdict } = await desk.client.arbitrage(intent);
  mustBeApproved(verdict);
  const hold = holds.get(intentId);
  if (!hold) throw new Error(`${intentId} is held nowhere`);
  return { handle, pid: await stoppedAt(hold), passed: () => passedSince(hold) };
}

/**
 * A stopped process goes on being offered tasks, and takes them: each comes back to the other worker
 * only at its own timeout.
 */
const atLength = <T>(look: () => T): Promise<T> =>
  vi.waitFor(look, { timeout: 60_000, interval: 20 });

/** By whichever rung reached a worker that goes: a stopped one takes tasks that nobody does. */
const SOLD: unknown = expect.stringMatching(/^exit\/no\/\d+ kalshi reduces, sells no @ 0.46: 10$/);

const exitsOf = (intentId: string): readonly string[] =>
  atVenues(desk, intentId).filter((order) => order.startsWith('exit'));

/** Without the rungs that nobody took. */
const salesOf = (intentId: string): readonly string[] =>
  exitsOf(intentId).filter((order) => !order.endsWith(': 0'));

const SENT: AnyPoint = 'exit: sent, no answer';

/** What the stopped processes passed once they went on; said when they have ended. */
const late = new Map<string, () => readonly AnyPoint[]>();

/** What the stopped process did once it went on: the last word of it is in its order's events. */
async function saidOfOrder(intentId: string, rung: number): Promise<readonly string[]> {
  const orders = await ordersOf(desk.db, arbitrageWorkflowId(intentId));
  const order = orders.find(
    ({ order: { purpose } }) => purpose.kind === 'exit' && purpose.rung === rung,
  );
  const events = order ? await orderEvents(desk.db, [order.order.clientOrderId]) : [];
  return events.map(({ event }) => event);
}

test.each(['unpriced.1', 'unrecorded.1'] as const)(
  'a worker stopped before it recorded its exit (%s) finds the name taken when it goes on',
  async (intentId) => {
    const { handle, pid, passed } = await stoppedInExit(intentId);
    // The other worker has called the silent exit "never sent", and sells by the next rung.
    await atLength(() => expect(exitsOf(intentId)).toHaveLength(1));
    goOn(pid);
    expect(await handle.result()).toMatchObject({ kind: 'exited', contracts: 0n });
    late.set(intentId, passed);
    expect(exitsOf(intentId)).toEqual([SOLD]);
  },
  90_000,
);

test('a worker stopped after it recorded its exit sends nothing when the order is too late', async () => {
  const { handle, pid } = await stoppedInExit('unsent.1');
  await atLength(() => expect(exitsOf('unsent.1')).toHaveLength(1));
  goOn(pid);
  expect(await handle.result()).toMatchObject({ kind: 'exited', contracts: 0n });
  await soon(async () => expect(await saidOfOrder('unsent.1', 0)).toContain('notSent'));
  expect(exitsOf('unsent.1')).toEqual([SOLD]);
}, 90_000);

test('a worker that believes in an exit which was taken over sends nothing and says whose it is', async () => {
  const intentId = 'taken.1';
  const key = arbitrageWorkflowId(intentId);
  const { handle, pid } = await stoppedInExit(intentId);
  await claimExit(desk.db, { key, holder: 'custody/of-a-test' });
  goOn(pid);
  expect(await handle.result()).toMatchObject({
    kind: 'residual',
    residual: { leg: 'no', quantity: 10_000_000_000n, reason: 'taken_over' },
  });
  expect(exitsOf(intentId)).toEqual([]);
  await soon(async () => {
    const told = (await storyOf(desk.db, key)).map(({ text }) => text);
    expect(told).toContain('fenced: its exits belong to custody/of-a-test (epoch 2)');
  });
}, 90_000);

test('a worker stopped after it recorded its exit sends nothing once custody owns it, which sells', async () => {
  const intentId = 'given.1';
  const { handle, pid } = await stoppedInExit(intentId);
  const { db, config, client } = desk;
  const books = { db, mode: config.mode, operator: 'anna@desk7', nowMs: Date.now };
  const cli = { ...books, client: async () => client, close: async () => undefined };
  const given = await takeOver(cli, { id: intentId, why: 'its worker hangs', policy: 'exit' });
  expect(given).toMatchObject({ exitCode: 0, data: { isNew: true } });
  // Custody waits until the order may not leave any more, and sells by the worker that goes.
  await atLength(() => expect(salesOf(intentId)).toHaveLength(1));
  goOn(pid);
  await soon(async () => expect(await saidOfOrder(intentId, 0)).toContain('notSent'));
  await handle.result();
  expect(salesOf(intentId)).toEqual([
    expect.stringMatching(/kalshi reduces, sells no @ 0.46: 10$/),
  ]);
}, 90_000);

test('afterwards nothing is lost, made up or counted twice, and two sweeps leave nothing', async (context) => {
  await soon(async () => expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE));
  await isSweptClean(sweeping, context, { what: 'workers stopped in their exits' });
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
}, 90_000);

test('what the stopped processes had begun has ended, and none of it was a second exit', async (context) => {
  await Promise.all(workers.map((worker) => worker.drain()));
  for (const [intentId, passed] of late) expect(passed(), intentId).not.toContain(SENT);
  for (const [trade, point] of Object.entries(held)) {
    const exits = salesOf(trade).length;
    expect(exits, trade).toBe(trade === 'taken.1' ? 0 : 1);
    tellFigures(context, 'exit owners', { trade, 'stopped at': point, exits });
  }
}, 90_000);
