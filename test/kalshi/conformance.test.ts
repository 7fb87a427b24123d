import { afterEach, describe, expect, test } from 'vitest';
import { formatAmount, money, price, quantity } from '../../domain/money.js';
import type { PlaceAnswer } from '../../domain/venue.js';
import type { VenueEntry } from '../../domain/venue-entry.js';
import { isTradeRow } from '../../domain/venue-entry.js';
import { order as plainOrder, rain } from './fixtures/orders.js';
import type { Stage, StageOptions } from './fixtures/stage.js';
import {
  IMPATIENT_MS,
  level,
  OPENED_AT_MS,
  openStage,
  place,
  readValue,
  referenceTo,
  said,
} from './fixtures/stage.js';

const stages: Stage[] = [];

async function stage(options: StageOptions = {}): Promise<Stage> {
  const opened = await openStage(options);
  stages.push(opened);
  return opened;
}

afterEach(async () => {
  await Promise.all(stages.splice(0).map(({ close }) => close()));
});

/** "accepted filled 10", "refused funds", "exists", "unknown TIMEOUT". */
function told(answer: PlaceAnswer): string {
  if (answer.kind === 'accepted') {
    return `accepted ${answer.state} ${formatAmount(answer.cumulativeQuantity)}`;
  }
  return answer.kind === 'refused' ? `refused ${answer.refusal}` : answer.kind;
}

/** "buy yes 6 @ 0.5". */
function row(entry: VenueEntry): string {
  const { instrument, price: at, quantity: count } = entry;
  const verb = isTradeRow(entry) ? entry.side : 'settled';
  return `${verb} ${instrument.outcome} ${formatAmount(count)} @ ${formatAmount(at)}`;
}

async function rows(at: Stage): Promise<string[]> {
  return readValue(await at.venue.entriesSince(0)).map(row);
}

async function held(at: Stage): Promise<string[]> {
  return readValue(await at.venue.positions()).map(
    ({ instrument, quantity: count }) => `${formatAmount(count)} ${instrument.outcome}`,
  );
}

describe('K-01 an IOC that finds its price', () => {
  test('buys YES from the best offer up', async () => {
    const at = await stage();
    expect(told(await place(at, said('buy yes 10 @ 0.52')))).toBe('accepted filled 10');
    expect(await rows(at)).toEqual(['buy yes 6 @ 0.5', 'buy yes 4 @ 0.52']);
    expect(await held(at)).toEqual(['10 yes']);
  });

  test('buys NO from the bids for YES', async () => {
    const at = await stage();
    expect(told(await place(at, said('buy no 60 @ 0.53')))).toBe('accepted filled 60');
    expect(await rows(at)).toEqual(['buy no 50 @ 0.52', 'buy no 10 @ 0.53']);
    expect(await held(at)).toEqual(['60 no']);
  });

  test('trades a hundredth of a contract', async () => {
    const at = await stage();
    expect(told(await place(at, said('buy yes 0.01 @ 0.50')))).toBe('accepted filled 0.01');
  });
});

test('K-02 an IOC without a match is canceled, not refused', async () => {
  const at = await stage();
  const order = said('buy yes 10 @ 0.49');
  expect(told(await place(at, order))).toBe('accepted canceled 0');
  const found = await at.venue.findOrder(referenceTo(order));
  expect(found).toMatchObject({
    kind: 'found',
    order: { state: 'canceled', cumulativeQuantity: 0n },
  });
});

test('K-03 an IOC that finds a part keeps it, and the rest is canceled', async () => {
  const at = await stage();
  expect(told(await place(at, said('buy yes 10 @ 0.50')))).toBe('accepted canceled 6');
  expect(await rows(at)).toEqual(['buy yes 6 @ 0.5']);
});

test('K-04 a FOK that cannot fill is refused as unmatched', async () => {
  const at = await stage();
  const order = said('buy yes 10 @ 0.50', { timeInForce: 'FOK' });
  expect(told(await place(at, order))).toBe('refused no_match');
  expect(await rows(at)).toEqual([]);
});

test('K-05 the same id again exists, is found, and has traded once', async () => {
  const at = await stage();
  const order = said('buy yes 6 @ 0.50');
  const prepared = await at.venue.prepare(order, rain);
  expect(told(await at.venue.place(prepared, 1_000))).toBe('accepted filled 6');
  expect(await at.venue.place(prepared, 1_000)).toEqual({
    kind: 'exists',
    code: 'order_already_exists',
  });
  expect(await at.venue.findOrder(referenceTo(order))).toMatchObject({
    kind: 'found',
    order: {
      clientOrderId: order.clientOrderId,
      state: 'filled',
      side: 'buy',
      limitPrice: price('0.5'),
    },
  });
  expect(await rows(at)).toEqual(['buy yes 6 @ 0.5']);
});

describe('K-06 an answer that never comes', () => {
  test('leaves the order unknown, and paging finds it filled', async () => {
    const at = await stage();
    const order = said('buy yes 6 @ 0.50');
    at.faults.set(order.clientOrderId, ['timeout_after_acceptance']);
    expect(await place(at, order, IMPATIENT_MS)).toMatchObject({
      kind: 'unknown',
      code: 'TIMEOUT',
    });
    expect(await at.venue.findOrder(referenceTo(order))).toMatchObject({
      kind: 'found',
      order: { state: 'filled', cumulativeQuantity: quantity('6') },
    });
    const entries = readValue(await at.venue.entriesOf(referenceTo(order)));
    expect(entries).toMatchObject([{ clientOrderId: order.clientOrderId }]);
  });

  test('is never sent again: one order reached the venue', async () => {
    const at = await stage();
    const order = said('buy yes 6 @ 0.50');
    at.faults.set(order.clientOrderId, ['timeout_after_acceptance']);
    await place(at, order, IMPATIENT_MS);
    expect(at.exchange.orders({ account: 'main' })).toHaveLength(1);
  });
});

describe('K-07 an order that is not there', () => {
  test('is not found, complete up to the time that the venue says', async () => {
    const at = await stage();
    at.later(9_000);
    const answer = await at.venue.findOrder(referenceTo(said('buy yes 6 @ 0.50')));
    expect(answer).toEqual({ kind: 'not_found', readAsOfMs: OPENED_AT_MS + 9_000 });
  });

  test('also while an older order of ours trades in the same market', async () => {
    const at = await stage();
    await place(at, said('buy yes 10 @ 0.49', { timeInForce: 'GTC' }));
    at.later(3_600_000);
    at.quotes.asks = [level('5 @ 0.49')];
    at.later(1_000);
    expect(await rows(at)).toEqual(['buy yes 5 @ 0.49']);
    const createdAtMs = at.exchange.now() - 5_000;
    const answer = await at.venue.findOrder(referenceTo(said('buy yes 6 @ 0.50', { createdAtMs })));
    expect(answer).toEqual({ kind: 'not_found', readAsOfMs: at.exchange.now() });
  });

  test('or not there yet: reads that lag say how far they are', async () => {
    const at = await stage({ reads: { readLagMs: 700 } });
    const order = said('buy yes 6 @ 0.50');
    expect(told(await place(at, order))).toBe('accepted filled 6');
    const early = await at.venue.findOrder(referenceTo(order));
    expect(early).toEqual({ kind: 'not_found', readAsOfMs: OPENED_AT_MS - 700 });
    at.later(700);
    expect(await at.venue.findOrder(referenceTo(order))).toMatchObject({ kind: 'found' });
  });
});

test('K-08 a connection that never stood is a definite no', async () => {
  const at = await stage();
  await at.simulator.close();
  const answer = await place(at, said('buy yes 6 @ 0.50'));
  expect(answer).toMatchObject({ kind: 'refused', refusal: 'venue_state', code: 'ECONNREFUSED' });
});

describe('K-09 an exit may only reduce', () => {
  test('and is capped at what is held', async () => {
    const at = await stage();
    await place(at, said('buy yes 6 @ 0.50'));
    const exit = said('sell yes 9 @ 0.48', { isReduceOnly: true });
    expect(told(await place(at, exit))).toBe('accepted canceled 6');
    expect(await rows(at)).toEqual(['buy yes 6 @ 0.5', 'sell yes 6 @ 0.48']);
    expect(await held(at)).toEqual([]);
  });

  test('for NO as well', async () => {
    const at = await stage();
    await place(at, said('buy no 5 @ 0.52'));
    const exit = said('sell no 5 @ 0.48', { isReduceOnly: true });
    expect(told(await place(at, exit))).toBe('accepted filled 5');
    expect(await rows(at)).toEqual(['buy no 5 @ 0.52', 'sell no 5 @ 0.5']);
  });

  test('and is refused where nothing is held', async () => {
    const at = await stage();
    const exit = said('sell yes 6 @ 0.48', { isReduceOnly: true });
    expect(told(await place(at, exit))).toBe('refused terminal');
  });
});

describe('K-10 a cancel', () => {
  const resting = said('buy yes 10 @ 0.45', { timeInForce: 'GTC' });

  test('ends a resting order, by the venue id or by ours', async () => {
    const at = await stage();
    expect(told(await place(at, resting))).toBe('accepted working 0');
    expect(readValue(await at.venue.openOrders())).toHaveLength(1);
    expect(await at.venue.cancel(referenceTo(resting))).toEqual({ kind: 'canceled' });
    expect(readValue(await at.venue.openOrders())).toEqual([]);
  });

  test('of an order that has ended changes nothing and says so', async () => {
    const at = await stage();
    const order = said('buy yes 6 @ 0.50');
    await place(at, order);
    expect(await at.venue.cancel(referenceTo(order))).toEqual({
      kind: 'not_canceled',
      code: 'not_found',
    });
  });

  test('of an order that is not there proves nothing', async () => {
    const at = await stage();
    expect(await at.venue.cancel(referenceTo(resting))).toMatchObject({ kind: 'not_canceled' });
  });

  test('of all leaves nothing resting', async () => {
    const at = await stage();
    await place(at, resting);
    await place(at, said('buy no 3 @ 0.40', { timeInForce: 'GTC' }));
    expect(await at.venue.cancelAll()).toEqual({ kind: 'canceled' });
    expect(readValue(await at.venue.openOrders())).toEqual([]);
  });
});

test('K-11 an order that the balance does not cover is refused for funds', async () => {
  const at = await stage({ cash: '2' });
  expect(told(await place(at, said('buy yes 6 @ 0.50')))).toBe('refused funds');
  expect(readValue(await at.venue.balance())).toBe(money('2'));
});

test('K-12 more orders than the account has tokens for are refused at the door', async () => {
  const at = await stage({ rates: { write: { tokensPerSecond: 10, seconds: 2 } } });
  const answers = [];
  for (const count of [1, 2, 3])
    answers.push(told(await place(at, said(`buy yes ${count} @ 0.40`))));
  expect(answers).toEqual(['accepted canceled 0', 'accepted canceled 0', 'refused rate']);
});

test('K-13 a venue that refuses orders for now may take the same one later', async () => {
  const at = await stage();
  const order = said('buy yes 6 @ 0.50');
  at.faults.set(order.clientOrderId, ['reject']);
  expect(await place(at, order)).toMatchObject({
    refusal: 'venue_state',
    code: 'trading_is_paused',
  });
});

test('K-14 a late fill is in hand first, and then in the pages', async () => {
  const at = await stage();
  const order = said('buy yes 6 @ 0.50');
  at.faults.set(order.clientOrderId, ['late_fill']);
  expect(told(await place(at, order))).toBe('accepted working 0');
  expect(await rows(at)).toEqual([]);
  at.later(5_000);
  expect(await rows(at)).toEqual(['buy yes 6 @ 0.5']);
});

test('K-15 a partial fill', async () => {
  const at = await stage();
  const order = said('buy yes 6 @ 0.50');
  at.faults.set(order.clientOrderId, ['partial_fill']);
  const answer = await place(at, order);
  const rested = readValue(await at.venue.entriesOf(referenceTo(order)));
  const filled = rested.reduce((sum, entry) => sum + entry.quantity, 0n);
  expect(answer).toMatchObject({ kind: 'accepted', state: 'canceled', cumulativeQuantity: filled });
  expect(filled).toBeGreaterThan(0n);
  expect(filled).toBeLessThan(quantity('6'));
});

describe('K-16 the market', () => {
  test('has one book that both outcomes are read from', async () => {
    const at = await stage();
    const [yes, no] = readValue(await at.venue.book(rain));
    expect(yes.bids[0]).toEqual(level('50 @ 0.48'));
    expect(yes.asks[0]).toEqual(level('6 @ 0.50'));
    expect(no.bids[0]).toEqual(level('6 @ 0.50'));
    expect(no.asks[0]).toEqual(level('50 @ 0.52'));
  });

  test('that has closed takes no orders', async () => {
    const at = await stage({ closesInMs: 1_000 });
    at.later(1_000);
    expect(told(await place(at, said('buy yes 6 @ 0.50')))).toBe('refused market_closed');
  });

  test('that the venue does not have', async () => {
    const at = await stage();
    const other = { ...rain, market: 'KXNONE' };
    const order = plainOrder({
      instrument: { ...said('buy yes 1 @ 0.5').instrument, market: 'KXNONE' },
    });
    expect(told(await at.venue.place(await at.venue.prepare(order, other), 1_000))).toBe(
      'refused terminal',
    );
    expect(await at.venue.book(other)).toEqual({ kind: 'unavailable', code: 'not_found' });
  });

  test('off whose grid a price lies refuses the order', async () => {
    const at = await stage();
    expect(told(await place(at, said('buy yes 6 @ 0.505')))).toBe('refused terminal');
  });
});

describe('K-17 a settlement', () => {
  test.each([
    ['a YES that won', 'yes', 'buy yes 6 @ 0.50', 'settled yes 6 @ 1'],
    ['a YES that lost', 'no', 'buy yes 6 @ 0.50', 'settled yes 6 @ 0'],
    ['a NO that won', 'no', 'buy no 6 @ 0.52', 'settled no 6 @ 1'],
  ] as const)('%s', async (...[, winner, bought, settled]) => {
    const at = await stage({ winner, closesInMs: 1_000 });
    await place(at, said(bought));
    at.later(2_000);
    expect((await rows(at)).at(-1)).toBe(settled);
    expect(await held(at)).toEqual([]);
  });
});

test('K-17b a market that was voided pays in parts, in whole cents', async () => {
  const at = await stage();
  await place(at, said('buy no 0.37 @ 0.52'));
  at.exchange.voidMarket(rain.market);
  expect((await rows(at)).at(-1)).toBe('settled no 0.37 @ 0.5');
  const entries = readValue(await at.venue.entriesSince(0));
  expect(entries.at(-1)?.cash).toBe(money('0.18'));
  expect(money('1000') + entries.reduce((sum, { cash }) => sum + cash, 0n)).toBe(
    at.exchange.balance('main').cash,
  );
});

test('K-18 every entry moves cash by what the venue moved', async () => {
  const at = await stage({ closesInMs: 60_000 });
  for (const text of [
    'buy yes 10 @ 0.52',
    'sell yes 4 @ 0.48',
    'buy no 9 @ 0.52', // sells 6 YES and buys 3 NO
    'sell no 1.5 @ 0.45',
    'buy no 0.37 @ 0.53',
  ]) {
    await place(at, said(text));
  }
  at.later(70_000);
  const entries = readValue(await at.venue.entriesSince(0));
  const moved = entries.reduce((sum, { cash }) => sum + cash, 0n);
  expect(money('1000') + moved).toBe(at.exchange.balance('main').cash);
  expect(readValue(await at.venue.balance())).toBe(at.exchange.balance('main').available);
});

test('K-19 rows that have gone to the historical listing are read there', async () => {
  const at = await stage({ reads: { archiveAfterMs: 10_000 } });
  const order = said('buy yes 6 @ 0.50');
  await place(at, order);
  at.later(20_000);
  await place(at, said('sell yes 2 @ 0.48', { isReduceOnly: true }));
  expect(await rows(at)).toEqual(['buy yes 6 @ 0.5', 'sell yes 2 @ 0.48']);
  expect(await at.venue.findOrder(referenceTo(order))).toMatchObject({ kind: 'found' });
  const late = readValue(await at.venue.entriesSince(OPENED_AT_MS + 1));
  expect(late.map(row)).toEqual(['sell yes 2 @ 0.48']);
});

test('K-20 more rows than fit a page are all read, each once', async () => {
  const at = await stage({ cash: '100000' });
  for (let count = 0; count < 1_100; count += 1) {
    at.exchange.place({
      account: 'main',
      market: rain.market,
      outcome: 'yes',
      side: 'buy',
      limitPrice: price('0.52'),
      timeInForce: 'IOC',
      fixed: { kind: 'contracts', contracts: quantity('0.01') },
      venueOrderId: `V${count}`,
      clientKey: `C${count}`,
      isReduceOnly: false,
      isPostOnly: false,
    });
  }
  const entries = readValue(await at.venue.entriesSince(0));
  expect(new Set(entries.map((entry) => entry.kind === 'fill' && entry.executionId)).size).toBe(
    1_100,
  );
  expect(
    await at.venue.findOrder(referenceTo(said('buy yes 1 @ 0.5', { clientOrderId: 'C0' }))),
  ).toMatchObject({
    kind: 'found',
    order: { venueOrderId: 'V0' },
  });
});

test('K-21 the clock of the venue can be read', async () => {
  const at = await stage();
  const skewMs = readValue(await at.venue.serverTime()) - Date.now();
  expect(Math.abs(skewMs)).toBeLessThan(5_000);
});
