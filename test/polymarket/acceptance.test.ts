import { afterEach, describe, expect, test } from 'vitest';
import { formatAmount, type Money, quantity } from '../../domain/money.js';
import type { OrderReference, PreparedOrder, Read, Venue } from '../../domain/venue.js';
import type { VenueEntry } from '../../domain/venue-entry.js';
import { isTradeRow } from '../../domain/venue-entry.js';
import { createPolymarketVenue } from '../../venues/polymarket/index.js';
import { orderOf, rain, type Ticket } from './desk.js';
import {
  credentials,
  RESOLVES_MS,
  START_MS,
  type Stage,
  type StageOptions,
  stage,
} from './stage.js';

const TIMEOUT_MS = 2_000;
const SHORT_MS = 30;
const stages: Stage[] = [];

afterEach(async () => {
  await Promise.all(stages.splice(0).map((open) => open.close()));
});

async function play(options: StageOptions = {}): Promise<Stage> {
  const open = await stage(options);
  stages.push(open);
  return open;
}

const prepared = (venue: Venue, ticket: Ticket) => venue.prepare(orderOf(ticket), rain);

async function placed(venue: Venue, ticket: Ticket, timeoutMs = TIMEOUT_MS) {
  const order = await prepared(venue, ticket);
  const answer = await venue.place(order, timeoutMs);
  return { order, answer, line: lineOf(answer), reference: referenceOf(order) };
}

type Answer = Awaited<ReturnType<Venue['place']>>;

/** "accepted filled 10": what the desk hears. */
function lineOf(answer: Answer): string {
  if (answer.kind === 'accepted') {
    return `accepted ${answer.state} ${formatAmount(answer.cumulativeQuantity)}`;
  }
  return answer.kind === 'refused'
    ? `refused ${answer.refusal} ${answer.code}`
    : `${answer.kind} ${answer.code}`;
}

function referenceOf({ order, venueOrderId }: PreparedOrder): OrderReference {
  const { clientOrderId, instrument, createdAtMs } = order;
  return { clientOrderId, instrument, createdAtMs, ...(venueOrderId ? { venueOrderId } : {}) };
}

function readOf<Value>(read: Read<Value>): Value {
  if (read.kind !== 'read') throw new Error(`not read: ${read.code}`);
  return read.value;
}

/** "fill yes 10 @ 0.5 provisional": a row of the blotter. */
function rowOf(entry: VenueEntry): string {
  const { instrument, quantity, price } = entry;
  const finality = entry.kind === 'fill' ? ` ${entry.finality}` : '';
  const figures = `${formatAmount(quantity)} @ ${formatAmount(price)}`;
  return `${entry.kind} ${instrument.outcome} ${figures}${finality}`;
}

const rowsOf = async (venue: Venue, reference: OrderReference) =>
  readOf(await venue.entriesOf(reference)).map(rowOf);

async function found(venue: Venue, reference: OrderReference): Promise<string> {
  const answer = await venue.findOrder(reference);
  if (answer.kind !== 'found') return answer.kind;
  return `${answer.order.state} ${formatAmount(answer.order.cumulativeQuantity)}`;
}

const cashOf = (entries: readonly VenueEntry[]): bigint =>
  entries.reduce((sum, entry) => sum + entry.cash, 0n);

describe('placing', () => {
  test('PM-01 a market buy fills at the price asked, and its row says so', async () => {
    const { venue } = await play({ asks: ['100 @ 0.50'] });
    const { line, order, reference } = await placed(venue, {
      name: 'a',
      limit: '0.50',
      contracts: '10',
    });
    expect(line).toBe('accepted filled 10');
    expect(await found(venue, reference)).toBe('filled 10');
    const [fill] = readOf(await venue.entriesOf(reference));
    expect(fill).toMatchObject({
      kind: 'fill',
      account: 'desk',
      side: 'buy',
      venueOrderId: order.venueOrderId,
      finality: 'provisional',
      atMs: START_MS,
    });
    // 5 % × 10 × 0.25, on top of 5 dollars.
    expect(formatAmount(fill?.cash ?? 0n)).toBe('-5.125');
  });

  test('PM-02 a better price brings more shares for the same collateral', async () => {
    const { venue } = await play({ asks: ['100 @ 0.40'] });
    const { line, reference } = await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    expect(line).toBe('accepted filled 12.5');
    expect(await rowsOf(venue, reference)).toEqual(['fill yes 12.5 @ 0.4 provisional']);
  });

  test('PM-03 a walk through several levels is one trade at what each of them asked', async () => {
    const { venue, exchange } = await play({ asks: ['4 @ 0.48', '100 @ 0.50'] });
    const { line, reference } = await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    expect(line).toBe('accepted filled 10.16');
    const entries = readOf(await venue.entriesOf(reference));
    expect(entries).toHaveLength(1);
    // 4 × 0.48 + 6.16 × 0.50 = 5 dollars, and each level its own fee.
    expect(cashOf(entries)).toBe(exchange.balance('desk').cash - 1_000_000_000_000n);
  });

  test('PM-04 nothing to match is a refusal that leaves nothing behind', async () => {
    const { venue } = await play({ asks: ['100 @ 0.60'] });
    const { line, reference } = await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    expect(line).toBe('refused no_match fak_no_match');
    expect(await found(venue, reference)).toBe('not_found');
  });

  test('PM-05 what an immediate order does not get is gone', async () => {
    const { venue } = await play({ asks: ['6 @ 0.50'] });
    const { line, reference } = await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    expect(line).toBe('accepted canceled 6');
    expect(await found(venue, reference)).toBe('canceled 6');
  });

  test('PM-06 a partial fill by the venue is the same', async () => {
    const { venue } = await play({ asks: ['100 @ 0.50'], faults: { a: ['partial_fill'] } });
    const { answer, reference } = await placed(venue, {
      name: 'a',
      limit: '0.50',
      contracts: '10',
    });
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    expect(answer.state).toBe('canceled');
    expect(answer.cumulativeQuantity).toBeLessThan(10_000_000_000n);
    const [fill] = readOf(await venue.entriesOf(reference));
    expect(fill?.quantity).toBe(answer.cumulativeQuantity);
  });

  test('PM-07 NO is bought in its own token at its own price', async () => {
    const { venue } = await play({ bids: ['100 @ 0.55'] });
    const ticket = { name: 'a', outcome: 'no', limit: '0.45', contracts: '10' } as const;
    const { line, reference } = await placed(venue, ticket);
    expect(line).toBe('accepted filled 10');
    expect(await rowsOf(venue, reference)).toEqual(['fill no 10 @ 0.45 provisional']);
  });

  test('PM-08 the same bytes again are a duplicate, and the first is found', async () => {
    const { venue } = await play({ asks: ['100 @ 0.50'] });
    const { order, reference } = await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    expect(lineOf(await venue.place(order, TIMEOUT_MS))).toBe('exists duplicated');
    expect(await found(venue, reference)).toBe('filled 10');
    expect(await rowsOf(venue, reference)).toHaveLength(1);
  });

  test('PM-09 silence is unknown, and the hash finds what became of it', async () => {
    const { venue } = await play({
      asks: ['100 @ 0.50'],
      faults: { a: ['timeout_after_acceptance'] },
    });
    const { line, reference } = await placed(
      venue,
      { name: 'a', limit: '0.50', contracts: '10' },
      SHORT_MS,
    );
    expect(line).toBe('unknown timeout');
    expect(await found(venue, reference)).toBe('filled 10');
  });

  test('PM-10 a late fill is unknown, cannot be canceled, works, and is filled in the end', async () => {
    const { venue, later } = await play({ asks: ['100 @ 0.50'], faults: { a: ['late_fill'] } });
    const { line, reference } = await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    expect(line).toBe('unknown delayed');
    expect(await found(venue, reference)).toBe('working 0');
    expect((await venue.cancel(reference)).kind).toBe('not_canceled');
    expect(await venue.cancelAll()).toEqual({ kind: 'not_canceled', code: '1 orders left' });
    later(2_000);
    expect(await found(venue, reference)).toBe('filled 10');
  });

  test('PM-11 a venue that takes no orders for now says so', async () => {
    const { venue } = await play({ asks: ['100 @ 0.50'], faults: { a: ['reject'] } });
    const { line, reference } = await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    expect(line).toBe('refused venue_state cancel_only');
    expect(await found(venue, reference)).toBe('not_found');
  });

  test('PM-12 money that is not there is refused, fee included', async () => {
    const { venue } = await play({ asks: ['100 @ 0.50'], cash: '5' });
    const { line } = await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    expect(line).toBe('refused funds not_enough_balance');
  });

  test('PM-13 a market that is over takes no orders', async () => {
    const { venue, later } = await play({ asks: ['100 @ 0.50'] });
    later(RESOLVES_MS - START_MS);
    const { line } = await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    expect(line).toBe('refused market_closed no_orderbook');
  });

  test('PM-14 where nobody listens nothing was sent', async () => {
    const { venue, simulator } = await play({ asks: ['100 @ 0.50'] });
    await simulator.close();
    const { line } = await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    expect(line).toBe('refused venue_state not_connected');
  });
});

describe('settlement', () => {
  test('PM-20 a match is provisional until it is CONFIRMED', async () => {
    const { venue, later } = await play({ asks: ['100 @ 0.50'] });
    const { reference } = await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    expect(await rowsOf(venue, reference)).toEqual(['fill yes 10 @ 0.5 provisional']);
    later(3_000);
    expect(await rowsOf(venue, reference)).toEqual(['fill yes 10 @ 0.5 final']);
  });

  test('PM-21 a match that FAILED is taken back, cash and shares', async () => {
    const { venue, later, exchange } = await play({
      asks: ['100 @ 0.50'],
      faults: { a: ['failed_settlement'] },
    });
    const { reference } = await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    later(5_000);
    expect(await rowsOf(venue, reference)).toEqual([
      'fill yes 10 @ 0.5 provisional',
      'reversal yes 10 @ 0.5',
    ]);
    expect(cashOf(readOf(await venue.entriesOf(reference)))).toBe(0n);
    expect(exchange.balance('desk').cash).toBe(1_000_000_000_000n);
    expect(readOf(await venue.positions())).toEqual([]);
  });

  test('PM-22 a FAILED match is told again to whoever reads from after the match', async () => {
    const { venue, later, nowMs } = await play({
      asks: ['100 @ 0.50'],
      faults: { a: ['failed_settlement'] },
    });
    await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    later(1_000);
    const afterTheMatch = nowMs();
    later(4_000);
    const entries = readOf(await venue.entriesSince(afterTheMatch));
    expect(entries.map(rowOf)).toEqual(['fill yes 10 @ 0.5 provisional', 'reversal yes 10 @ 0.5']);
  });

  test('PM-23 shares are sold once they are CONFIRMED, not before', async () => {
    const { venue, later } = await play({ asks: ['100 @ 0.50'], bids: ['100 @ 0.45'] });
    await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    const sale = (name: string): Ticket => ({ name, side: 'sell', limit: '0.45', contracts: '10' });
    expect((await placed(venue, sale('b'))).line).toBe('refused funds not_enough_balance');
    later(3_000);
    const sold = await placed(venue, sale('c'));
    expect(sold.line).toBe('accepted filled 10');
    expect(await rowsOf(venue, sold.reference)).toEqual(['fill yes 10 @ 0.45 provisional']);
  });

  test('PM-24 a resolved market pays, once for each outcome that was held', async () => {
    const { venue, later, exchange } = await play({ asks: ['100 @ 0.50'], bids: ['100 @ 0.45'] });
    await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    await placed(venue, { name: 'b', outcome: 'no', limit: '0.55', contracts: '20' });
    later(3_000);
    later(RESOLVES_MS - START_MS);
    later(1_000);
    const entries = readOf(await venue.entriesSince(START_MS + 60_000));
    expect(entries.map(rowOf).sort()).toEqual(['settlement no 20 @ 0', 'settlement yes 10 @ 1']);
    const all = readOf(await venueWithLongMemory(stages[0]).entriesSince(START_MS));
    expect(cashOf(all)).toBe(exchange.balance('desk').cash - 1_000_000_000_000n);
    expect(readOf(await venue.positions())).toEqual([]);
  });
});

describe('what the chain does to a wallet', () => {
  const bothHeld = async () => {
    const open = await play({ asks: ['100 @ 0.50'], bids: ['100 @ 0.45'] });
    await placed(open.venue, { name: 'a', limit: '0.50', contracts: '10' });
    await placed(open.venue, { name: 'b', outcome: 'no', limit: '0.55', contracts: '20' });
    open.later(3_000);
    return open;
  };

  test('PM-25 a merge takes as much of both outcomes and pays a dollar a set', async () => {
    const { venue, exchange, later } = await bothHeld();
    const before = exchange.balance('desk').cash;
    expect(exchange.merge('desk', rain.market, quantity('10.01'))).toMatchObject({
      kind: 'refused',
    });
    expect(exchange.merge('desk', rain.market, quantity('4'))).toMatchObject({ kind: 'changed' });
    later(1_000);
    expect(exchange.merge('desk', rain.market, quantity('3'))).toMatchObject({ kind: 'changed' });
    expect(exchange.split('desk', rain.market, quantity('1'))).toMatchObject({ kind: 'changed' });
    const entries = readOf(await venue.entriesSince(START_MS)).filter((one) => !isTradeRow(one));
    expect(entries.map(rowOf)).toEqual([
      ...['merge yes 4 @ 0.5', 'merge no 4 @ 0.5'],
      ...['merge yes 3 @ 0.5', 'merge no 3 @ 0.5', 'split yes 1 @ 0.5', 'split no 1 @ 0.5'],
    ]);
    expect(cashOf(entries)).toBe(exchange.balance('desk').cash - before);
    const held = readOf(await venue.positions());
    expect(held.map((one) => [one.instrument.outcome, formatAmount(one.quantity)])).toEqual([
      ['yes', '4'],
      ['no', '14'],
    ]);
  });

  test('PM-26 shares of a resolved market wait until they are redeemed, each once', async () => {
    const { venue, exchange, later } = await bothHeld();
    exchange.holdRedemptions(true);
    exchange.resolveMarket(rain.market, 'no');
    later(60_000);
    const waiting = readOf(await venue.positions());
    expect(waiting.map(({ redeemsAt }) => formatAmount(redeemsAt ?? -1n))).toEqual(['0', '1']);
    expect(readOf(await venue.entriesSince(START_MS + 4_000))).toEqual([]);

    expect(exchange.redeem('desk', rain.market)).toHaveLength(2);
    expect(exchange.redeem('desk', rain.market)).toHaveLength(0);
    const entries = readOf(await venue.entriesSince(START_MS + 4_000));
    expect(entries.map(rowOf)).toEqual(['settlement yes 10 @ 0', 'settlement no 20 @ 1']);
    expect(readOf(await venue.positions())).toEqual([]);
  });

  test('PM-27 a voided market pays half a dollar for either outcome', async () => {
    const { venue, exchange, later } = await bothHeld();
    exchange.voidMarket(rain.market);
    later(1_000);
    const entries = readOf(await venue.entriesSince(START_MS + 4_000));
    expect(entries.map(rowOf)).toEqual(['settlement yes 10 @ 0.5', 'settlement no 20 @ 0.5']);
  });

  test('PM-28 a market that is resolved early pays only once its matches are final', async () => {
    const { venue, exchange, later } = await play({ asks: ['100 @ 0.50'] });
    await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    exchange.resolveMarket(rain.market, 'yes');
    const { line } = await placed(venue, { name: 'b', limit: '0.50', contracts: '10' });
    expect(line).toBe('refused market_closed no_orderbook');
    expect(exchange.market(rain.market)).toMatchObject({ state: 'closed' });
    later(3_000);
    expect(exchange.market(rain.market)).toMatchObject({ state: 'settled', winner: 'yes' });
    later(1_000);
    const entries = readOf(await venue.entriesSince(START_MS + 3_000));
    expect(entries.map(rowOf)).toContain('settlement yes 10 @ 1');
  });
});

/** It reads trades however long ago they were matched. */
function venueWithLongMemory(open: Stage | undefined): Venue {
  if (!open) throw new Error('a stage is open');
  const baseUrl = open.simulator.url;
  const settlementMsMax = 2 * (RESOLVES_MS - START_MS);
  return createPolymarketVenue({
    account: 'desk',
    credentials,
    baseUrl,
    nowMs: open.nowMs,
    settlementMsMax,
  });
}

describe('what an account may ask', () => {
  test('PM-30 a terminal order is not canceled, and is not listed as open', async () => {
    const { venue } = await play({ asks: ['100 @ 0.50'] });
    const traded = await placed(venue, { name: 'a', side: 'buy', limit: '0.50', contracts: '10' });
    expect(await venue.cancel(traded.reference)).toMatchObject({ kind: 'not_canceled' });
    expect(readOf(await venue.openOrders())).toEqual([]);
  });

  test('PM-31 a resting sale is found, listed, canceled and then gone', async () => {
    const { venue, later } = await play({ asks: ['100 @ 0.50'] });
    await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    later(3_000);
    const ticket = {
      name: 'b',
      side: 'sell',
      limit: '0.70',
      contracts: '10',
      timeInForce: 'GTC',
    } as const;
    const { line, reference } = await placed(venue, ticket);
    expect(line).toBe('accepted working 0');
    const open = readOf(await venue.openOrders());
    expect(open.map((order) => order.venueOrderId)).toEqual([reference.venueOrderId]);
    expect(await venue.cancel(reference)).toEqual({ kind: 'canceled' });
    expect(await found(venue, reference)).toBe('canceled 0');
    expect(readOf(await venue.openOrders())).toEqual([]);
  });

  test('PM-32 cancel-all leaves nothing working', async () => {
    const { venue, later } = await play({ asks: ['100 @ 0.50'] });
    await placed(venue, { name: 'a', limit: '0.50', contracts: '20' });
    later(3_000);
    for (const name of ['b', 'c']) {
      await placed(venue, {
        name,
        side: 'sell',
        limit: '0.70',
        contracts: '10',
        timeInForce: 'GTC',
      });
    }
    expect(await venue.cancelAll()).toEqual({ kind: 'canceled' });
    expect(readOf(await venue.openOrders())).toEqual([]);
  });

  test('PM-33 one trade may fill several of our resting orders', async () => {
    const { venue, later, quote, exchange } = await play({ asks: ['100 @ 0.50'] });
    await placed(venue, { name: 'a', limit: '0.50', contracts: '20' });
    later(3_000);
    quote([], []);
    const tickets = ['0.60', '0.61'].map(
      (limit) =>
        ({
          name: `rest ${limit}`,
          side: 'sell',
          limit,
          contracts: '10',
          timeInForce: 'GTC',
        }) as const,
    );
    const sales = await Promise.all(tickets.map((ticket) => placed(venue, ticket)));
    exchange.place({
      ...{ account: 'rival', market: rain.market, outcome: 'yes', side: 'buy', timeInForce: 'IOC' },
      ...{
        limitPrice: 610_000_000n as never,
        fixed: { kind: 'contracts', contracts: 15_000_000_000n as never },
      },
      ...{ venueOrderId: '0xrival', clientKey: 'rival', isReduceOnly: false, isPostOnly: false },
    });
    expect(exchange.trades({ account: 'rival' })).toHaveLength(1);
    const rows = await Promise.all(sales.map(({ reference }) => rowsOf(venue, reference)));
    expect(rows).toEqual([['fill yes 10 @ 0.6 provisional'], ['fill yes 5 @ 0.61 provisional']]);
  });

  test('PM-34 the balance is what can be spent now, and positions what the chain holds', async () => {
    const { venue, later } = await play({ asks: ['100 @ 0.50'] });
    const balance = async (): Promise<Money> => readOf(await venue.balance());
    expect(formatAmount(await balance())).toBe('1000');
    await placed(venue, { name: 'a', limit: '0.50', contracts: '10' });
    expect(formatAmount(await balance())).toBe('994.875');
    expect(readOf(await venue.positions())).toEqual([]);
    later(3_000);
    expect(readOf(await venue.positions())).toEqual([
      {
        instrument: { venue: 'polymarket', market: rain.market, outcome: 'yes' },
        quantity: 10_000_000_000n,
      },
    ]);
  });

  test('PM-35 both books are read, NO as the mirror of YES', async () => {
    const { venue } = await play({ bids: ['30 @ 0.45', '5 @ 0.44'], asks: ['100 @ 0.50'] });
    const [yes, no] = readOf(await venue.book(rain));
    const side = (levels: typeof yes.bids) =>
      levels.map((level) => `${formatAmount(level.quantity)} @ ${formatAmount(level.price)}`);
    expect([side(yes.bids), side(yes.asks)]).toEqual([['30 @ 0.45', '5 @ 0.44'], ['100 @ 0.5']]);
    expect([side(no.bids), side(no.asks)]).toEqual([['100 @ 0.5'], ['30 @ 0.55', '5 @ 0.56']]);
    expect([yes.hasGap, no.hasGap]).toEqual([false, false]);
  });

  test('PM-36 the venue tells its time, and an order that it never saw is not found', async () => {
    const { venue, nowMs } = await play();
    expect(readOf(await venue.serverTime())).toBe(nowMs());
    const never = referenceOf(
      await prepared(venue, { name: 'never', limit: '0.50', contracts: '10' }),
    );
    expect(await venue.findOrder(never)).toEqual({ kind: 'not_found' });
    expect(await rowsOf(venue, never)).toEqual([]);
  });

  test('PM-37 a read that fails says so and is never an empty answer', async () => {
    const { venue, simulator } = await play();
    await venue.warm();
    await simulator.close();
    const account = [venue.openOrders(), venue.entriesSince(0), venue.positions()];
    const reads = [...account, venue.balance(), venue.serverTime(), venue.book(rain)];
    for (const read of await Promise.all(reads)) expect(read.kind).toBe('unavailable');
    const order = await prepared(venue, { name: 'a', limit: '0.50', contracts: '10' });
    const reference = referenceOf(order);
    expect((await venue.findOrder(reference)).kind).toBe('unavailable');
    expect((await venue.cancel(reference)).kind).toBe('unknown');
  });

  test('PM-38 pages are read to their end, and a row counts once', async () => {
    const { venue } = await play({ asks: ['5000 @ 0.10'] });
    for (let number = 0; number < 105; number += 1) {
      await placed(venue, { name: `order ${number}`, limit: '0.10', contracts: '10' });
    }
    const entries = readOf(await venue.entriesSince(START_MS));
    expect(entries).toHaveLength(105);
    const ids = new Set(entries.map((entry) => (isTradeRow(entry) ? entry.executionId : '')));
    expect(ids.size).toBe(105);
  });
});
