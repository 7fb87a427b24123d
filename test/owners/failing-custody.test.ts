import { randomUUID } from 'node:crypto';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { price, quantity } from '../../domain/index.js';
import { openBreaks, openCases } from '../../store/index.js';
import type { RunningWork } from '../../workers/lifecycle.js';
import { isSweptClean, Sweeping } from '../custody/sweeping.js';
import { openTestDesk, readyToTrade, type TestDesk } from '../support/desk.js';
import { soon } from '../support/desk-ends.js';
import { ACCOUNT } from '../support/desk-venues.js';
import { tellFigures } from '../support/figures.js';
import { testWorkflowBundle } from '../support/stack.js';
import { startTradingAndEngine } from '../support/trading-and-engine.js';
import { brokenBundle } from './mutated-bundle.js';

const REPORTED_MS_MAX = 5_000;

let desk: TestDesk;
let trading: RunningWork;
let sweeping: Sweeping;

async function startWith(bundle: { code: string } | { codePath: string }): Promise<void> {
  const { terms, policy, custody, desk: queues } = desk.place;
  const processId = `caring-${'code' in bundle ? 'broken' : 'mended'}`;
  const log = pino({ level: 'silent' });
  trading = await startTradingAndEngine(
    { config: { ...desk.config, processId }, log },
    { terms, policy, desk: queues, bundle, custody },
  );
  await readyToTrade(desk);
}

beforeAll(async () => {
  desk = await openTestDesk({ pairs: { hand: {} }, isTrading: false });
  await startWith(await brokenBundle('attendRequest'));
  sweeping = new Sweeping(desk);
});
afterAll(async () => {
  await sweeping.close();
  await trading.stop();
  await desk.close();
});

const failing = async () =>
  (await openBreaks(desk.db)).filter(({ kind }) => kind === 'workflow_task_failing');
const orderByHand = { venueOrderId: randomUUID(), clientKey: randomUUID() };
const stateByHand = () =>
  desk.venues.kalshi.exchange
    .orders({ account: ACCOUNT })
    .find(({ venueOrderId }) => venueOrderId === orderByHand.venueOrderId)?.state;

test('custody whose task fails for ever is reported within five seconds', async (context) => {
  const placed = desk.venues.kalshi.exchange.place({
    ...{ ...orderByHand, account: ACCOUNT, market: desk.pairs.pair('hand').kalshi.market },
    ...{ outcome: 'yes', side: 'buy', limitPrice: price('0.05'), timeInForce: 'GTC' },
    fixed: { kind: 'contracts', contracts: quantity('7') },
    ...{ isReduceOnly: false, isPostOnly: false },
  });
  expect(placed.kind).not.toBe('refused');
  await soon(async () => {
    await sweeping.tell();
    expect(await failing()).toHaveLength(1);
  });
  const [found] = await failing();
  const custodyId = found?.key ?? '';
  expect(custodyId).toMatch(/^custody\/kalshi\/main\//);
  const { events } = await desk.temporal.workflow.getHandle(custodyId).fetchHistory();
  const failed = events?.find((event) => event.workflowTaskFailedEventAttributes);
  if (!found || !failed) throw new Error(`no task of ${custodyId} has failed`);
  const [open] = await openCases(desk.db);
  expect(found.detail).toMatchObject({ about: open?.found.key, failure: 'mutated: attendRequest' });
  expect(stateByHand()).toBe('working');

  const reportedMs = found.atMs - tsToMs(failed.eventTime);
  expect(reportedMs).toBeGreaterThan(0);
  expect(reportedMs).toBeLessThanOrEqual(REPORTED_MS_MAX);
  const aim = `≤ ${REPORTED_MS_MAX}`;
  tellFigures(context, 'failing tasks', { trade: 'custody', 'reported after ms': reportedMs, aim });
});

test('mended it goes on by itself: the order is cancelled, and nothing is left', async (context) => {
  await trading.stop();
  await startWith(await testWorkflowBundle());
  await soon(() => expect(stateByHand()).toBe('canceled'));
  await soon(async () => expect(await failing()).toEqual([]));
  await isSweptClean(sweeping, context, { what: 'custody whose task failed' });
});
