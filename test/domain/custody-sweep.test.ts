import { describe, expect, test } from 'vitest';
import { custodyPlaceOfTrade } from '../../domain/custody/custody-place.js';
import type { OpenTradeBook, OurBooks, TheirBooks } from '../../domain/custody/sweep.js';
import { sweep } from '../../domain/custody/sweep.js';
import { unownedOf } from '../../domain/custody/unowned.js';
import type { Instrument } from '../../domain/instrument.js';
import { instrumentKey } from '../../domain/instrument.js';
import { formatAmount, price, quantity } from '../../domain/money.js';
import type { VenueOrder } from '../../domain/venue.js';
import type { Fill } from '../../domain/venue-entry.js';
import { approvalFor, fillOf, kalshiNo, orderOf, polyYes } from './trade-fixture.js';

const kalshiYes: Instrument = { ...kalshiNo, outcome: 'yes' };
const { entries } = approvalFor();

function bought(instrument: Instrument, contracts: string): Fill {
  const order = orderOf({ clientOrderId: instrumentKey(instrument), instrument });
  const match = { executionId: 't1', contracts: quantity(contracts), price: price('0.4'), atMs: 0 };
  return fillOf(order, match);
}

const holding = (instrument: Instrument, contracts: string) => ({
  instrument,
  quantity: quantity(contracts),
});

const living: OpenTradeBook = {
  workflowId: 'arbitrage/a',
  place: { account: 'main', instrument: polyYes },
  instruments: [polyYes, kalshiNo],
  isApproved: true,
  hasReservation: true,
  hasHold: true,
  hasOwner: true,
  isTakenOver: false,
  rows: [],
};

const nothing: OurBooks = {
  account: 'main',
  trades: [],
  leftovers: [],
  explained: new Map(),
  positions: [],
  held: [],
};

function order(venueOrderId: string, changes: Partial<VenueOrder> = {}): VenueOrder {
  return {
    ...{ venueOrderId, instrument: kalshiNo, side: 'buy', state: 'working', createdAtMs: 5 },
    ...{ limitPrice: price('0.4'), cumulativeQuantity: quantity('0') },
    ...changes,
  };
}

function found(ours: Partial<OurBooks>, theirs: Partial<TheirBooks> = {}, dead: string[] = []) {
  const both = { orders: [], positions: ours.positions ?? [], ...theirs };
  return sweep({ ...nothing, ...ours }, both, new Set(dead)).map(({ place, found: one }) => {
    const amount = 'quantity' in one ? ` ${formatAmount(one.quantity)}` : '';
    return `${one.key}${amount} at ${place.instrument.venue}`;
  });
}

describe('a sweep finds', () => {
  test('nothing where everything has an owner', () => {
    const rows = [bought(polyYes, '40')];
    const positions = [holding(polyYes, '100')];
    const held = [holding(polyYes, '60')];
    const explained = new Map([['v1', 'arbitrage/a']]);
    const ours = { trades: [{ ...living, rows }], positions, held, explained };
    expect(found(ours, { orders: [order('v1')] })).toEqual([]);
  });

  test('a trade whose workflow does not run', () => {
    expect(found({ trades: [living] }, {}, ['arbitrage/a'])).toEqual([
      'trade/arbitrage/a at polymarket',
    ]);
  });

  test('a trade whose exits were taken over, though it runs', () => {
    const trades = [{ ...living, isTakenOver: true, hasReservation: false }];
    expect(found({ trades })).toEqual(['trade/arbitrage/a at polymarket']);
  });

  test('a reservation or a hold that a living trade has lost, but not before it was approved', () => {
    const bare = { ...living, hasReservation: false };
    expect(found({ trades: [bare] })).toEqual(['reservation/arbitrage/a at polymarket']);
    expect(found({ trades: [{ ...bare, isApproved: false }] })).toEqual([]);
    const unheld = { ...living, hasHold: false };
    expect(found({ trades: [unheld] })).toEqual(['reservation/arbitrage/a at polymarket']);
    const unowned = { ...living, hasOwner: false };
    expect(found({ trades: [unowned] })).toEqual(['reservation/arbitrage/a at polymarket']);
  });

  test('what an ended trade has left open', () => {
    const place = { account: 'main', instrument: kalshiNo };
    const leftovers = [{ workflowId: 'arbitrage/b', place, what: 'a hold is left' }];
    expect(found({ leftovers })).toEqual(['leftover/arbitrage/b at kalshi']);
  });

  test('a working order that no row explains, and no ended one', () => {
    const orders = [
      order('v1', { clientOrderId: 'theirs' }),
      order('v2'),
      order('v3', { state: 'canceled' }),
    ];
    expect(found({}, { orders })).toEqual([
      'order/kalshi/v1 at kalshi',
      'order/kalshi/v2 at kalshi',
    ]);
  });

  test('contracts beyond what trades and held pairs explain', () => {
    const ours = {
      trades: [{ ...living, rows: [bought(polyYes, '40')] }],
      positions: [holding(polyYes, '100')],
      held: [holding(polyYes, '50'), holding(kalshiNo, '7')],
    };
    expect(found(ours)).toEqual(['position/main/polymarket/0xrain/yes 10 at polymarket']);
  });

  test('a position that the venue states otherwise, unless a trade is under way there', () => {
    const ours = { positions: [holding(polyYes, '5')], held: [holding(polyYes, '5')] };
    const theirs = { positions: [holding(polyYes, '7'), holding(kalshiNo, '1')] };
    expect(found(ours, theirs)).toEqual([
      'difference/main/polymarket/0xrain/yes 7 at polymarket',
      'difference/main/kalshi/KXRAIN-26NOV21/no 1 at kalshi',
    ]);
    expect(found({ ...ours, trades: [living] }, theirs)).toEqual([]);
  });
});

describe('contracts without an owner', () => {
  test.each<
    readonly [name: string, held: string, pairs: readonly [Instrument, string][], left: string]
  >([
    ['all of them', '10', [], '10'],
    ['the rest', '10', [[kalshiNo, '4']], '6'],
    ['none where more is explained than held', '10', [[kalshiNo, '14']], '0'],
    ['no more than are held, where the other outcome nets', '10', [[kalshiYes, '4']], '10'],
    ['none of a debt', '-3', [], '0'],
  ])('%s', (...[, held, pairs, left]) => {
    const explained = pairs.map(([instrument, contracts]) => holding(instrument, contracts));
    const unowned = unownedOf(holding(kalshiNo, held), { rows: [], held: explained });
    expect(unowned).toBe(quantity(left));
  });
});

test('a dead trade is looked after where it holds more, and else at its YES leg', () => {
  const placeOf = (...rows: readonly Fill[]) => custodyPlaceOfTrade(entries, rows).instrument;
  expect(placeOf(bought(kalshiNo, '10'), bought(polyYes, '4'))).toEqual(kalshiNo);
  expect(placeOf(bought(kalshiNo, '4'), bought(polyYes, '4'))).toEqual(polyYes);
  expect(placeOf()).toEqual(polyYes);
});
