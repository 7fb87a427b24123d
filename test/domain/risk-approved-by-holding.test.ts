import { expect, test } from 'vitest';
import type { ChildOrder } from '../../domain/child-order.js';
import { money, price, quantity } from '../../domain/money.js';
import { approvedByHolding } from '../../domain/risk/review.js';
import { kalshiNo, orderOf, polyYes } from './trade-fixture.js';

// 40 NO on Kalshi that nobody answers for.
const holding = { account: 'main', instrument: kalshiNo, quantity: quantity('40') };
const contracts = (count: string) =>
  ({ fixed: { kind: 'contracts', contracts: quantity(count) } }) as const;
const sale: ChildOrder = orderOf({
  clientOrderId: 'own',
  purpose: { kind: 'exit', leg: 'no', rung: 0, attempt: 0 },
  instrument: kalshiNo,
  side: 'sell',
  limitPrice: price('0.45'),
  ...contracts('40'),
});
const netting = { instrument: { ...kalshiNo, outcome: 'yes' }, side: 'buy' } as const;
const hedge = { instrument: polyYes, side: 'buy' } as const;

test.each<readonly [name: string, changes: Partial<ChildOrder>, isApproved: boolean]>([
  ['a sale of all that is held', {}, true],
  ['a sale of more', contracts('40.01'), false],
  ['a sale from another account', { account: 'other' }, false],
  ['a sale that calls itself an entry', { purpose: { kind: 'entry', leg: 'no' } }, false],
  ['a sale of something else', { instrument: polyYes }, false],
  ['more of the same', { side: 'buy' }, false],
  ['the other outcome, to net', { ...netting, isReduceOnly: true }, true],
  ['the other outcome, to hold', netting, false],
  ['the missing leg on the other venue', hedge, true],
  ['the missing leg for more than it can pay', { ...hedge, limitPrice: price('1.01') }, false],
  [
    'the same outcome on the other venue',
    { ...hedge, instrument: { ...polyYes, outcome: 'no' } },
    false,
  ],
  [
    'the missing leg for a sum that is covered',
    { ...hedge, fixed: { kind: 'collateral', collateral: money('40') } },
    true,
  ],
  [
    'the missing leg for a sum that is not',
    { ...hedge, fixed: { kind: 'collateral', collateral: money('40.01') } },
    false,
  ],
])('an order of custody is approved by what is held: %s', (_, changes, isApproved) => {
  expect(approvedByHolding(holding, { ...sale, ...changes }) !== undefined).toBe(isApproved);
});
