import { expect, test } from 'vitest';
import { heldInRows } from '../../domain/held-in-rows.js';
import type { Instrument } from '../../domain/instrument.js';
import { negate, price, quantity } from '../../domain/money.js';
import type { TradeRow } from '../../domain/venue-entry.js';
import { isTradeRow } from '../../domain/venue-entry.js';
import { without } from '../../domain/without.js';
import { fillOf, kalshiNo, orderOf, polyYes } from './trade-fixture.js';

const kalshiYes: Instrument = { ...kalshiNo, outcome: 'yes' };

function row(instrument: Instrument, side: 'buy' | 'sell', contracts: string): TradeRow {
  const order = orderOf({ clientOrderId: 'o1', instrument, side });
  const match = { executionId: 't1', contracts: quantity(contracts), price: price('0.4'), atMs: 0 };
  return fillOf(order, match);
}

function takenBack(fill: TradeRow): TradeRow {
  if (fill.kind !== 'fill') return fill;
  return { ...without(fill, 'finality'), kind: 'reversal', cash: negate(fill.cash) };
}

test.each<readonly [name: string, rows: readonly TradeRow[], held: string]>([
  ['what was bought and not sold', [row(kalshiNo, 'buy', '40'), row(kalshiNo, 'sell', '15')], '25'],
  [
    'less what the other outcome nets',
    [row(kalshiNo, 'buy', '40'), row(kalshiYes, 'buy', '15')],
    '25',
  ],
  ['and what selling the other outcome is', [row(kalshiYes, 'sell', '15')], '15'],
  [
    'without what was taken back',
    [row(kalshiNo, 'buy', '40'), takenBack(row(kalshiNo, 'buy', '40'))],
    '0',
  ],
  ['with a sale that was taken back', [takenBack(row(kalshiNo, 'sell', '5'))], '5'],
  ['nothing of another market', [row(polyYes, 'buy', '40')], '0'],
])('rows leave %s', (_, rows, held) => {
  expect(heldInRows(rows, kalshiNo)).toBe(quantity(held));
});

test('rows are of an order, payments are not', () => {
  const fill = row(kalshiNo, 'buy', '1');
  const { account, instrument, cash, atMs } = fill;
  const paid = { account, instrument, cash, atMs, quantity: quantity('1'), price: price('1') };
  expect([fill, takenBack(fill)].map(isTradeRow)).toEqual([true, true]);
  expect(isTradeRow({ ...paid, kind: 'settlement', reference: 'r1' })).toBe(false);
});
