import { expect, test } from 'vitest';
import { quantity } from '../../domain/index.js';
import { type OpenExchange, openExchange } from '../../venues/simulation/index.js';
import { level, order, stage } from './stage.js';

const quotes = { asks: ['500 @ 0.45'].map(level) };
const GROUP = { groupId: 'rain', account: 'desk', limit: quantity('10') };

/** "filled", "canceled" or the refusal's name. */
function placed(exchange: OpenExchange, text: string, orderGroupId = 'rain'): string {
  const result = exchange.place({ ...order(text), orderGroupId });
  return result.kind === 'refused' ? result.code : result.order.state;
}

test('a group counts what it trades within fifteen seconds, and is triggered by one contract more', () => {
  const { exchange, later } = stage({ quotes });
  exchange.createOrderGroup(GROUP);
  expect(placed(exchange, 'desk buy yes 4 @ 0.45')).toBe('filled');
  later(1);
  expect(placed(exchange, 'desk buy yes 6 @ 0.45')).toBe('filled');
  later(14_998);
  // The first four count for the last millisecond now.
  expect(placed(exchange, 'desk buy yes 1 @ 0.44')).toBe('canceled');
  later(1);
  expect(placed(exchange, 'desk buy yes 3 @ 0.45')).toBe('filled');
  expect(placed(exchange, 'desk buy yes 2 @ 0.45')).toBe('filled');
  expect(placed(exchange, 'desk buy yes 5 @ 0.45')).toBe('group_triggered');
  later(20_000);
  expect(placed(exchange, 'desk buy yes 7 @ 0.45')).toBe('group_triggered');
  expect(exchange.resetOrderGroup('desk', 'rain')).toBe(true);
  expect(placed(exchange, 'desk buy yes 8 @ 0.45')).toBe('filled');
});

test('what a resting order trades later counts, too', () => {
  const { exchange } = stage();
  exchange.createOrderGroup(GROUP);
  expect(placed(exchange, 'desk buy yes 11 @ 0.40 GTC')).toBe('working');
  expect(placed(exchange, 'desk buy yes 5 @ 0.39 GTC')).toBe('working');
  exchange.place(order('rival buy no 11 @ 0.60'));
  expect(exchange.orders({ account: 'desk', state: 'working' })).toEqual([]);
  expect(exchange.orderGroups('desk')).toEqual([{ ...GROUP, isTriggered: true }]);
});

test('a group stays as it is through a kill of the venue', () => {
  const { exchange, ledger } = stage({ quotes });
  exchange.createOrderGroup(GROUP);
  exchange.createOrderGroup({ ...GROUP, groupId: 'sun' });
  expect(placed(exchange, 'desk buy yes 4 @ 0.45')).toBe('filled');
  exchange.triggerOrderGroup('desk', 'sun');
  const again = openExchange({ ...exchange.floor.options, ledger });
  expect(placed(again, 'desk buy yes 7 @ 0.45', 'sun')).toBe('group_triggered');
  expect(placed(again, 'desk buy yes 7 @ 0.45')).toBe('filled');
  // Four before the kill and seven after it are eleven.
  expect(placed(again, 'desk buy yes 1 @ 0.45')).toBe('group_triggered');
});

test('a group is its account’s alone', () => {
  const { exchange } = stage({ quotes });
  exchange.createOrderGroup(GROUP);
  expect(placed(exchange, 'rival buy yes 4 @ 0.45')).toBe('group_unknown');
  expect(exchange.triggerOrderGroup('rival', 'rain')).toBe(false);
  expect(exchange.deleteOrderGroup('rival', 'rain')).toBe(false);
  expect(exchange.orderGroups('rival')).toEqual([]);
});
