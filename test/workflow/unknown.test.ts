import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arbitrageWorkflowId, clientOrderIdOf, polymarketSalt } from '../../domain/index.js';
import { findOrders, freezeHistory, readControl } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, BOOKS_AGREE, checkedBooks, soon, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';

const idOf = (intentId: string, what: string): string =>
  clientOrderIdOf(arbitrageWorkflowId(intentId), what, 0);

describe('an answer that never comes', () => {
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await openTestDesk({
      pairs: { poly: {}, kalshi: {}, both: {}, sale: {} },
      terms: { answerTimeoutMs: 1_000 },
    });
  });
  afterAll(async () => desk.close());

  test.each([
    ['poly', ['entry/yes']],
    ['kalshi', ['entry/no']],
    ['both', ['entry/yes', 'entry/no']],
  ])('of %s: the orders are found, and nothing is sent again', async (pairId, silent) => {
    const intentId = `silent-${pairId}.1`;
    for (const what of silent) {
      desk.fault({ intentId, what, kinds: ['timeout_after_acceptance'] });
    }
    const { handle } = await desk.client.arbitrage(intentOf(intentId, pairId));
    const result = await handle.result();

    expect(atVenues(desk, intentId)).toEqual([
      'entry/no kalshi buys no @ 0.48: 10',
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
    ]);
    const { orders } = await handle.state();
    expect(orders.map(({ order, wasUnknown = false }) => [order.purpose, wasUnknown])).toEqual([
      [{ kind: 'entry', leg: 'yes' }, silent.includes('entry/yes')],
      [{ kind: 'entry', leg: 'no' }, silent.includes('entry/no')],
    ]);
    expect(result).toMatchObject({ kind: 'matched', contracts: 10_000_000_000n });
  });

  test('of an exit: it is found before another one may be sent', async () => {
    desk.fault({ intentId: 'sale.1', what: 'entry/yes', kinds: ['pulled_liquidity'] });
    desk.fault({ intentId: 'sale.1', what: 'exit/no/0', kinds: ['timeout_after_acceptance'] });
    const result = await traded(desk, intentOf('sale.1', 'sale'));

    expect(atVenues(desk, 'sale.1')).toEqual([
      'entry/no kalshi buys no @ 0.48: 10',
      'exit/no/0 kalshi reduces, sells no @ 0.46: 10',
    ]);
    expect(result).toMatchObject({ kind: 'exited', contracts: 0n });
  });

  test('afterwards our books are the venues’ ledgers', async () => {
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
  });
});

test('an order that stays unknown freezes its pair, and the evidence thaws it', async () => {
  const desk = await openTestDesk({
    pairs: { late: {} },
    terms: { answerTimeoutMs: 200, unknownMaxMs: 100 },
    venues: { lateFillMs: 1_500, readLagMs: 60_000 },
  });
  try {
    const kinds = ['timeout_after_acceptance', 'late_fill'] as const;
    desk.fault({ intentId: 'late.1', what: 'entry/no', kinds });
    const ended = traded(desk, intentOf('late.1', 'late'));
    const freezeId = `unknown/${idOf('late.1', 'entry/no')}`;
    await soon(async () =>
      expect((await readControl(desk.db)).freezes).toMatchObject([
        { freezeId, cause: 'unknown_order', scope: { kind: 'pair', key: 'late' } },
      ]),
    );

    expect(await ended).toMatchObject({ kind: 'matched', contracts: 10_000_000_000n });
    const [freeze] = await freezeHistory(desk.db, 1);
    expect(freeze).toMatchObject({ freezeId, liftedBy: 'legwork' });
    expect((await readControl(desk.db)).freezes).toEqual([]);
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
  } finally {
    await desk.close();
  }
});

describe('an order that is lost on the way', () => {
  let desk: TestDesk;
  const lost = [
    'lost-kalshi.1/entry/no',
    'lost-poly.1/entry/yes',
    'lost-both.1/entry/yes',
    'lost-both.1/entry/no',
  ];
  beforeAll(async () => {
    const names = lost.flatMap((name) => {
      const [intentId = '', ...what] = name.split('/');
      const id = idOf(intentId, what.join('/'));
      return [id, `"salt":${polymarketSalt(id)},`];
    });
    desk = await openTestDesk({
      pairs: { kalshi: {}, poly: {}, both: {} },
      terms: { answerTimeoutMs: 200 },
      fateOf: (body) => (names.some((name) => body.includes(name)) ? 'lost' : 'delivered'),
    });
  });
  afterAll(async () => desk.close());

  const soon = () => ({ notAfterMs: Date.now() + 1_200 });

  test('to Kalshi is absent once it can no longer arrive, and its leg is bought after all', async () => {
    const result = await traded(desk, intentOf('lost-kalshi.1', 'kalshi', soon()));

    expect(atVenues(desk, 'lost-kalshi.1')).toEqual([
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
      'exit/yes/0 kalshi buys no @ 0.48: 10',
    ]);
    const [order] = await findOrders(desk.db, [idOf('lost-kalshi.1', 'entry/no')]);
    expect(order?.status).toBe('absent');
    expect(result).toMatchObject({ kind: 'exited', contracts: 10_000_000_000n });
  });

  test('to Polymarket is absent after five misses past its time', async () => {
    const result = await traded(desk, intentOf('lost-poly.1', 'poly', soon()));

    const [order] = await findOrders(desk.db, [idOf('lost-poly.1', 'entry/yes')]);
    expect(order?.status).toBe('absent');
    expect(atVenues(desk, 'lost-poly.1')).toEqual([
      'entry/no kalshi buys no @ 0.48: 10',
      'exit/no/0 polymarket buys yes @ 0.4: 10 CONFIRMED',
    ]);
    expect(result).toMatchObject({ kind: 'exited', contracts: 10_000_000_000n });
  });

  test('on both legs leaves a trade that missed', async () => {
    const result = await traded(desk, intentOf('lost-both.1', 'both', soon()));

    expect(atVenues(desk, 'lost-both.1')).toEqual([]);
    expect(result).toMatchObject({ kind: 'missed', contracts: 0n, net: 0n });
  });

  test('afterwards our books are the venues’ ledgers', async () => {
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
  });
});
