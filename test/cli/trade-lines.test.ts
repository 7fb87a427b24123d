import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { tradeLines } from '../../cli/trade-lines.js';
import { money, quantity, type TradeResult } from '../../domain/index.js';
import { bookEntries, closeTrade, recordAnswer, recordOrders } from '../../store/index.js';
import { enter, fillOf, NOW_MS, openDesk, orderOf, resultOf } from '../store/desk.js';

const books = openDesk();
const clock = { nowMs: NOW_MS - 10_000 };

/** Takes lines from now on; `next` gives those of the looks until there are so many. */
function watching() {
  const closed = new AbortController();
  const lines = tradeLines(
    {
      databaseUrl: () => books.databaseUrl,
      ...{ nowMs: () => clock.nowMs, lookEveryMs: 1, slowAfterMs: 5_000 },
    },
    closed.signal,
  )[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value } = (await lines.next()) as { value: string };
    return stripVTControlCharacters(value);
  };
  return { next, close: () => closed.abort() };
}

async function ends(
  id: string,
  result: TradeResult,
  { pairId, atMs }: { readonly pairId: string; readonly atMs: number },
): Promise<void> {
  const trade = await enter(books.db, id, { pairId });
  await closeTrade(books.db, { ...trade, result, isError: false, holdForMs: 0, atMs });
}

describe('a line per trade', () => {
  test('tells when, what, at which edge, what is held, how it ended and for how much', async () => {
    const { next, close } = watching();
    const line = next();
    const { intent, workflowId } = await enter(books.db, 'scan.7.12', { pairId: 'rain-seattle' });
    const order = orderOf(workflowId, 'yes');
    await recordOrders(books.db, [{ order, mode: 'simulated', body: '{}', venueOrderId: 'v1' }]);
    await bookEntries(books.db, [
      fillOf({ venueOrderId: 'v1', executionId: 'e1', quantity: quantity('30') }),
    ]);
    const result = resultOf('matched', { net: money('1.12') });
    const closing = { intent, workflowId, result, isError: false, holdForMs: 0 };
    await closeTrade(books.db, { ...closing, atMs: NOW_MS + 1_900 });
    expect(await line).toMatch(
      /^\d\d:\d\d:\d\d scan\.7\.12 +rain-seattle +pY kN 100@3¢ +Y30 N0 +matched +\+1\.12 1\.9 s$/,
    );
    close();
  });

  test('a denial is named, once for a pair that is asked about again and again', async () => {
    const { next, close } = watching();
    await next(); // the match above: ended after this watch began
    const denied = resultOf('denied', { denial: { code: 'CANCELED' } });
    await ends('d.1', denied, { pairId: 'storm', atMs: NOW_MS + 2_000 });
    expect(await next()).toMatch(/d\.1 +storm .* denied +CANCELED$/);
    await ends('d.2', denied, { pairId: 'storm', atMs: NOW_MS + 2_001 });
    await ends('d.3', denied, { pairId: 'calm', atMs: NOW_MS + 2_002 });
    expect(await next()).toMatch(/d\.3 +calm/);
    close();
  });

  test('a trade that takes long is told once, with what it waits for', async () => {
    clock.nowMs = NOW_MS + 60_000;
    const { next, close } = watching();
    const { workflowId } = await enter(books.db, 'slow.1');
    const order = orderOf(workflowId, 'no');
    await recordOrders(books.db, [{ order, mode: 'simulated', body: '{}' }]);
    const { clientOrderId } = order;
    await recordAnswer(books.db, {
      ...{ clientOrderId, event: 'silence', status: 'unknown', detail: {}, atMs: NOW_MS },
    });
    const first = await next();
    expect(first).toMatch(/slow\.1 .* open +1 min: (kalshi unknown|an answer|next step)/);
    await ends('quick.1', resultOf('missed'), { pairId: 'gale', atMs: NOW_MS + 60_000 });
    expect(await next()).toMatch(/quick\.1/); // not slow.1 again
    close();
  });
});

test('every line fits a hundred columns', async () => {
  clock.nowMs = NOW_MS + 120_000;
  const { next, close } = watching();
  const id = 'a-strategy-with-a-long-name.4294967295.123456';
  const result = resultOf('residual', {
    ...{ net: money('-12.3456'), contracts: quantity('7') },
    residual: { leg: 'yes', quantity: quantity('3'), reason: 'kept' },
  });
  const pairId = 'a-pair-with-quite-a-long-name-of-its-own';
  await ends(id, result, { pairId, atMs: NOW_MS + 120_000 });
  const line = await next();
  expect(line).toMatch(/residual -12\.3456 3 yes left/);
  expect(line.length).toBeLessThanOrEqual(100);
  close();
});

test('a desk without a database has no lines', async () => {
  const options = { databaseUrl: () => undefined, nowMs: () => 0, lookEveryMs: 1, slowAfterMs: 1 };
  const lines: string[] = [];
  for await (const line of tradeLines(options, new AbortController().signal)) lines.push(line);
  expect(lines).toEqual([]);
});
