import { expect, test } from 'vitest';
import { record } from '../../activities/record.js';
import { isOpenAgain, reopened } from '../../activities/reopen.js';
import {
  type ArbitrageIntent,
  arbitrageWorkflowId,
  type Instrument,
  money,
  positionCaseKey,
  quantity,
  type TradeResult,
} from '../../domain/index.js';
import {
  bookEntries,
  closeCase,
  closeTrade,
  exitOwner,
  findIntent,
  liveHold,
  openBreaks,
  openCase,
  readControl,
  recordOrders,
  reservationOf,
  withdrawResult,
} from '../../store/index.js';
import { approvalFor, kalshiMarket, polymarketMarket } from '../domain/trade-fixture.js';
import {
  ACCOUNT,
  approve,
  fillOf,
  NO,
  NOW_MS,
  openDesk,
  orderOf,
  resultOf,
  YES,
} from '../store/desk.js';
import { quickPolicy } from '../support/desk-terms.js';
import { deskOf } from './desk-of.js';

const books = openDesk();
const HOLD_AFTER_MS = 10_000;
/** What ten YES at 0.52 have cost. */
const WITH_ALL = money('-5.2');

interface Closed {
  readonly workflowId: string;
  readonly intent: ArbitrageIntent;
  readonly instrument: Instrument;
}

/** Ten YES at 0.52 are booked of a trade that was closed with this net, or of one that is open. */
async function entered(name: string): Promise<Closed> {
  const workflowId = arbitrageWorkflowId(name);
  const instrument = { ...YES, market: `0x${name}` };
  const no = { ...NO, market: `KX-${name}` };
  const yesOrder = orderOf(workflowId, 'yes', { instrument });
  const approval = approvalFor();
  const { intent } = await approve(books.db, name, {
    ...approval,
    pair: {
      ...approval.pair,
      polymarket: { ...polymarketMarket, market: instrument.market },
      kalshi: { ...kalshiMarket, market: no.market },
    },
    entries: { yesOrder, noOrder: orderOf(workflowId, 'no', { instrument: no }) },
  });
  await recordOrders(books.db, [
    { order: yesOrder, mode: 'simulated', body: '{}', venueOrderId: name },
  ]);
  await bookEntries(books.db, [fillOf({ venueOrderId: name, executionId: '1', instrument })]);
  return { workflowId, intent, instrument };
}

async function closed(name: string, net = money('0')): Promise<Closed> {
  const trade = await entered(name);
  const end = { isError: false, holdForMs: HOLD_AFTER_MS, atMs: NOW_MS };
  await closeTrade(books.db, { ...end, ...trade, result: resultOf('residual', { net }) });
  return trade;
}

const asked = () => deskOf({ db: books.db, policy: quickPolicy });

/** A position of these contracts is a case of custody's, which ends at that time. */
async function lookedAfter({ instrument }: Closed, untilMs?: number): Promise<void> {
  const key = positionCaseKey(ACCOUNT, instrument);
  const why = 'no open trade explains these contracts';
  const found = { kind: 'position', key, why, instrument, quantity: quantity('10') } as const;
  await openCase(books.db, { place: { account: ACCOUNT, instrument }, found, atMs: NOW_MS });
  if (untilMs !== undefined) await closeCase(books.db, { key, how: 'sold', atMs: untilMs });
}

const isOpen = async ({ intent }: Closed) =>
  (await findIntent(books.db, intent.intentId))?.result === undefined;

test('an end that lacks rows is taken back, and all that stood behind the trade does again', async () => {
  const trade = await closed('lacking');
  const { workflowId, intent } = trade;
  expect(await reservationOf(books.db, workflowId)).toBeUndefined();

  expect(await reopened(asked(), workflowId)).toBe(true);
  expect(await isOpen(trade)).toBe(true);
  expect(await reservationOf(books.db, workflowId)).toMatchObject({ workflowId });
  expect(await exitOwner(books.db, workflowId)).toMatchObject({ holder: workflowId });
  const later = { pairId: intent.pairId, nowMs: NOW_MS + 2 * HOLD_AFTER_MS };
  expect(await liveHold(books.db, later)).toMatchObject({ holder: workflowId, untilMs: null });
});

test('of two that take an end back at once one does, and for both the trade is open again', async () => {
  const trade = await closed('both-look');
  const { workflowId } = trade;
  const both = [isOpenAgain(asked(), workflowId), isOpenAgain(asked(), workflowId)];
  expect(await Promise.all(both)).toEqual([true, true]);
  expect(await isOpenAgain(asked(), workflowId)).toBe(true);
  expect(await isOpen(trade)).toBe(true);

  const sold = await closed('sold-meanwhile');
  await lookedAfter(sold);
  expect(await isOpenAgain(asked(), sold.workflowId), 'custody has it').toBe(false);
});

test('an end that has every row stands: who asks is late, and the trade is over', async () => {
  const trade = await closed('whole', WITH_ALL);
  expect(await reopened(asked(), trade.workflowId)).toBe(false);
  expect(await isOpen(trade)).toBe(false);
  expect(await reservationOf(books.db, trade.workflowId)).toBeUndefined();
});

test('an end that lacks rows stands while custody looks after what they brought', async () => {
  const trade = await closed('theirs');
  await lookedAfter(trade);
  expect(await reopened(asked(), trade.workflowId)).toBe(false);
  expect(await isOpen(trade)).toBe(false);
});

test('an end that lacks rows stands when custody has sold what they brought', async () => {
  const trade = await closed('sold');
  await lookedAfter(trade, NOW_MS + 1);
  expect(await reopened(asked(), trade.workflowId)).toBe(false);
  expect(await isOpen(trade)).toBe(false);
});

test('what cannot be covered again is not taken back: both are one commit', async () => {
  const trade = await closed('uncovered');
  const unread = () => {
    throw new Error('no terms to cover it by');
  };
  const desk = { ...asked(), policy: new Proxy(quickPolicy, { ownKeys: unread, get: unread }) };
  await expect(reopened(desk, trade.workflowId)).rejects.toThrow('no terms');
  expect(await isOpen(trade)).toBe(false);
});

/** A residual, as the trade itself ends it. */
function ended(trade: Closed, net: TradeResult['net']) {
  const { workflowId, intent } = trade;
  const left = { quantity: quantity('10'), leg: 'yes', reason: 'loss_limit' } as const;
  const result = resultOf('residual', { net, residual: left });
  const closing = { workflowId, intent, result, orders: [], breaks: [], story: [] };
  return record(asked(), { ...closing, isError: false, holdForMs: 0 });
}

async function shownOf({ workflowId, intent }: Closed): Promise<readonly string[]> {
  const breaks = (await openBreaks(books.db)).filter(({ key }) => key === workflowId);
  const { freezes } = await readControl(books.db);
  const ours = freezes.filter(({ scope }) => scope.kind === 'pair' && scope.key === intent.pairId);
  return [...breaks.map(({ kind }) => kind), ...ours.map(({ freezeId }) => freezeId)];
}

test('the second end has a freeze of its own, and ends what the first one left', async () => {
  const trade = await entered('twice');
  const { workflowId } = trade;
  await ended(trade, money('0'));
  const told = ['report_without_workflow', `residual/${workflowId}`, `unowned/${workflowId}/1`];
  expect(await shownOf(trade)).toEqual(told);

  await ended(trade, WITH_ALL);
  expect(await findIntent(books.db, 'twice')).toMatchObject({ result: { net: '-5.2' } });
  expect(await shownOf(trade)).toEqual([`residual/${workflowId}/1`]);
});

test('who dies between two ends does it all when it is asked again', async () => {
  const trade = await entered('died');
  const { workflowId } = trade;
  await ended(trade, money('0'));
  await withdrawResult(books.db, { workflowId, caseKeys: [], atMs: NOW_MS });
  // As the process leaves it that dies once its second end is written, before the first one's is over.
  const end = { isError: false, holdForMs: 0, atMs: NOW_MS };
  await closeTrade(books.db, { ...end, ...trade, result: resultOf('residual', { net: WITH_ALL }) });
  expect(await shownOf(trade)).toContain('report_without_workflow');

  await ended(trade, WITH_ALL);
  expect(await shownOf(trade)).toEqual([`residual/${workflowId}/1`]);
});

test('a second end that lacks rows as well leaves the break and the freeze of the first', async () => {
  const trade = await entered('lackingtwice');
  const { workflowId } = trade;
  await ended(trade, money('0'));
  await withdrawResult(books.db, { workflowId, caseKeys: [], atMs: NOW_MS });
  await ended(trade, money('-1'));
  expect(await shownOf(trade)).toEqual([
    'report_without_workflow',
    `unowned/${workflowId}/1`,
    `residual/${workflowId}/1`,
  ]);
});
