import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { price } from '../../domain/index.js';
import { ordersOf } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import {
  atVenues,
  BOOKS_AGREE,
  becameAtMs,
  checkedBooks,
  sentOrder,
  traded,
} from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { quickTerms } from '../support/desk-terms.js';

describe('the cheapest way out', () => {
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await openTestDesk({
      pairs: { short: {}, unmatched: {}, cheaper: {}, mirror: {}, dear: {} },
    });
  });
  afterAll(async () => desk.close());

  test('Kalshi gives nothing: the Polymarket shares are sold, once they are CONFIRMED', async () => {
    desk.fault({ intentId: 'short.1', what: 'entry/no', kinds: ['pulled_liquidity'] });
    const result = await traded(desk, intentOf('short.1', 'short'));

    expect(atVenues(desk, 'short.1')).toEqual([
      'entry/no kalshi buys no @ 0.48: 0',
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
      'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
    ]);
    const confirmedAtMs = becameAtMs(desk, sentOrder(desk, 'short.1', 'entry/yes'), 'CONFIRMED');
    const sale = sentOrder(desk, 'short.1', 'exit/yes/0');
    expect(sale.createdAtMs).toBeGreaterThanOrEqual(confirmedAtMs);
    expect(result).toMatchObject({ kind: 'exited', contracts: 0n });
  });

  test('Polymarket matches nothing: the Kalshi contracts are sold, reduce-only', async () => {
    desk.fault({ intentId: 'unmatched.1', what: 'entry/yes', kinds: ['pulled_liquidity'] });
    const result = await traded(desk, intentOf('unmatched.1', 'unmatched'));

    expect(atVenues(desk, 'unmatched.1')).toEqual([
      'entry/no kalshi buys no @ 0.48: 10',
      'exit/no/0 kalshi reduces, sells no @ 0.46: 10',
    ]);
    expect(desk.venues.kalshi.exchange.positions('main')).not.toContainEqual(
      expect.objectContaining({ market: desk.pairs.pair('unmatched').kalshi.market }),
    );
    expect(result).toMatchObject({ kind: 'exited', contracts: 0n });
  });

  test('the missing part is bought where that costs less than selling', async () => {
    desk.fault({ intentId: 'cheaper.1', what: 'entry/no', kinds: ['partial_fill'] });
    const result = await traded(desk, intentOf('cheaper.1', 'cheaper'));

    expect(atVenues(desk, 'cheaper.1')).toEqual([
      'entry/no kalshi buys no @ 0.48: 3',
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
      'exit/yes/0 kalshi buys no @ 0.48: 7',
    ]);
    expect(result).toMatchObject({ kind: 'exited', contracts: 10_000_000_000n });
  });

  test('in the other direction the legs and the ways out change places', async () => {
    const { kalshi, polymarket } = desk.pairs.pair('mirror');
    desk.pairs.show(kalshi, { bids: '50 @ 0.38', asks: '50 @ 0.40' });
    desk.pairs.show(polymarket, { bids: '50 @ 0.52', asks: '50 @ 0.54' });
    desk.fault({ intentId: 'mirror.1', what: 'entry/no', kinds: ['pulled_liquidity'] });
    const result = await traded(
      desk,
      intentOf('mirror.1', 'mirror', { type: 'kalshi_yes_poly_no' }),
    );

    expect(atVenues(desk, 'mirror.1')).toEqual([
      'entry/yes kalshi buys yes @ 0.4: 10',
      'exit/yes/0 kalshi reduces, sells yes @ 0.38: 10',
    ]);
    expect(result).toMatchObject({ kind: 'exited' });
  });

  test('what would lose more than the bound is kept, and freezes its pair', async () => {
    const { polymarket } = desk.pairs.pair('dear');
    desk.pairs.show(polymarket, { bids: '50 @ 0.20', asks: '50 @ 0.40' });
    desk.fault({ intentId: 'dear.1', what: 'entry/no', kinds: ['pulled_liquidity'] });
    const result = await traded(desk, intentOf('dear.1', 'dear'));

    expect(result).toMatchObject({
      kind: 'residual',
      residual: { leg: 'yes', quantity: 10_000_000_000n, reason: 'loss_limit' },
    });
    const again = await desk.client.arbitrage(intentOf('dear.2', 'dear'));
    expect(again.verdict).toMatchObject({ denial: { code: 'FROZEN', cause: 'residual' } });
  });

  test('afterwards our books are the venues’ ledgers', async () => {
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
  });
});

test('step by step: from the original price down to whoever buys', async () => {
  const exit = { ...quickTerms.exit, policy: 'step_down' } as const;
  const desk = await openTestDesk({ pairs: { ladder: {} }, terms: { exit } });
  try {
    desk.fault({ intentId: 'ladder.1', what: 'entry/yes', kinds: ['pulled_liquidity'] });
    const result = await traded(desk, intentOf('ladder.1', 'ladder'));

    const orders = await ordersOf(desk.db, 'arbitrage/ladder.1');
    const rungs = orders.filter(({ order }) => order.purpose.kind === 'exit');
    expect(rungs.map(({ order }) => order.limitPrice)).toEqual(
      ['0.48', '0.47', '0.46'].map((at) => price(at)),
    );
    expect(atVenues(desk, 'ladder.1')).toEqual([
      'entry/no kalshi buys no @ 0.48: 10',
      'exit/no/0 kalshi reduces, sells no @ 0.48: 0',
      'exit/no/1 kalshi reduces, sells no @ 0.47: 0',
      'exit/no/2 kalshi reduces, sells no @ 0.46: 10',
    ]);
    expect(result).toMatchObject({ kind: 'exited' });
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
  } finally {
    await desk.close();
  }
});
