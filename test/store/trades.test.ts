import { expect, test } from 'vitest';
import {
  type Instrument,
  money,
  price,
  quantity,
  type Settlement,
  toWire,
} from '../../domain/index.js';
import { insertHeldPair } from '../../store/held-pairs.js';
import {
  appendStory,
  bookEntries,
  closeTrade,
  findIntent,
  heldPairOf,
  heldPairs,
  nextNumber,
  openTrades,
  reviewHeldPairs,
  storyOf,
  tradesClosedSince,
  tradesList,
} from '../../store/index.js';
import { ACCOUNT, approve, fillOf, intentOf, NO, NOW_MS, openDesk, resultOf, YES } from './desk.js';

const desk = openDesk();

test('a matched trade leaves its result, its story and a held pair, once', async () => {
  const { intent, workflowId } = await approve(desk.db, 'matched');
  const result = resultOf('matched', { contracts: quantity('100'), net: money('2.97') });
  const closing = { workflowId, intent, result, isError: false, holdForMs: 0, atMs: NOW_MS };
  expect(await closeTrade(desk.db, closing)).toBe('closed');
  const other = { ...closing, result: resultOf('missed'), atMs: NOW_MS + 5 };
  expect(await closeTrade(desk.db, other)).toBe('unchanged');

  const stored = await findIntent(desk.db, 'matched');
  expect(stored).toMatchObject({ result: toWire(result), closedAtMs: NOW_MS });
  expect(await heldPairs(desk.db, ACCOUNT)).toMatchObject([
    {
      workflowId,
      account: ACCOUNT,
      pairId: intent.pairId,
      yes: YES,
      no: NO,
      contracts: quantity('100'),
      heldSinceMs: NOW_MS,
    },
  ]);
  const ends = (await storyOf(desk.db, workflowId)).filter(({ event }) => event === 'closed');
  expect(ends).toMatchObject([{ text: 'matched' }]);
});

test('a result for other content under the same id closes nothing', async () => {
  const { workflowId } = await approve(desk.db, 'content');
  const intent = intentOf('content', { contractsMax: quantity('7') });
  const result = resultOf('denied');
  const closing = { workflowId, intent, result, isError: false, holdForMs: 0, atMs: NOW_MS };
  expect(await closeTrade(desk.db, closing)).toBe('unchanged');
  expect((await findIntent(desk.db, 'content'))?.result).toBeUndefined();
});

test('open trades are listed with everything that a freeze may be scoped by', async () => {
  const { intent, workflowId } = await approve(desk.db, 'open');
  const { account, strategy, pairId } = intent;
  expect(await openTrades(desk.db)).toContainEqual({
    workflowId,
    account,
    strategy,
    pairId,
    instruments: [YES, NO],
  });
});

test('trades are listed newest first, and as they close', async () => {
  const { intent, workflowId } = await approve(desk.db, 'listed');
  const result = resultOf('missed');
  const atMs = NOW_MS + 60_000;
  await closeTrade(desk.db, { workflowId, intent, result, isError: false, holdForMs: 0, atMs });
  expect(await tradesList(desk.db, 100)).toHaveLength(4);
  const closed = await tradesClosedSince(desk.db, atMs);
  expect(closed.map((trade) => trade.intentId)).toEqual(['listed']);
});

test('a line of the story that a retry tells again is one line', async () => {
  const line = { workflowId: 'w', event: 'fired', text: 'both legs', detail: {}, atMs: NOW_MS };
  await appendStory(desk.db, line);
  await appendStory(desk.db, line);
  await appendStory(desk.db, { ...line, detail: { filled: quantity('1.5') }, atMs: NOW_MS + 1 });
  expect(await storyOf(desk.db, 'w')).toMatchObject([
    { detail: {} },
    { detail: { filled: '1.5' } },
  ]);
});

test('a sequence gives every number once, to whoever asks', async () => {
  const given = await Promise.all(
    Array.from({ length: 20 }, async () => nextNumber(desk.db, 'rain.7')),
  );
  expect(given.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(await nextNumber(desk.db, 'rain.8')).toBe(1);
});

test('a match is held until both of its markets have paid, in whatever order that is booked', async () => {
  const paid = (instrument: Instrument, at: string): Settlement => ({
    ...{ kind: 'settlement', reference: instrument.market, account: ACCOUNT, instrument },
    ...{ quantity: quantity('100'), price: price(at), cash: money(at === '1' ? '100' : '0') },
    atMs: NOW_MS + 7,
  });
  const [yes, no] = [YES, NO].map((leg) => ({ ...leg, market: `${leg.market}-ends` }));
  if (!yes || !no) throw new Error('two legs');
  const { intent, workflowId } = await approve(desk.db, 'paid-before');
  const bought = [yes, no].map((instrument) =>
    fillOf({
      ...{
        venueOrderId: instrument.market,
        executionId: '1',
        quantity: quantity('100'),
        instrument,
      },
    }),
  );
  await bookEntries(desk.db, [...bought, paid(no, '0')]);
  await insertHeldPair(desk.db, {
    ...{ workflowId, account: ACCOUNT, pairId: intent.pairId, contracts: quantity('100') },
    ...{ yes, no, heldSinceMs: NOW_MS },
  });
  await desk.db
    .transaction()
    .execute(async (tx) => reviewHeldPairs(tx, { account: ACCOUNT, nowMs: NOW_MS }));
  const found = async () => heldPairOf(desk.db, workflowId);
  expect(await found()).toMatchObject({ state: 'resolved_on_one', noHeld: 0n });
  await bookEntries(desk.db, [paid(yes, '1')]);
  expect(await found()).toMatchObject({ state: 'paid', paid: money('100'), loss: 0n });
});
