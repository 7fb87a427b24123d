import { expect, test } from 'vitest';
import {
  type ChildOrder,
  type Fill,
  type Instrument,
  price,
  quantity,
  type VenueOrder,
} from '../../domain/index.js';
import {
  bookEntries,
  forbidOrder,
  openBreak,
  openBreaks,
  recordOrders,
  resolveBreak,
  spanOfLease,
  straysSince,
} from '../../store/index.js';
import { ACCOUNT, enter, fillOf, NO, NOW_MS, orderOf, reversalOf, YES } from './desk.js';
import { lentStart, openEngineDesk } from './engine-desk.js';

const desk = openEngineDesk();
const FROM_MS = NOW_MS - 1_000;

/** Each story in a market of its own. */
const yesOf = (market: string): Instrument => ({ ...YES, market });
const named = (instrument: Instrument, name: string, change: Partial<Fill> = {}): Fill =>
  fillOf({ instrument, venueOrderId: `${instrument.market}/${name}`, executionId: '1', ...change });

const straysOf = async (market: string, openOrders: readonly VenueOrder[] = []) =>
  straysSince(desk.db, {
    ...{ venue: 'polymarket', account: ACCOUNT, markets: [market], fromMs: FROM_MS, openOrders },
  });

const stray = (instrument: Instrument, name: string, isOpen = false) => ({
  ...{ venueOrderId: `${instrument.market}/${name}`, instrument, isOpen },
});

const openOrder = (instrument: Instrument, name: string, clientOrderId?: string): VenueOrder => ({
  ...{ venueOrderId: `${instrument.market}/${name}`, instrument, side: 'buy', state: 'working' },
  ...{ limitPrice: price('0.5'), cumulativeQuantity: quantity('0'), createdAtMs: NOW_MS },
  ...(clientOrderId !== undefined && { clientOrderId }),
});

async function recorded(market: string, venueOrderId?: string): Promise<ChildOrder> {
  const { workflowId } = await enter(desk.db, market);
  const order = orderOf(workflowId, 'yes', { instrument: yesOf(market) });
  const name = venueOrderId === undefined ? {} : { venueOrderId };
  await recordOrders(desk.db, [{ order, mode: 'simulated', body: '{}', ...name }]);
  return order;
}

test('a lease was spent in its legs’ markets, from its grant to its expiry by Postgres’ clock', async () => {
  await lentStart(desk, 'span');
  const { grantedAtMs, expiresAtMs, nowMs, ...span } = await spanOfLease(desk.db, 'lease-span');
  expect(span).toEqual({ account: ACCOUNT, instruments: [YES, NO] });
  expect(expiresAtMs - grantedAtMs).toBe(3_600_000);
  expect(nowMs).toBeGreaterThanOrEqual(grantedAtMs);
  await expect(spanOfLease(desk.db, 'of nobody')).rejects.toThrow('was granted');
});

test('what traded there since, either outcome and side, is told once an order', async () => {
  const yes = yesOf('0xtraded');
  const no: Instrument = { ...yes, outcome: 'no' };
  const fill = named(yes, 'twice');
  await bookEntries(desk.db, [
    ...[fill, { ...fill, executionId: '2' }, reversalOf(fill), named(no, 'sold', { side: 'sell' })],
    ...[named(yes, 'before', { atMs: FROM_MS - 1 }), named(yes, 'at', { atMs: FROM_MS })],
    ...[named(yesOf('0xelsewhere'), 'other'), named(yes, 'theirs', { account: 'another' })],
  ]);
  const all = [stray(yes, 'twice'), stray(no, 'sold'), stray(yes, 'at')];
  const before = await straysOf('0xtraded');
  expect(before.resolved).toBe(0);
  expect(before.strays).toHaveLength(all.length);
  expect(before.strays).toEqual(expect.arrayContaining(all));
});

test('an order of ours explains its trades', async () => {
  await recorded('0xours', '0xours/mine');
  await bookEntries(desk.db, [named(yesOf('0xours'), 'mine')]);
  expect(await straysOf('0xours')).toEqual({ strays: [], resolved: 0 });
});

test('once an operator has closed the break of each of its fills, an order of nobody is told as looked at', async () => {
  const fill = named(yesOf('0xlooked'), 'by-hand');
  const fills = [fill, { ...fill, executionId: '2' }];
  await bookEntries(desk.db, fills);
  for (const { executionId } of fills) {
    expect(await straysOf('0xlooked')).toMatchObject({ strays: [{}], resolved: 0 });
    const key = `polymarket/${fill.venueOrderId}/${executionId}`;
    await openBreak(desk.db, { kind: 'entry_without_order', key, detail: {}, atMs: NOW_MS });
    const { breakId } = (await openBreaks(desk.db)).find((one) => one.key === key) ?? {};
    await resolveBreak(desk.db, { breakId: breakId ?? 0, by: 'anna', why: 'mine', atMs: NOW_MS });
  }
  expect(await straysOf('0xlooked')).toEqual({ strays: [], resolved: 1 });
});

test('an open order is explained by the row that has its name, and by none that was forbidden to leave', async () => {
  const yes = yesOf('0xopen');
  const order = await recorded('0xopen', '0xopen/known');
  const other = await recorded('0xopen-unnamed');
  const { workflowId } = await enter(desk.db, '0xopen-forbidden');
  const forbidden = orderOf(workflowId, 'yes', { instrument: yes });
  await forbidOrder(desk.db, { ...forbidden, mode: 'simulated', atMs: NOW_MS });
  const shown = await straysOf('0xopen', [
    openOrder(yes, 'known'),
    openOrder(yes, 'by-our-name', other.clientOrderId),
    openOrder(yes, 'namesake', order.clientOrderId),
    openOrder(yes, 'forbidden', forbidden.clientOrderId),
    openOrder(yes, 'nobody'),
    openOrder(yesOf('0xelsewhere'), 'other'),
  ]);
  const found = ['namesake', 'forbidden', 'nobody'].map((name) => stray(yes, name, true));
  expect(shown).toEqual({ strays: found, resolved: 0 });
});
