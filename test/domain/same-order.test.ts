import { describe, expect, test } from 'vitest';
import type { ChildOrder } from '../../domain/child-order.js';
import { money, price, quantity } from '../../domain/money.js';
import { isNamesake, isSameOrder } from '../../domain/same-order.js';
import type { VenueOrder } from '../../domain/venue.js';
import { without } from '../../domain/without.js';

const LATENESS_MS = 10_000;
const MADE_MS = 1_700_000_000_000;
const NOT_AFTER_MS = MADE_MS + 2_000;

const kalshi = { venue: 'kalshi', market: 'KXRAIN', outcome: 'no' } as const;
const ours: ChildOrder = {
  clientOrderId: 'ours',
  workflowId: 'arbitrage/test',
  account: 'main',
  purpose: { kind: 'entry', leg: 'no' },
  instrument: kalshi,
  side: 'buy',
  timeInForce: 'IOC',
  limitPrice: price('0.52'),
  fixed: { kind: 'contracts', contracts: quantity('10') },
  legalMaximum: quantity('10'),
  isReduceOnly: false,
  notAfterMs: NOT_AFTER_MS,
  createdAtMs: MADE_MS,
};
const theirs: VenueOrder = {
  venueOrderId: 'K1',
  clientOrderId: 'ours',
  instrument: kalshi,
  side: 'buy',
  limitPrice: price('0.52'),
  quantity: quantity('10'),
  state: 'canceled',
  cumulativeQuantity: quantity('4'),
  createdAtMs: MADE_MS + 40,
};

const unsized: VenueOrder = without(theirs, 'quantity');
const unnamed: VenueOrder = without(theirs, 'clientOrderId');

describe('what Kalshi shows under our id is ours', () => {
  test.each<[string, VenueOrder, boolean]>([
    ['when it says what ours says', theirs, true],
    [
      'whatever became of it',
      { ...theirs, state: 'working', cumulativeQuantity: quantity('0') },
      true,
    ],
    ['not under another id of ours', { ...theirs, clientOrderId: 'other' }, false],
    ['not in another market', { ...theirs, instrument: { ...kalshi, market: 'KXSNOW' } }, false],
    ['not for the other outcome', { ...theirs, instrument: { ...kalshi, outcome: 'yes' } }, false],
    ['not on the other side', { ...theirs, side: 'sell' }, false],
    ['not at a better limit', { ...theirs, limitPrice: price('0.51') }, false],
    ['not for one lot more', { ...theirs, quantity: quantity('10.01') }, false],
    ['not for one lot less', { ...theirs, quantity: quantity('9.99') }, false],
    ['not when its size is unsaid', unsized, false],
    ['not when it names no order of ours', unnamed, false],
    ['from a clock a minute behind', { ...theirs, createdAtMs: MADE_MS - 60_000 }, true],
    ['not from before that', { ...theirs, createdAtMs: MADE_MS - 60_001 }, false],
    [
      'at the last moment that it may arrive',
      { ...theirs, createdAtMs: NOT_AFTER_MS + 10_000 },
      true,
    ],
    ['not after that', { ...theirs, createdAtMs: NOT_AFTER_MS + 10_001 }, false],
  ])('%s', (_story, order, expected) => {
    expect(isSameOrder({ order: ours }, order, LATENESS_MS)).toBe(expected);
  });

  test.each<[string, VenueOrder, string, boolean]>([
    ['that is also the same', theirs, 'K1', true],
    ['though it does not repeat ours', unnamed, 'K1', true],
    ['not under another venue id', theirs, 'K2', false],
    ['not when it names another order', { ...theirs, clientOrderId: 'other' }, 'K1', false],
    ['not for another size', { ...theirs, quantity: quantity('9') }, 'K1', false],
  ])('by the venue id, once that is known: %s', (...[, order, venueOrderId, expected]) => {
    expect(isSameOrder({ order: ours, venueOrderId }, order, LATENESS_MS)).toBe(expected);
  });

  test.each([
    ['all of it', '10', true],
    ['cut to the position', '6', true],
    ['cut to nothing', '0', false],
    ['more than was asked', '10.01', false],
  ])('when it may only reduce: %s', (_story, counted, expected) => {
    const exit: ChildOrder = { ...ours, side: 'sell', isReduceOnly: true };
    const shown: VenueOrder = { ...theirs, side: 'sell', quantity: quantity(counted) };
    expect(isSameOrder({ order: exit }, shown, LATENESS_MS)).toBe(expected);
  });
});

describe('what Polymarket shows under our hash is ours', () => {
  const instrument = { venue: 'polymarket', market: '0xab', outcome: 'yes' } as const;
  const order: ChildOrder = {
    ...{ ...ours, instrument },
    fixed: { kind: 'collateral', collateral: money('5') },
  };
  const listed: VenueOrder = { ...theirs, instrument, venueOrderId: '0xhash' };

  test.each<[string, string | undefined, boolean]>([
    ['by the hash alone', '0xhash', true],
    ['not by another hash', '0xother', false],
    ['not while no hash is known', undefined, false],
  ])('%s', (_story, venueOrderId, expected) => {
    const known = venueOrderId === undefined ? {} : { venueOrderId };
    expect(isSameOrder({ order, ...known }, listed, LATENESS_MS)).toBe(expected);
  });
});

describe('a message of a stream is about our order', () => {
  const rows: readonly (readonly [what: string, told: VenueOrder, is: boolean])[] = [
    ['as it was meant', theirs, true],
    ['without a quantity', unsized, true],
    ['stated as the purchase that it equals', { ...theirs, limitPrice: price('0.48') }, true],
    ['of another name', { ...theirs, clientOrderId: 'other' }, false],
    ['of another market', { ...theirs, instrument: { ...kalshi, market: 'KXSUN' } }, false],
    ['from long before ours was made', { ...theirs, createdAtMs: MADE_MS - 60_001 }, false],
    ['from as long before as clocks differ', { ...theirs, createdAtMs: MADE_MS - 60_000 }, true],
  ];
  test.for(rows)('%s: %s', ([, told, is]) => {
    expect(isNamesake({ order: ours }, told)).toBe(is);
  });

  test('where its venue’s id is known, that one', () => {
    expect(isNamesake({ order: ours, venueOrderId: 'K1' }, theirs)).toBe(true);
    expect(isNamesake({ order: ours, venueOrderId: 'K2' }, theirs)).toBe(false);
  });
});
