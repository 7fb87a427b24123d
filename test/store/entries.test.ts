import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import {
  add,
  type Fill,
  type Instrument,
  money,
  negate,
  price,
  quantity,
  type Settlement,
  type VenueEntry,
  ZERO_MONEY,
} from '../../domain/index.js';
import {
  bookEntries,
  cashMoved,
  closeBreak,
  entriesWithoutOrder,
  insertFreeze,
  listEntries,
  openBreak,
  openBreaks,
  position,
  positions,
  readBookerCursor,
  readControl,
  recordAnswer,
  recordOrders,
  resolveBreak,
  tradeRows,
  tradeRowsOfOrder,
  unownedRows,
  writeBookerCursor,
} from '../../store/index.js';
import { ACCOUNT, enter, fillOf, NO, NOW_MS, openDesk, orderOf, reversalOf, YES } from './desk.js';

const desk = openDesk();

const kinds = (booked: readonly { readonly entry: VenueEntry }[]) =>
  booked.map(({ entry }) => (entry.kind === 'fill' ? `fill ${entry.finality}` : entry.kind));

test('an entry counts once, however often and at whatever moment it is told', async () => {
  const instrument = { ...YES, market: '0xonce' };
  const fill = fillOf({ venueOrderId: 'once', executionId: 't', instrument });
  const told = await Promise.all([1, 2, 3, 4].map(async () => bookEntries(desk.db, [fill, fill])));
  expect(told.flat()).toHaveLength(1);
  expect(await position(desk.db, ACCOUNT, instrument)).toBe(quantity('10'));
});

test('custody reads a row at the time we heard of it, where the venue’s clock is ahead', async () => {
  const instrument = { ...YES, market: '0xahead' };
  const atMs = Date.now() + 3_600_000;
  const fill = fillOf({ venueOrderId: 'ahead', executionId: 't', instrument, atMs });
  const [booked] = await bookEntries(desk.db, [fill]);
  expect(booked?.entry.atMs).toBe(atMs);
  const [row] = await unownedRows(desk.db, { account: ACCOUNT, instrument });
  expect(row?.atMs).toBeLessThan(atMs - 3_000_000);
});

interface Telling {
  readonly name: string;
  readonly tell: (fill: Fill) => readonly VenueEntry[];
  readonly news: readonly string[];
  readonly held: string;
}
const confirmed = (fill: Fill): Fill => ({ ...fill, finality: 'final' });
const bothWays = ['fill provisional', 'reversal'];

test.each<Telling>([
  // what the venue tells, in this order; what is news of it; what is held then
  {
    name: 'a match, then its confirmation',
    tell: (f) => [f, confirmed(f)],
    news: ['fill final'],
    held: '10',
  },
  {
    name: 'a confirmation, then its match',
    tell: (f) => [confirmed(f), f],
    news: ['fill final'],
    held: '10',
  },
  { name: 'a match that fails', tell: (f) => [f, reversalOf(f)], news: bothWays, held: '0' },
  { name: 'a failure without a match', tell: (f) => [reversalOf(f)], news: bothWays, held: '0' },
  { name: 'a failure, then its match', tell: (f) => [reversalOf(f), f], news: bothWays, held: '0' },
])('$name', async ({ name, tell, news, held }) => {
  const instrument = { ...YES, market: name };
  const [venueOrderId, finality] = [name, 'provisional'] as const;
  const fill = fillOf({ venueOrderId, executionId: 't', instrument, finality });
  const entries = tell(fill);

  expect(kinds(await bookEntries(desk.db, entries))).toEqual(news);
  expect(await position(desk.db, ACCOUNT, instrument)).toBe(quantity(held));
  expect(await bookEntries(desk.db, entries)).toEqual([]);
});

test('a provisional fill is news once more when it becomes final, and counts once', async () => {
  const instrument = { ...YES, market: '0xfinal' };
  const fill = fillOf({ venueOrderId: 'f', executionId: 't', instrument, finality: 'provisional' });
  expect(kinds(await bookEntries(desk.db, [fill]))).toEqual(['fill provisional']);
  const final = { ...fill, finality: 'final' } as const;
  expect(kinds(await bookEntries(desk.db, [final]))).toEqual(['fill final']);
  expect(await bookEntries(desk.db, [fill, final])).toEqual([]);
  expect(await position(desk.db, ACCOUNT, instrument)).toBe(quantity('10'));
});

test('the same execution with another amount is a break, and what was booked first stays', async () => {
  const instrument = { ...YES, market: '0xdiffers' };
  const fill = fillOf({ venueOrderId: 'd', executionId: 't', instrument });
  await bookEntries(desk.db, [fill]);
  expect(await bookEntries(desk.db, [{ ...fill, quantity: quantity('11') }])).toEqual([]);
  expect(await position(desk.db, ACCOUNT, instrument)).toBe(quantity('10'));
  expect(await openBreaks(desk.db)).toMatchObject([{ kind: 'entry_differs', venue: 'polymarket' }]);
});

test('a confirmation after a failure is a break, and stays a failure', async () => {
  const instrument = { ...YES, market: '0xlate' };
  const fill = fillOf({ venueOrderId: 'l', executionId: 't', instrument, finality: 'provisional' });
  await bookEntries(desk.db, [fill, reversalOf(fill)]);
  expect(await bookEntries(desk.db, [{ ...fill, finality: 'final' }])).toEqual([]);
  const breaks = await openBreaks(desk.db);
  expect(breaks.map((found) => found.kind)).toContain('final_after_reversal');
});

test('two orders of one trade at the venue are two entries', async () => {
  const instrument = { ...YES, market: '0xtwo' };
  const fills = ['a', 'b'].map((venueOrderId) =>
    fillOf({ venueOrderId, executionId: 'same-trade', instrument }),
  );
  expect(await bookEntries(desk.db, fills)).toHaveLength(2);
  expect(await position(desk.db, ACCOUNT, instrument)).toBe(quantity('20'));
});

test('a fill is found by our id or by the name its venue gave the order', async () => {
  const { workflowId, intent } = await enter(desk.db, 'entries-1');
  const [byOurs, byTheirs] = [orderOf(workflowId, 'yes'), orderOf(workflowId, 'no')];
  const body = { mode: 'simulated', body: '{}' } as const;
  await recordOrders(desk.db, [
    { ...body, order: byOurs },
    { ...body, order: byTheirs, venueOrderId: 'theirs' },
  ]);
  const { clientOrderId } = byOurs;
  const booked = await bookEntries(desk.db, [
    fillOf({ venueOrderId: 'not known yet', executionId: '1', clientOrderId }),
    fillOf({ venueOrderId: 'theirs', executionId: '2', instrument: NO }),
  ]);
  const owner = { workflowId, pairId: intent.pairId };
  expect(booked).toMatchObject([owner, owner]);
  expect(await tradeRows(desk.db, workflowId)).toHaveLength(2);
  expect(await tradeRowsOfOrder(desk.db, clientOrderId)).toMatchObject([{ executionId: '1' }]);
});

test('a reversal told alone books its fill too, and both are of the order', async () => {
  const { workflowId } = await enter(desk.db, 'entries-2');
  const order = orderOf(workflowId, 'yes');
  await recordOrders(desk.db, [{ order, mode: 'simulated', body: '{}', venueOrderId: 'undone' }]);
  const fill = fillOf({ venueOrderId: 'undone', executionId: '1' });
  const booked = await bookEntries(desk.db, [reversalOf(fill)]);
  expect(booked).toMatchObject([{ workflowId }, { workflowId }]);
  expect(await tradeRows(desk.db, workflowId)).toHaveLength(2);
});

test("a fill of nobody's order is booked, and seen as one that nothing explains", async () => {
  const account = 'stranger';
  const fill = fillOf({ venueOrderId: 'x', executionId: 'x', clientOrderId: 'not ours', account });
  const [booked] = await bookEntries(desk.db, [fill]);
  expect(booked?.workflowId).toBeUndefined();
  const question = { venue: 'polymarket', account, bookedBeforeMs: Date.now() + 60_000 } as const;
  expect(await entriesWithoutOrder(desk.db, question)).toMatchObject([{ executionId: 'x' }]);

  const stray = { kind: 'entry_without_order', key: 'polymarket/x/x', detail: {} } as const;
  await openBreak(desk.db, { ...stray, atMs: NOW_MS });
  expect(await entriesWithoutOrder(desk.db, question)).toHaveLength(1);
  await closeBreak(desk.db, { ...stray, by: 'ada', why: 'traded by hand', atMs: NOW_MS });
  expect(await entriesWithoutOrder(desk.db, question)).toEqual([]);
});

test('a stray fill that finds its order is no break any more, and its freeze is lifted', async () => {
  const { workflowId } = await enter(desk.db, 'strayed');
  const order = orderOf(workflowId, 'yes');
  const { clientOrderId } = order;
  await recordOrders(desk.db, [{ order, mode: 'simulated', body: '{}' }]);
  await bookEntries(desk.db, [fillOf({ venueOrderId: 'late name', executionId: '1' })]);
  const key = 'polymarket/late name/1';
  const stray = { kind: 'entry_without_order', key, detail: {}, atMs: NOW_MS } as const;
  await openBreak(desk.db, stray);
  await insertFreeze(desk.db, {
    ...{ freezeId: `stray/${key}`, scope: { kind: 'pair', key: 'p' }, by: 'booker' },
    ...{ cause: 'reconciliation_break', why: 'whose?', action: 'leave', atMs: NOW_MS },
  });
  const named = { clientOrderId, event: 'accepted', venueOrderId: 'late name' } as const;
  expect(await recordAnswer(desk.db, { ...named, detail: {}, atMs: NOW_MS })).toHaveLength(1);

  expect((await openBreaks(desk.db)).map((open) => open.key)).not.toContain(key);
  const { freezes } = await readControl(desk.db);
  expect(freezes.map(({ freezeId }) => freezeId)).not.toContain(`stray/${key}`);
});

test('a contradiction that was resolved stays so, however often the venue repeats it', async () => {
  const account = 'repeater';
  const fill = fillOf({ venueOrderId: 'odd', executionId: '1', account });
  const told = { ...fill, cash: money('-9.9') };
  const breaks = async () => (await openBreaks(desk.db)).filter((open) => open.account === account);
  await bookEntries(desk.db, [fill, told]);
  const [open] = await breaks();
  const said = { by: 'ada', why: 'theirs is a rounding', atMs: NOW_MS };
  await resolveBreak(desk.db, { ...said, breakId: open?.breakId ?? 0 });
  await bookEntries(desk.db, [told]);
  expect(await breaks()).toEqual([]);
  await bookEntries(desk.db, [{ ...fill, cash: money('-7') }]);
  expect(await breaks()).toHaveLength(1);
});

test.each<[string, readonly (readonly [Instrument, 'buy' | 'sell', string])[], object[]]>([
  // account, its fills, what it holds
  [
    'kalshi-hedged',
    [
      [kalshi('yes'), 'buy', '10'],
      [kalshi('no'), 'buy', '10'],
    ],
    [],
  ],
  [
    'kalshi-surplus',
    [
      [kalshi('yes'), 'buy', '10'],
      [kalshi('no'), 'buy', '4'],
    ],
    [{ instrument: kalshi('yes'), quantity: quantity('6') }],
  ],
  [
    'kalshi-sold-yes',
    [
      [kalshi('no'), 'buy', '4'],
      [kalshi('yes'), 'sell', '3'],
    ],
    [{ instrument: kalshi('no'), quantity: quantity('7') }],
  ],
  [
    'polymarket-holds-both',
    [
      [YES, 'buy', '10'],
      [{ ...YES, outcome: 'no' }, 'buy', '4'],
    ],
    [
      { instrument: { ...YES, outcome: 'no' }, quantity: quantity('4') },
      { instrument: YES, quantity: quantity('10') },
    ],
  ],
])('%s: the position is what the venue would say', async (account, fills, held) => {
  await bookEntries(
    desk.db,
    fills.map(([instrument, side, filled], index) => {
      const executionId = `${account}-${index}`;
      const traded = { instrument, side, quantity: quantity(filled) };
      return fillOf({ venueOrderId: account, executionId, account, ...traded });
    }),
  );
  expect(await positions(desk.db, account)).toEqual(held);
});

test('a settlement pays and takes the contracts away', async () => {
  const account = 'settled';
  const bought = fillOf({ venueOrderId: 's', executionId: '1', account, price: price('0.4') });
  const paid: Settlement = {
    kind: 'settlement',
    reference: 'r-1',
    account,
    instrument: YES,
    quantity: quantity('10'),
    price: price('1'),
    cash: money('10'),
    atMs: NOW_MS,
  };
  await bookEntries(desk.db, [bought, paid, paid]);
  expect(await positions(desk.db, account)).toEqual([]);
  expect(await cashMoved(desk.db, account, 'polymarket')).toBe(money('6'));
  expect((await listEntries(desk.db, { limit: 1 }))[0]?.entry).toEqual(paid);
});

test('positions and cash are the sums of the entries, in whatever order pages are booked', async () => {
  let story = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyFill(), { minLength: 1, maxLength: 12 }), async (drawn) => {
      story += 1;
      const account = `sum-${story}`;
      const fills = drawn.map((fill, index) => ({ ...fill, account, executionId: `${index}` }));
      const pages = [fills, fills.toReversed(), fills.slice(1)];
      await Promise.all(pages.map(async (page) => bookEntries(desk.db, page)));
      const cash = fills.reduce((sum, fill) => add(sum, fill.cash), ZERO_MONEY);
      expect(await cashMoved(desk.db, account, 'polymarket')).toBe(cash);
      const { rows } = await sql<{ adrift: number }>`
        select count(*) as adrift from entry_sums natural full join (
          select account, venue, market, outcome, sum(moved) as quantity, sum(cash) as cash
          from venue_entries group by 1, 2, 3, 4) as counted
        where entry_sums.quantity is null or counted.quantity is null`.execute(desk.db);
      expect(rows).toEqual([{ adrift: 0 }]);
    }),
    { numRuns: 25 },
  );
});

test('an entry cannot be rewritten, taken back or made provisional again', async () => {
  const fill = fillOf({ venueOrderId: 'kept', executionId: 't' });
  await bookEntries(desk.db, [fill]);
  const entry = desk.db.updateTable('venue_entries').where('source', '=', 'kept');
  await expect(entry.set({ cash: '1' }).execute()).rejects.toThrow(/append-only/);
  await expect(entry.set({ finality: 'provisional' }).execute()).rejects.toThrow(/append-only/);
  await expect(desk.db.deleteFrom('venue_entries').execute()).rejects.toThrow(/append-only/);
});

test('the booker goes on where it was, and never further back', async () => {
  const cursor = { venue: 'kalshi', account: ACCOUNT } as const;
  expect(await readBookerCursor(desk.db, 'kalshi', ACCOUNT)).toBeUndefined();
  await writeBookerCursor(desk.db, { ...cursor, atMs: NOW_MS });
  await writeBookerCursor(desk.db, { ...cursor, atMs: NOW_MS - 1 });
  expect(await readBookerCursor(desk.db, 'kalshi', ACCOUNT)).toBe(NOW_MS);
});

function kalshi(outcome: 'yes' | 'no'): Instrument {
  return { ...NO, outcome };
}

function anyFill(): fc.Arbitrary<Fill> {
  return fc
    .record({
      market: fc.constantFrom('m1', 'm2', 'm3'),
      outcome: fc.constantFrom('yes' as const, 'no' as const),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      counts: fc.bigInt({ min: 1n, max: 10_000n }),
      isPaid: fc.boolean(),
    })
    .map(({ market, outcome, side, counts, isPaid }) => {
      const cash = money(`${counts}.000000001`);
      return fillOf({
        venueOrderId: 'sum',
        executionId: '',
        instrument: { venue: 'polymarket', market, outcome },
        side,
        quantity: quantity(`${counts}.5`),
        cash: isPaid ? cash : negate(cash),
      });
    });
}
