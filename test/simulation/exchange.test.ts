import { describe, expect, test } from 'vitest';
import { formatAmount, money } from '../../domain/index.js';
import { memoryLedger, type PlaceResult } from '../../venues/simulation/index.js';
import { level, MARKET, order, stage } from './stage.js';

/** "accepted filled 10" or "refused no_match": what the story expects of an answer. */
function told(result: PlaceResult): string {
  if (result.kind === 'refused') return `refused ${result.code}`;
  return `accepted ${result.order.state} ${formatAmount(result.order.filledQuantity)}`;
}

describe('matching', () => {
  test('the better price trades first, and at one price whoever came first', () => {
    const { exchange } = stage();
    const makers = [
      'rival buy no 5 @ 0.55 GTC first',
      'rival buy no 5 @ 0.56 GTC better',
      'rival buy no 5 @ 0.55 GTC second',
    ];
    for (const text of makers) expect(told(exchange.place(order(text)))).toBe('accepted working 0');
    const taken = exchange.place(order('desk buy yes 12 @ 0.45'));
    const traded = taken.kind === 'accepted' ? taken.trades.map((made) => made.parts[1]) : [];
    expect(traded.map((part) => [part?.venueOrderId, formatAmount(part?.quantity ?? 0n)])).toEqual([
      ['order/rival buy no 5 @ 0.56 GTC better', '5'],
      ['order/rival buy no 5 @ 0.55 GTC first', '5'],
      ['order/rival buy no 5 @ 0.55 GTC second', '2'],
    ]);
  });

  const book = { bids: ['20 @ 0.40'].map(level), asks: ['10 @ 0.44', '20 @ 0.45'].map(level) };
  test.each([
    // order, Kalshi's answer, Polymarket's answer
    ['desk buy yes 10 @ 0.44', 'accepted filled 10', 'accepted filled 10'],
    ['desk buy yes 30 @ 0.45', 'accepted filled 30', 'accepted filled 30'],
    ['desk buy yes 31 @ 0.45', 'accepted canceled 30', 'accepted canceled 30'],
    ['desk buy yes 10 @ 0.43', 'accepted canceled 0', 'refused no_match'],
    ['desk buy no 20 @ 0.60', 'accepted filled 20', 'accepted filled 20'],
    ['desk buy no 20 @ 0.59', 'accepted canceled 0', 'refused no_match'],
    ['desk buy yes 31 @ 0.45 FOK', 'refused no_match', 'refused no_match'],
    ['desk buy yes 30 @ 0.45 FOK', 'accepted filled 30', 'accepted filled 30'],
    ['desk buy yes 31 @ 0.45 GTC', 'accepted working 30', 'accepted working 30'],
    ['desk buy yes 5 @ 0.44 GTC post-only', 'refused post_only_cross', 'refused post_only_cross'],
    ['desk buy yes 5 @ 0.43 GTC post-only', 'accepted working 0', 'accepted working 0'],
    ['desk buy yes 10 @ 0.445', 'refused bad_tick', 'refused bad_tick'],
    ['desk buy yes 0.5 @ 0.44', 'refused below_minimum', 'refused below_minimum'],
    ['desk buy yes 2.005 @ 0.44', 'refused bad_quantity', 'refused bad_quantity'],
    ['desk buy yes 3000 @ 0.45', 'refused insufficient_funds', 'refused insufficient_funds'],
    ['nobody buy yes 1 @ 0.45', 'refused account_unknown', 'refused account_unknown'],
    // Selling what is not held is the other side on a netting venue, and nothing elsewhere.
    ['desk sell yes 20 @ 0.40', 'accepted filled 20', 'refused insufficient_shares'],
    ['desk sell yes 20 @ 0.40 IOC reduce-only', 'refused reduce_only', 'refused reduce_only'],
  ])('%s: %s at Kalshi, %s at Polymarket', (text, kalshi, polymarket) => {
    const quotes = book;
    expect(told(stage({ quotes }).exchange.place(order(text)))).toBe(kalshi);
    expect(told(stage({ quotes, venue: 'polymarket' }).exchange.place(order(text)))).toBe(
      polymarket,
    );
  });

  test('a sum buys shares at the prices of the book, more of them than at its limit', () => {
    const { exchange } = stage({ quotes: book, venue: 'polymarket' });
    const result = exchange.place(order('desk buy yes $9 @ 0.45'));
    // 10 at 0.44 cost 4.40; the 4.60 left buy 10.22 at 0.45. At the limit $9 bought 20.
    expect(told(result)).toBe('accepted filled 20.22');
    expect(result.kind === 'accepted' ? result.trades.length : 0).toBe(1);
  });

  test('an order is taken in once, by its own id and by its client key', () => {
    const { exchange } = stage({ quotes: book });
    const first = order('desk buy yes 5 @ 0.44');
    exchange.place(first);
    const again = exchange.place({ ...first, venueOrderId: 'another' });
    expect(told(again)).toBe('refused duplicate');
    expect(again.kind === 'refused' && again.existing?.venueOrderId).toBe(first.venueOrderId);
    expect(told(exchange.place({ ...first, clientKey: 'another' }))).toBe('refused duplicate');
  });

  test('an account never trades with itself: what would cross is canceled', () => {
    const { exchange } = stage();
    exchange.place(order('desk buy no 5 @ 0.55 GTC'));
    expect(told(exchange.place(order('desk buy yes 5 @ 0.45')))).toBe('accepted canceled 0');
    expect(told(exchange.place(order('desk buy yes 5 @ 0.45 GTC')))).toBe('accepted canceled 0');
  });

  test('taken quotes come back after a while, and the book says so by absolute sizes', () => {
    const { exchange, later } = stage({ quotes: book, returnsAfterMs: 5_000 });
    const heard: string[] = [];
    exchange.onEvent((event) => {
      if (event.kind !== 'book') return;
      const changes = event.changes.map(
        (change) => `${change.side} ${formatAmount(change.quantity)}`,
      );
      heard.push(`${event.sequence}: ${changes.join(', ')}`);
    });
    exchange.place(order('desk buy yes 4 @ 0.44'));
    later(4_999);
    expect(exchange.book(MARKET)?.asks[0]).toEqual(level('6 @ 0.44'));
    later(2);
    expect(exchange.book(MARKET)?.asks[0]).toEqual(level('10 @ 0.44'));
    expect(heard).toEqual(['2: ask 6', '3: ask 10']);
  });
});

describe('money', () => {
  const quotes = { bids: [level('50 @ 0.40')], asks: [level('50 @ 0.44')] };

  test('Kalshi nets: the other outcome closes the position and frees its dollar', () => {
    const { exchange } = stage({ quotes });
    exchange.place(order('desk buy yes 10 @ 0.44')); // 4.40 and a fee of 0.18
    exchange.place(order('desk buy no 10 @ 0.60')); // 6.00 less 10 dollars freed, and 0.17
    expect(exchange.positions('desk')).toEqual([]);
    expect(formatAmount(exchange.balance('desk').cash)).toBe('999.25');
  });

  test('a reduce-only exit is capped to the position', () => {
    const { exchange } = stage({ quotes });
    exchange.place(order('desk buy yes 10 @ 0.44'));
    const exit = exchange.place(order('desk sell yes 25 @ 0.40 IOC reduce-only'));
    expect(told(exit)).toBe('accepted filled 10');
    expect(exchange.positions('desk')).toEqual([]);
  });

  test('Polymarket holds both outcomes, and shares are for sale once they are CONFIRMED', () => {
    const { exchange, later } = stage({ quotes, venue: 'polymarket' });
    exchange.place(order('desk buy yes 10 @ 0.44'));
    exchange.place(order('desk buy no 10 @ 0.60'));
    expect(exchange.positions('desk').map((position) => position.outcome)).toEqual(['yes', 'no']);
    const early = exchange.place(order('desk sell yes 10 @ 0.40', 'early'));
    expect(told(early)).toBe('refused insufficient_shares');
    later(1_500);
    expect(told(exchange.place(order('desk sell yes 10 @ 0.40', 'late')))).toBe(
      'accepted filled 10',
    );
  });

  test('a resting order sets its collateral aside until it is canceled', () => {
    const { exchange } = stage({ cash: '10' });
    exchange.place(order('desk buy yes 20 @ 0.40 GTC'));
    expect(told(exchange.place(order('desk buy yes 10 @ 0.40 GTC')))).toBe(
      'refused insufficient_funds',
    );
    expect(exchange.cancelAll('desk')).toHaveLength(1);
    expect(exchange.balance('desk').available).toBe(money('10'));
  });

  test.each([
    ['yes', '1005.42'],
    ['no', '995.42'],
  ] as const)('a market that resolves %s leaves %s', (winner, cash) => {
    const { exchange, later } = stage({ quotes, winner });
    exchange.place(order('desk buy yes 10 @ 0.44'));
    later(60_000);
    expect(told(exchange.place(order('desk buy yes 1 @ 0.44')))).toBe('refused market_closed');
    expect(exchange.positions('desk')).toHaveLength(1);
    later(1_000);
    expect(exchange.positions('desk')).toEqual([]);
    expect(formatAmount(exchange.balance('desk').cash)).toBe(cash);
    expect(exchange.settlements({ account: 'desk' })).toHaveLength(1);
    expect(exchange.market(MARKET)).toMatchObject({ state: 'settled', winner });
  });
});

describe('faults', () => {
  const quotes = { bids: [level('50 @ 0.40')], asks: [level('50 @ 0.44')] };
  const buy = order('desk buy yes 20 @ 0.44');

  test('reject: a definite no that leaves nothing behind', () => {
    const { exchange } = stage({ quotes, faults: ['reject'] });
    expect(told(exchange.place(buy))).toBe('refused rejected');
    expect(exchange.orders({ account: 'desk' })).toEqual([]);
  });

  test('timeout after acceptance: the order trades and its answer is kept back', () => {
    const { exchange } = stage({ quotes, faults: ['timeout_after_acceptance'] });
    const result = exchange.place(buy);
    expect(told(result)).toBe('accepted filled 20');
    expect(result.kind === 'accepted' && result.delivery.kind).not.toBe('prompt');
  });

  test('partial fill: some whole contracts, never all', () => {
    const { exchange } = stage({ quotes, faults: ['partial_fill'] });
    const result = exchange.place(buy);
    expect(told(result)).toMatch(/^accepted canceled (\d|1\d)$/);
  });

  test('late fill: working and beyond recall, then filled', () => {
    const { exchange, later } = stage({ quotes, faults: ['late_fill'] });
    expect(told(exchange.place(buy))).toBe('accepted working 0');
    expect(exchange.cancel('desk', buy.venueOrderId)).toEqual({
      kind: 'not_canceled',
      code: 'in_flight',
    });
    expect(exchange.trades({ account: 'desk' })).toEqual([]);
    later(1_500);
    expect(exchange.order(buy.venueOrderId)?.state).toBe('filled');
    expect(exchange.trades({ account: 'desk' })).toHaveLength(1);
  });

  test('late fill that comes due while the venue is away: filled all the same', () => {
    const { exchange, ledger, clock } = stage({ quotes, faults: ['late_fill'] });
    expect(told(exchange.place(buy))).toBe('accepted working 0');
    clock.nowMs += 60_000;
    const again = stage({ quotes, ledger: memoryLedger(ledger.lines), clock });
    expect(again.exchange.order(buy.venueOrderId)?.state).toBe('filled');
  });

  test('a market that holds takers back: beyond recall, then filled, and that is no fault', () => {
    const { exchange, ledger, later } = stage({ quotes, isTakerDelayed: true });
    expect(told(exchange.place(buy))).toBe('accepted working 0');
    expect(exchange.cancel('desk', buy.venueOrderId)).toMatchObject({ code: 'in_flight' });
    later(249);
    expect(exchange.trades({ account: 'desk' })).toEqual([]);
    later(1);
    expect(exchange.order(buy.venueOrderId)?.state).toBe('filled');
    expect(ledger.lines.filter(({ row }) => row.kind === 'fault')).toEqual([]);
  });

  test('failed settlement: MATCHED, RETRYING, FAILED, and shares and dollars go back', () => {
    const { exchange, later } = stage({
      quotes,
      venue: 'polymarket',
      faults: ['failed_settlement'],
    });
    const statuses: string[] = [];
    exchange.onEvent((event) => {
      if (event.kind === 'trade') statuses.push(event.trade.status);
    });
    exchange.place(buy);
    expect(exchange.balance('desk').cash).toBeLessThan(money('1000'));
    for (let step = 0; step < 25; step += 1) later(100);
    expect(statuses).toEqual(['MATCHED', 'RETRYING', 'FAILED']);
    expect(exchange.positions('desk')).toEqual([]);
    expect(exchange.balance('desk').cash).toBe(money('1000'));
  });

  test('pulled liquidity: the quotes are gone when the order comes', () => {
    const { exchange } = stage({ quotes, faults: ['pulled_liquidity'] });
    const result = exchange.place(buy);
    const filled = result.kind === 'accepted' ? result.order.filledQuantity : 0n;
    expect(filled).toBeLessThan(buy.fixed.kind === 'contracts' ? buy.fixed.contracts : 0n);
    expect(exchange.book(MARKET)?.asks[0]).not.toEqual(level('50 @ 0.44'));
  });
});
