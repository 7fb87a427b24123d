import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../domain/assert.js';
import type { Instrument } from '../../domain/instrument.js';
import { add, money, price, quantity } from '../../domain/money.js';
import { cashNeeded, reservationFor } from '../../domain/risk/reservation.js';
import { cutToLimits, review } from '../../domain/risk/review.js';
import type { RiskInput } from '../../domain/risk/risk-input.js';
import {
  account,
  bookAge,
  inputOf,
  limits,
  NOW_MS,
  otherReservation,
  policy,
  withAccount,
} from './risk-fixture.js';
import { intentOf, kalshiNo, orderOf, pair, polyYes } from './trade-fixture.js';

const freeze = {
  freezeId: 'f1',
  scope: { kind: 'pair', key: 'rain' },
  cause: 'manual',
  why: 'lunch',
  by: 'ada',
  action: 'leave',
  atMs: 0,
} as const;

const notAfterMs = NOW_MS + 1_000;
const intent = (changes: Parameters<typeof intentOf>[0]): RiskInput =>
  inputOf({ intent: intentOf({ notAfterMs, ...changes }) });
const market = (changes: Partial<typeof pair.kalshi>): RiskInput =>
  inputOf({ pair: { ...pair, kalshi: { ...pair.kalshi, ...changes } } });
const books = (ours: Instrument, changes: object): RiskInput =>
  inputOf({
    books: [bookAge(polyYes), bookAge(kalshiNo)].map((book) =>
      book.instrument === ours ? { ...book, ...changes } : book,
    ),
  });
const holding = (instrument: Instrument, contracts: string): RiskInput =>
  withAccount({ positions: [{ instrument, quantity: quantity(contracts) }] });
const balance = (kalshi: string): RiskInput =>
  withAccount({
    balances: { ...account.balances, kalshi: { balance: money(kalshi), atMs: NOW_MS } },
  });
const sized = (contracts: string): RiskInput => {
  const fixed = { kind: 'contracts', contracts: quantity(contracts) } as const;
  const { yesOrder, noOrder } = inputOf().entries;
  const change = { fixed, legalMaximum: quantity(contracts) };
  return inputOf({
    entries: { yesOrder: { ...yesOrder, ...change }, noOrder: { ...noOrder, ...change } },
  });
};
const delayed = { isTakerDelayed: true };
const bothDelayed = {
  ...pair,
  kalshi: { ...pair.kalshi, ...delayed },
  polymarket: { ...pair.polymarket, ...delayed },
};
const stepDown = { ...policy, exit: { ...policy.exit, policy: 'step_down' } } as const;
const kalshiYes: Instrument = { ...kalshiNo, outcome: 'yes' };
const held = (count: number): RiskInput =>
  withAccount({
    positions: Array.from({ length: count }, (_, n) => ({
      instrument: { ...polyYes, market: `0x${n}` },
      quantity: quantity('1'),
    })),
  });

/** What each rule lets pass, and the same thing one step further. */
const rules: readonly (readonly [
  rule: string,
  passes: RiskInput,
  denied: RiskInput,
  denial: object,
])[] = [
  [
    'a shot that an engine says it has fired',
    inputOf(),
    intent({ door: 'fire_first', host: 'h1' }),
    { code: 'INTENT_MISMATCH', door: 'fire_first' },
  ],
  [
    'one book crossed in itself',
    inputOf(),
    intent({ type: 'kalshi_same_market' }),
    { code: 'BOOK_CROSSED', type: 'kalshi_same_market' },
  ],
  [
    'the other one',
    inputOf(),
    intent({ type: 'poly_same_market' }),
    { code: 'BOOK_CROSSED', type: 'poly_same_market' },
  ],
  [
    'too late',
    inputOf({ nowMs: notAfterMs }),
    inputOf({ nowMs: notAfterMs + 1 }),
    { code: 'TOO_LATE', notAfterMs, nowMs: notAfterMs + 1 },
  ],
  [
    'a freeze in scope',
    withAccount({ freezes: [{ ...freeze, scope: { kind: 'pair', key: 'snow' } }] }),
    withAccount({ freezes: [freeze] }),
    { code: 'FROZEN', freezeId: 'f1', cause: 'manual', why: 'lunch' },
  ],
  [
    'a freeze of the strategy',
    inputOf(),
    withAccount({ freezes: [{ ...freeze, scope: { kind: 'strategy', key: 'desk' } }] }),
    { code: 'FROZEN' },
  ],
  [
    'a freeze of a leg',
    inputOf(),
    withAccount({
      freezes: [{ ...freeze, scope: { kind: 'instrument', key: 'polymarket/0xrain/yes' } }],
    }),
    { code: 'FROZEN' },
  ],
  [
    'a hold that ends',
    withAccount({ hold: { holder: 'h', untilMs: NOW_MS } }),
    withAccount({ hold: { holder: 'h', untilMs: NOW_MS + 1 } }),
    { code: 'PAIR_IN_FLIGHT', holder: 'h', untilMs: NOW_MS + 1 },
  ],
  [
    'a hold without an end',
    inputOf(),
    withAccount({ hold: { holder: 'h', untilMs: null } }),
    { code: 'PAIR_IN_FLIGHT', holder: 'h', untilMs: null },
  ],
  [
    'a pair that nobody approved',
    inputOf({ pair: { ...pair, approval: { by: 'ada', atMs: NOW_MS } } }),
    inputOf({ pair: { ...pair, approval: { by: '', atMs: 0 } } }),
    { code: 'PAIR_NOT_APPROVED', pairId: 'rain' },
  ],
  [
    'an approval from the future',
    inputOf(),
    inputOf({ pair: { ...pair, approval: { by: 'ada', atMs: NOW_MS + 1 } } }),
    { code: 'PAIR_NOT_APPROVED' },
  ],
  [
    'a leg that its venue holds back where nobody would buy the other',
    market(delayed),
    { ...market(delayed), policy: stepDown },
    { code: 'TAKER_DELAYED', market: 'KXRAIN-26NOV21' },
  ],
  [
    'two legs that are held back',
    inputOf(),
    inputOf({ pair: bothDelayed }),
    { code: 'TAKER_DELAYED' },
  ],
  [
    'a market that closes',
    market({ closesAtMs: NOW_MS + 60_001 }),
    market({ closesAtMs: NOW_MS + 60_000 }),
    { code: 'MARKET_CLOSING', closesAtMs: NOW_MS + 60_000, nowMs: NOW_MS },
  ],
  [
    'a venue that is about to pause',
    withAccount({
      pauses: [{ venue: 'kalshi', fromMs: NOW_MS + 30_001, untilMs: NOW_MS + 90_000 }],
    }),
    withAccount({
      pauses: [{ venue: 'kalshi', fromMs: NOW_MS + 30_000, untilMs: NOW_MS + 90_000 }],
    }),
    { code: 'VENUE_PAUSING', venue: 'kalshi', fromMs: NOW_MS + 30_000, untilMs: NOW_MS + 90_000 },
  ],
  [
    'a venue whose pause is not over',
    withAccount({ pauses: [{ venue: 'polymarket', fromMs: 1, untilMs: NOW_MS }] }),
    withAccount({ pauses: [{ venue: 'polymarket', fromMs: 1, untilMs: NOW_MS + 1 }] }),
    { code: 'VENUE_PAUSING', venue: 'polymarket' },
  ],
  [
    'a venue that does not say when it goes on',
    inputOf(),
    withAccount({ pauses: [{ venue: 'kalshi', fromMs: NOW_MS }] }),
    { code: 'VENUE_PAUSING', venue: 'kalshi', untilMs: null },
  ],
  [
    'a missing book',
    inputOf(),
    books(kalshiNo, { isThere: false }),
    { code: 'BOOK_MISSING', instrument: 'kalshi/KXRAIN-26NOV21/no' },
  ],
  [
    'no books at all',
    inputOf(),
    inputOf({ books: [] }),
    { code: 'BOOK_MISSING', instrument: 'polymarket/0xrain/yes' },
  ],
  [
    'a silent book',
    books(kalshiNo, { heardAtMs: NOW_MS - 2_000 }),
    books(kalshiNo, { heardAtMs: NOW_MS - 2_001 }),
    { code: 'BOOK_STALE', instrument: 'kalshi/KXRAIN-26NOV21/no', silentMs: 2_001, limitMs: 2_000 },
  ],
  [
    'a book with a gap',
    inputOf(),
    books(polyYes, { hasGap: true }),
    { code: 'BOOK_STALE', instrument: 'polymarket/0xrain/yes' },
  ],
  [
    'a small edge',
    inputOf({ edge: price('0.01') }),
    inputOf({ edge: price('0.009999999') }),
    { code: 'EDGE_TOO_SMALL', edge: price('0.009999999'), edgeMin: price('0.01') },
  ],
  [
    'an edge that the strategy wants larger',
    inputOf({ intent: intentOf({ notAfterMs, edgeMin: price('0.02') }) }),
    inputOf({ intent: intentOf({ notAfterMs, edgeMin: price('0.021') }) }),
    { code: 'EDGE_TOO_SMALL', edgeMin: price('0.021') },
  ],
  [
    'no strategy may want less than a cent',
    inputOf({ edge: price('0.01') }),
    inputOf({ edge: price('0.009'), intent: intentOf({ notAfterMs, edgeMin: price('0') }) }),
    { code: 'EDGE_TOO_SMALL', edgeMin: price('0.01') },
  ],
  [
    'little liquidity',
    sized('5'),
    sized('4.99'),
    { code: 'LIQUIDITY_TOO_SMALL', contracts: quantity('4.99'), minimumQuantity: quantity('5') },
  ],
  [
    'missing limits',
    inputOf(),
    inputOf({ account: accountWithout('limits') }),
    { code: 'LIMITS_MISSING', account: 'main' },
  ],
  [
    'many executions',
    withAccount({ executionsLastMinute: 119 }),
    withAccount({ executionsLastMinute: 120 }),
    { code: 'RATE_TOO_HIGH', executions: 120, limitCount: 120 },
  ],
  [
    'a large position',
    holding(polyYes, '9900'),
    holding(polyYes, '9900.01'),
    {
      code: 'POSITION_TOO_LARGE',
      instrument: 'polymarket/0xrain/yes',
      contracts: quantity('10000.01'),
      limit: quantity('10000'),
    },
  ],
  [
    'many positions',
    held(48),
    held(49),
    { code: 'TOO_MANY_POSITIONS', positions: 51, limitCount: 50 },
  ],
  [
    'a position against a netting venue',
    holding({ ...polyYes, outcome: 'no' }, '1'),
    holding(kalshiYes, '1'),
    { code: 'OPPOSITE_POSITION', instrument: 'kalshi/KXRAIN-26NOV21/yes', held: quantity('1') },
  ],
  [
    'a missing balance',
    inputOf(),
    withAccount({ balances: { polymarket: { balance: money('1000'), atMs: NOW_MS } } }),
    { code: 'BALANCE_MISSING', venue: 'kalshi' },
  ],
  [
    'an old balance',
    aged(5_000),
    aged(5_001),
    { code: 'BALANCE_STALE', venue: 'kalshi', ageMs: 5_001, limitMs: 5_000 },
  ],
];

function aged(ageMs: number): RiskInput {
  const { kalshi, polymarket } = account.balances;
  if (!kalshi || !polymarket) throw new Error('the fixture has both balances');
  return withAccount({ balances: { polymarket, kalshi: { ...kalshi, atMs: NOW_MS - ageMs } } });
}

function accountWithout(key: 'limits'): RiskInput['account'] {
  const copy = { ...account };
  Reflect.deleteProperty(copy, key);
  return copy;
}

describe('the review denies by name, with its numbers', () => {
  test.each(rules)('%s', (...[, passes, broken, denial]) => {
    expect(review(passes).kind).toBe('approved');
    expect(review(broken)).toMatchObject({ kind: 'denied', denial });
  });

  test('exposure: what is held at its cost, what others reserve, and this trade', () => {
    const own = reservationFor(inputOf()).exposure;
    const position = { instrument: { ...polyYes, market: '0xsnow' }, quantity: quantity('10') };
    const cost = money('3');
    const other = otherReservation({ exposure: money('40') });
    const at = (limit: string) =>
      withAccount({
        limits: { ...limits, exposureMax: money(limit) },
        positions: [{ ...position, cost }],
        reservations: [{ ...other, legs: [] }],
      });
    const exposure = add(own, money('43'));
    const exact = inputOf({
      account: { ...at('0').account, limits: { ...limits, exposureMax: exposure } },
    });
    expect(review(exact).kind).toBe('approved');
    expect(review(at('43'))).toMatchObject({
      denial: { code: 'EXPOSURE_TOO_LARGE', exposure, limit: money('43') },
    });
    const costUnknown = { ...exact.account, positions: [position] };
    expect(review(inputOf({ account: costUnknown }))).toMatchObject({
      denial: { code: 'EXPOSURE_TOO_LARGE', exposure: add(exposure, money('7')) },
    });
  });

  test('what others have reserved counts like what is held', () => {
    const coming = withAccount({
      reservations: [otherReservation()],
      limits: { ...limits, positionMax: quantity('199.99') },
    });
    expect(review(coming)).toMatchObject({
      denial: { code: 'POSITION_TOO_LARGE', contracts: quantity('200') },
    });
    const legs = otherReservation().legs.map((leg) => ({ ...leg, instrument: kalshiYes }));
    const against = withAccount({ reservations: [otherReservation({ legs })] });
    expect(review(against)).toMatchObject({ denial: { code: 'OPPOSITE_POSITION' } });
  });

  test('cash for the entry first, then for getting out of the other leg', () => {
    const leg = reservationFor(inputOf()).legs[1];
    if (!leg) throw new Error('a trade has two legs');
    // 100 × 0.45 and the fee; 100 × (0.45 + 0.10) and the fee; two cents of rounding each.
    expect([leg.cash, leg.exitCash]).toEqual([money('46.7625'), money('56.7625')]);
    expect(review(balance('56.7625')).kind).toBe('approved');
    expect(review(balance('56.762499999'))).toMatchObject({
      denial: {
        code: 'EXIT_CAPACITY_TOO_SMALL',
        venue: 'kalshi',
        cost: cashNeeded(leg),
        balance: money('56.762499999'),
      },
    });
    expect(review(balance('46.762499999'))).toMatchObject({
      denial: { code: 'CASH_TOO_SMALL', cost: leg.cash },
    });
  });

  test('what others have set aside is not ours to spend', () => {
    const twice = money('113.525');
    const balances = { ...account.balances, kalshi: { balance: twice, atMs: NOW_MS } };
    const reservations = [otherReservation()];
    expect(review(withAccount({ balances, reservations })).kind).toBe('approved');
    const short = { ...balances, kalshi: { balance: money('113.524999999'), atMs: NOW_MS } };
    expect(review(withAccount({ balances: short, reservations }))).toMatchObject({
      denial: { code: 'EXIT_CAPACITY_TOO_SMALL' },
    });
  });

  test('a buy sized by collateral reserves its sum, and that sum at the lowest price in contracts', () => {
    const { yesOrder, noOrder } = inputOf().entries;
    const fixed = { kind: 'collateral', collateral: money('52') } as const;
    const byCollateral = { ...yesOrder, fixed, legalMaximum: quantity('5200') };
    const [poly, kalshi] = reservationFor(
      inputOf({ entries: { yesOrder: byCollateral, noOrder } }),
    ).legs;
    expect(poly).toMatchObject({ contracts: quantity('5200'), cash: money('54.62') });
    // To complete 5,200 on Kalshi at 0.55: what the largest excess of that leg takes.
    expect(kalshi?.exitCash).toBe(money('2950.12'));
  });
});

describe('an approval', () => {
  test('is given to exactly the orders that were reviewed', () => {
    const { entries } = inputOf();
    expect(review(inputOf())).toEqual({
      kind: 'approved',
      entries,
      reservation: reservationFor(inputOf()),
    });
  });

  test('of an order that was not asked for is our own broken promise', () => {
    const { yesOrder, noOrder } = inputOf().entries;
    const wrong = [
      { ...yesOrder, limitPrice: price('0.53') },
      { ...yesOrder, account: 'other' },
      { ...yesOrder, instrument: kalshiNo },
      { ...yesOrder, side: 'sell' as const },
      { ...yesOrder, timeInForce: 'GTC' as const },
      { ...yesOrder, notAfterMs: notAfterMs + 1 },
      { ...yesOrder, fixed: { kind: 'contracts' as const, contracts: quantity('101') } },
    ];
    for (const order of wrong) {
      const entries = { yesOrder: order, noOrder };
      expect(() => review(inputOf({ entries })), JSON.stringify(Object.keys(order))).toThrow(
        InvariantError,
      );
    }
    expect(orderOf({ clientOrderId: 'x' }).limitPrice).toBe(price('0.52'));
  });

  test('never larger than the account takes per pair: an intent is cut, not denied', () => {
    expect(cutToLimits(quantity('999'), limits)).toBe(quantity('999'));
    expect(cutToLimits(quantity('1001'), limits)).toBe(quantity('1000'));
  });

  test('goes by the policy it is told', () => {
    const strict = { ...policy, exit: { ...policy.exit, lossMax: price('0') } };
    expect(reservationFor(inputOf({ policy: strict })).legs[1]?.exitCash).toBe(money('46.7625'));
  });
});
