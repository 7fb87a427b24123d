import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import type { Pair, Venue } from '../../domain/index.js';
import {
  type BookedEntry,
  bookEntries,
  findOrders,
  openBreaks,
  orderEvents,
  readControl,
  recordAnswer,
  recordOrders,
  tradeRows,
  tryProcessLock,
  unnamedOrders,
} from '../../store/index.js';
import { nameOrders } from '../../workers/trading/name-orders.js';
import { reportStrays } from '../../workers/trading/stray-entries.js';
import { pairOf } from '../support/markets.js';
import { enter, fillOf, NO, NOW_MS, orderOf } from './desk.js';
import { ACCEPTED, bodyOf, openEngineDesk, project, recordOf } from './engine-desk.js';
import { type ReservedTrade, recorded } from './engine-trade.js';

const desk = openEngineDesk();
const keepers: { readonly stop: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(keepers.splice(0).map(async (keeper) => keeper.stop()));
});

const SELDOM_MS = 3_600_000;
let firsts = 0;

/** A process that names orders; returns what it has told the trades. */
async function keep(everyMs = SELDOM_MS) {
  const told: BookedEntry[] = [];
  const keeper = await nameOrders({
    ...{ db: desk.db, databaseUrl: desk.databaseUrl, everyMs, nowMs: () => NOW_MS },
    tryLock: () => tryProcessLock(desk.databaseUrl, 'name orders'),
    tell: (attached) => told.push(...attached),
    log: pino({ level: 'silent' }),
  });
  keepers.push(keeper);
  return { told, keeper };
}

/** Is woken only where it has the lock and waits: both are so when it has named one order. */
async function isListening(): Promise<void> {
  firsts += 1;
  const trade = await recorded(desk, `first-${firsts}`);
  await answered(trade);
  await named(trade);
}

const whole = {
  written: 'whole',
  answer: { ...ACCEPTED, state: 'filled', cumulativeQuantity: '100' },
} as const;

/** Kalshi's name comes with its answer; Polymarket's was known. */
const answered = async ({ start, told }: Awaited<ReturnType<typeof recorded>>): Promise<void> =>
  project(desk, start, [recordOf(start, { ...told, yes: whole, no: whole })]);

async function nameOf({ workflowId }: ReservedTrade): Promise<string | undefined> {
  const [stored] = await findOrders(desk.db, [orderOf(workflowId, 'no').clientOrderId]);
  return stored?.venueOrderId;
}

const named = async (trade: ReservedTrade): Promise<void> =>
  expect.poll(() => nameOf(trade)).toBe(`v-no-${trade.intentId}`);

const kalshiFill = (intentId: string) =>
  fillOf({ venueOrderId: `v-no-${intentId}`, executionId: `e-${intentId}`, instrument: NO });

test('an order is named as its answer is told, and its trade hears of the fill that came first', async () => {
  const { told } = await keep();
  await isListening();
  const trade = await recorded(desk, 'overtaken');
  await bookEntries(desk.db, [kalshiFill('overtaken')]);
  await answered(trade);
  await named(trade);
  expect(await tradeRows(desk.db, trade.workflowId)).toMatchObject([
    { executionId: 'e-overtaken' },
  ]);
  await expect
    .poll(() => told)
    .toMatchObject([{ workflowId: trade.workflowId, entry: { executionId: 'e-overtaken' } }]);
  const { clientOrderId } = orderOf(trade.workflowId, 'no');
  const events = await orderEvents(desk.db, [clientOrderId]);
  expect(events.map(({ event, status }) => [event, status])).toEqual([
    ['sent', 'submitted'],
    ['accepted', 'filled'],
    ['named', 'filled'],
  ]);
});

test('an entry that was reported as a stray’s is explained, and its freeze is lifted', async () => {
  const { told } = await keep();
  await isListening();
  const trade = await recorded(desk, 'stray');
  await bookEntries(desk.db, [kalshiFill('stray')]);
  const pair: Pair = { ...pairOf(), pairId: trade.pairId };
  await reportStrays({
    db: desk.db,
    venue: { name: 'kalshi', account: 'main' } as Venue, // its name is all that is asked
    pairs: () => [{ ...pair, kalshi: { ...pair.kalshi, market: NO.market } }],
    nowMs: () => Date.now() + SELDOM_MS,
  });
  expect((await readControl(desk.db)).freezes).toHaveLength(1);
  await answered(trade);
  await expect.poll(() => told).toHaveLength(1);
  expect((await readControl(desk.db)).freezes).toEqual([]);
  expect((await openBreaks(desk.db)).filter(({ kind }) => kind === 'entry_without_order')).toEqual(
    [],
  );
});

test('what nobody announced is found by looking, once its shot is adopted', async () => {
  await keep(20);
  await isListening();
  const trade = await recorded(desk, 'lent');
  const lent = { ...trade, told: { ...trade.told, leaseEpoch: 1 } };
  await answered(lent);
  expect(await unnamedOrders(desk.db)).toEqual([]);
  await desk.rows('update engine_shots set adopted_at = now(), moved = 0 where intent_id = $1', [
    trade.intentId,
  ]);
  await named(trade);
});

test('an order whose name another has holds up no other', async () => {
  const { workflowId } = await enter(desk.db, 'taken.other');
  const order = orderOf(workflowId, 'no');
  await recordOrders(desk.db, [{ order, mode: 'simulated', body: bodyOf(order) }]);
  const { clientOrderId } = order;
  const said = { clientOrderId, event: 'accepted', detail: {}, atMs: NOW_MS } as const;
  await recordAnswer(desk.db, { ...said, venueOrderId: 'v-no-taken', status: 'filled' });
  const trades = [];
  for (const intentId of ['taken', 'free-1', 'free-2', 'free-3']) {
    const trade = await recorded(desk, intentId);
    await answered(trade);
    trades.push(trade);
  }
  await keep();
  for (const trade of trades.slice(1)) await named(trade);
  expect(await unnamedOrders(desk.db)).toMatchObject([{ venueOrderId: 'v-no-taken' }]);
});

test('of two processes one names, and the other goes on where it ended', async () => {
  const first = await keep();
  await isListening();
  await keep();
  const trade = await recorded(desk, 'two');
  await answered(trade);
  await named(trade);
  const { clientOrderId } = orderOf(trade.workflowId, 'no');
  const events = await orderEvents(desk.db, [clientOrderId]);
  expect(events.filter(({ event }) => event === 'named')).toHaveLength(1);
  await first.keeper.stop();
  const next = await recorded(desk, 'next');
  await answered(next);
  await expect.poll(() => nameOf(next), { timeout: 10_000 }).toBe('v-no-next');
});
