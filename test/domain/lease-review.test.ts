import { describe, expect, test } from 'vitest';
import {
  type ArmRequest,
  money,
  price,
  quantity,
  reviewLease,
  shotText,
} from '../../domain/index.js';
import { without } from '../../domain/without.js';
import { account, limits, NOW_MS, otherReservation, policy } from './risk-fixture.js';
import { kalshiNo, pair } from './trade-fixture.js';

type LeaseInput = Parameters<typeof reviewLease>[0];

const request: ArmRequest = {
  ...{ pairId: pair.pairId, account: 'main', strategy: 'desk', fires: 'at_ticks', validMs: 250 },
  ...{ types: ['poly_yes_kalshi_no'], contractsMax: quantity('10'), edgeMin: price('0.01') },
  budget: { exposure: money('100'), contracts: quantity('50') },
  expiresAtMs: NOW_MS + 60_000,
};

/** A lease that nothing speaks against. */
const lease = (changes: Partial<LeaseInput> = {}): LeaseInput => ({
  ...{ nowMs: NOW_MS, leaseId: 'rain-1', workflowId: 'armed/rain', request, pair, account, policy },
  ...changes,
});
const asked = (changes: Partial<ArmRequest>): LeaseInput =>
  lease({ request: { ...request, ...changes } });
const with_ = (changes: Partial<LeaseInput['account']>): LeaseInput =>
  lease({ account: { ...account, ...changes } });
const market = (changes: Partial<typeof pair.kalshi>): LeaseInput =>
  lease({ pair: { ...pair, kalshi: { ...pair.kalshi, ...changes } } });
const frozen = (key: string): LeaseInput =>
  with_({
    freezes: [
      {
        ...{ freezeId: 'f1', scope: { kind: 'strategy', key }, cause: 'manual', why: 'lunch' },
        ...{ by: 'ada', action: 'leave', atMs: 0 },
      },
    ],
  });
const limited = (changes: Partial<typeof limits>): LeaseInput =>
  with_({ limits: { ...limits, ...changes } });
const reserved = (dollars: string): LeaseInput =>
  with_({ reservations: [otherReservation({ exposure: money(dollars), legs: [] })] });

const BOTH = ['poly_yes_kalshi_no', 'kalshi_yes_poly_no'] as const;
const closesAtMs = request.expiresAtMs + policy.closingMarginMs;

/** What each rule lets pass, and the same thing one step further. */
const rules: readonly (readonly [string, LeaseInput, LeaseInput, object])[] = [
  [
    'a pair that is armed until it is over already',
    asked({ expiresAtMs: NOW_MS + 1 }),
    asked({ expiresAtMs: NOW_MS }),
    { code: 'TOO_LATE', notAfterMs: NOW_MS },
  ],
  [
    'a budget without room for one shot',
    asked({ budget: { ...request.budget, contracts: quantity('10') } }),
    asked({ budget: { ...request.budget, contracts: quantity('9.999999999') } }),
    { code: 'BUDGET_TOO_SMALL', contractsMax: quantity('10') },
  ],
  ['a freeze that reaches it', frozen('other'), frozen('desk'), { code: 'FROZEN', why: 'lunch' }],
  [
    'a pair that nobody has approved',
    lease(),
    lease({ pair: { ...pair, approval: { by: '', atMs: 1 } } }),
    { code: 'PAIR_NOT_APPROVED' },
  ],
  [
    'a leg that its venue holds back where nobody would buy the other',
    market({ isTakerDelayed: true }),
    {
      ...market({ isTakerDelayed: true }),
      policy: { ...policy, exit: { ...policy.exit, policy: 'step_down' } },
    },
    { code: 'TAKER_DELAYED' },
  ],
  [
    'a market that closes too soon after the pair is armed no more',
    market({ closesAtMs: closesAtMs + 1 }),
    market({ closesAtMs: closesAtMs - 1 }),
    { code: 'MARKET_CLOSING' },
  ],
  [
    'a pair without its order group',
    lease(),
    lease({ account: { ...account, orderGroup: { groupId: 'group', isTriggered: true } } }),
    { code: 'ORDER_GROUP_TRIGGERED' },
  ],
  [
    'both directions where a venue nets them',
    lease({
      request: { ...request, types: BOTH },
      pair: { ...pair, kalshi: { ...pair.kalshi, netsOutcomes: false } },
    }),
    asked({ types: BOTH }),
    { code: 'DIRECTIONS_NET', market: pair.kalshi.market },
  ],
  [
    'more than may be lost with everything else',
    reserved('49900'),
    reserved('49900.01'),
    { code: 'EXPOSURE_TOO_LARGE' },
  ],
  [
    'a position that would sell what another has bought',
    lease(),
    with_({
      positions: [{ instrument: { ...kalshiNo, outcome: 'yes' }, quantity: quantity('1') }],
    }),
    { code: 'OPPOSITE_POSITION' },
  ],
  [
    'more executions in a minute than are allowed',
    with_({ executionsLastMinute: 119 }),
    with_({ executionsLastMinute: 120 }),
    { code: 'RATE_TOO_HIGH' },
  ],
  [
    'more contracts of one instrument than are allowed',
    limited({ positionMax: quantity('10000') }),
    limited({ positionMax: quantity('50') }),
    { code: 'POSITION_TOO_LARGE' },
  ],
];

describe('a lease is denied by name', () => {
  test.each(rules)('%s', (...[, passes, denied, denial]) => {
    expect(reviewLease(passes)).toMatchObject({ kind: 'approved' });
    expect(reviewLease(denied)).toMatchObject({ kind: 'denied', denial });
  });

  test('where nobody has set limits', () => {
    const unlimited = lease({ account: without(account, 'limits') });
    expect(reviewLease(unlimited)).toMatchObject({
      ...{ kind: 'denied', denial: { code: 'LIMITS_MISSING', account: 'main' } },
    });
  });
});

test('what is approved is reserved under the name of the lease', () => {
  expect(reviewLease(lease())).toMatchObject({
    ...{ kind: 'approved', reservation: { workflowId: 'rain-1', exposure: money('100') } },
  });
});

test('a shot is named by host, epoch, thread and sequence', () => {
  expect(shotText({ host: 'desk-a', epoch: 3, thread: 0, sequence: 17 })).toBe('desk-a/3/0/17');
});
