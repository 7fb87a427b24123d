import { afterAll, beforeAll, expect, test } from 'vitest';
import { arbitrageWorkflowId, clientOrderIdOf } from '../../domain/index.js';
import { findIntent, findOrders, orderEvents } from '../../store/index.js';
import { openTestDesk, readyToTrade, type TestDesk } from '../support/desk.js';
import { atVenues, BOOKS_AGREE, checkedBooks, soon } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { startTradingProcess, type TradingProcess } from '../support/trading-process.js';

let desk: TestDesk;
let trading: TradingProcess;
let starts = 0;

async function start(): Promise<void> {
  starts += 1;
  trading = await startTradingProcess({ ...desk.config, processId: `crash-${starts}` });
}

beforeAll(async () => {
  // The process takes its queues from the mode, so this desk is the mode's own.
  const pairs = { both: {}, one: {}, exit: {} };
  desk = await openTestDesk({ pairs, desk: 'simulated', isTrading: false });
  await start();
  await readyToTrade(desk);
});
afterAll(async () => {
  await trading.kill();
  await desk.close();
});

const bothFilled = [
  'entry/no kalshi buys no @ 0.48: 10',
  'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
];

/** The venue has taken the order and holds its answer back: sent, and not recorded. */
const SILENT = ['timeout_after_acceptance'] as const;

test.each([
  ['both', ['entry/yes', 'entry/no'], bothFilled],
  ['one', ['entry/yes'], bothFilled],
])(
  'a worker killed after the send and before the record (%s) leaves orders that are found',
  async (pairId, silent, atTheEnd) => {
    const intentId = `killed-${pairId}.1`;
    for (const what of silent) desk.fault({ intentId, what, kinds: SILENT });
    const intent = intentOf(intentId, pairId, { notAfterMs: Date.now() + 60_000 });
    const { handle } = await desk.client.arbitrage(intent);
    await soon(() => expect(atVenues(desk, intentId)).toHaveLength(2));
    await trading.kill();
    expect(await answersOf(intentId, silent)).toEqual([]);
    await start();

    expect(await handle.result()).toMatchObject({ kind: 'matched', contracts: 10_000_000_000n });
    expect(atVenues(desk, intentId)).toEqual(atTheEnd);
  },
  60_000,
);

test('a worker killed while it gets out does not sell twice', async () => {
  const intentId = 'killed-exit.1';
  desk.fault({ intentId, what: 'entry/yes', kinds: ['pulled_liquidity'] });
  desk.fault({ intentId, what: 'exit/no/0', kinds: SILENT });
  const intent = intentOf(intentId, 'exit', { notAfterMs: Date.now() + 60_000 });
  const { handle } = await desk.client.arbitrage(intent);
  await soon(() => expect(atVenues(desk, intentId)).toHaveLength(2));
  await trading.kill();
  await start();

  expect(await handle.result()).toMatchObject({ kind: 'exited', contracts: 0n });
  expect(atVenues(desk, intentId)).toEqual([
    'entry/no kalshi buys no @ 0.48: 10',
    'exit/no/0 kalshi reduces, sells no @ 0.46: 10',
  ]);
}, 60_000);

test('afterwards nothing is lost, made up or counted twice', async () => {
  await soon(async () => expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE));
  for (const intentId of ['killed-both.1', 'killed-one.1', 'killed-exit.1']) {
    expect((await findIntent(desk.db, intentId))?.result).toBeDefined();
  }
});

/** What was recorded of these orders' answers: nothing, or the kill came too late to prove anything. */
async function answersOf(intentId: string, whats: readonly string[]): Promise<readonly string[]> {
  const ids = whats.map((what) => clientOrderIdOf(arbitrageWorkflowId(intentId), what, 0));
  expect(await findOrders(desk.db, ids)).toHaveLength(whats.length);
  const events = await orderEvents(desk.db, ids);
  return events
    .map(({ event }) => event)
    .filter((event) => ['accepted', 'silence'].includes(event));
}
