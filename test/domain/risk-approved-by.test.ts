import { describe, expect, test } from 'vitest';
import type { ChildOrder } from '../../domain/child-order.js';
import { money, price, quantity } from '../../domain/money.js';
import { reservationFor } from '../../domain/risk/reservation.js';
import { approvedBy } from '../../domain/risk/review.js';
import { inputOf } from './risk-fixture.js';
import { kalshiNo, orderOf, polyYes } from './trade-fixture.js';

// 100 YES on Polymarket for 53.248 with fees and 100 NO on Kalshi for 46.7425.
const reservation = reservationFor(inputOf());
const contracts = (count: string) => ({
  fixed: { kind: 'contracts', contracts: quantity(count) } as const,
  legalMaximum: quantity(count),
});
const exit = { kind: 'exit', leg: 'yes', rung: 0, attempt: 0 } as const;
const kalshiYes = { ...kalshiNo, outcome: 'yes' } as const;

describe('an order is approved by the reservation that was read back', () => {
  const rows: readonly (readonly [
    name: string,
    order: Partial<ChildOrder>,
    isApproved: boolean,
  ])[] = [
    ['the entry that was reviewed', {}, true],
    ['an entry of another trade', { workflowId: 'arbitrage/desk.1.2' }, false],
    ['an entry of another account', { account: 'main2' }, false],
    ['an entry of another market', { instrument: { ...polyYes, market: '0xsnow' } }, false],
    ['an entry of more contracts', contracts('100.01'), false],
    ['an entry of fewer', contracts('99.99'), true],
    ['an entry that pays more', { limitPrice: price('0.54') }, false],
    ['an entry that sells', { side: 'sell' }, false],
    ['a sale of the excess', { side: 'sell', purpose: exit }, true],
    [
      'a sale of more than was reserved, because a venue filled too much',
      { side: 'sell', purpose: exit, ...contracts('120') },
      true,
    ],
    [
      'a sale of what the trade does not hold',
      { side: 'sell', purpose: exit, instrument: { ...polyYes, outcome: 'no' } },
      false,
    ],
    [
      'a completion within what was set aside',
      { purpose: exit, instrument: kalshiNo, limitPrice: price('0.55') },
      true,
    ],
    [
      'a completion that pays more',
      { purpose: exit, instrument: kalshiNo, limitPrice: price('0.57') },
      false,
    ],
    [
      'a completion of more than the other leg can be',
      { purpose: exit, instrument: kalshiNo, limitPrice: price('0.45'), ...contracts('100.01') },
      false,
    ],
    [
      'a completion by collateral',
      {
        purpose: exit,
        fixed: { kind: 'collateral', collateral: money('62') },
        legalMaximum: quantity('6200'),
      },
      true,
    ],
    [
      'a netting buy that can only reduce',
      { purpose: { ...exit, leg: 'no' }, instrument: kalshiYes, isReduceOnly: true },
      true,
    ],
    [
      'a netting buy that could turn the position',
      { purpose: { ...exit, leg: 'no' }, instrument: kalshiYes },
      false,
    ],
    ['an entry into the opposite', { instrument: kalshiYes, isReduceOnly: true }, false],
  ];
  test.each(rows)('%s', (_name, changes, isApproved) => {
    const order = orderOf({ clientOrderId: 'c', ...changes });
    expect(approvedBy(reservation, order)).toEqual(isApproved ? order : undefined);
  });
});
