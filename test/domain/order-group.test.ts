import { expect, test } from 'vitest';
import type { Freeze, FreezeAction, FreezeScope } from '../../domain/freeze/freeze.js';
import { groupStep, type PairGroup } from '../../domain/order-group.js';
import { reviewIntent } from '../../domain/risk/review.js';
import { withAccount } from './risk-fixture.js';
import { pair } from './trade-fixture.js';

const { pairId } = pair;
const freeze = (action: FreezeAction, scope: FreezeScope): Freeze => ({
  ...{ freezeId: 'fz', scope, cause: 'manual', why: 'a test', by: 'anna', action, atMs: 0 },
});
const ours = { kind: 'pair', key: pairId } as const;
const none: readonly Freeze[] = [];
const left = [freeze('leave', ours)];
const canceled = [freeze('cancel', ours)];
const flattened = [freeze('flatten', ours)];

interface Row {
  readonly freezes: readonly Freeze[];
  readonly trigger: PairGroup['trigger'];
  /** The pair's hold; three was the last that the group was reset for. */
  readonly hold?: 'three, released' | 'four' | 'four, released';
  readonly expected?: 'trigger' | 'reset';
}
const [calm, thrown, decided] = ['none', 'confirmed', 'decided'] as const;
const released = 'four, released';

test.each<[string, Row]>([
  ['nothing has happened', { freezes: none, trigger: calm }],
  ['a trade is under way', { freezes: none, trigger: calm, hold: 'four' }],
  ['its hold is released', { freezes: none, trigger: calm, hold: released, expected: 'reset' }],
  ['it was reset after that', { freezes: none, trigger: calm, hold: 'three, released' }],
  ['a freeze leaves the orders', { freezes: left, trigger: calm }],
  ['a freeze cancels', { freezes: canceled, trigger: calm, hold: 'four', expected: 'trigger' }],
  ['a freeze flattens', { freezes: flattened, trigger: calm, expected: 'trigger' }],
  ['nobody knows if it is triggered', { freezes: canceled, trigger: decided, expected: 'trigger' }],
  ['it is triggered', { freezes: canceled, trigger: thrown, hold: released }],
  ['another freeze is left', { freezes: left, trigger: thrown, hold: released }],
  ['the freeze is lifted', { freezes: none, trigger: thrown, expected: 'reset' }],
  ['lifted while a trade is out', { freezes: none, trigger: thrown, hold: 'four' }],
  ['lifted before it was told', { freezes: none, trigger: decided, expected: 'reset' }],
])('a group when %s', (_, { freezes, trigger, hold, expected }) => {
  const group: PairGroup = { pairId, account: 'main', groupId: 'g', trigger, resetGeneration: 3 };
  const generation = hold?.startsWith('three') ? 3 : 4;
  const held = hold && { hold: { generation, isReleased: hold.endsWith('released') } };
  expect(groupStep({ group, pair, freezes, ...held })).toBe(expected);
});

test.each([
  [{ kind: 'global' }, 'trigger'],
  [{ kind: 'account', key: 'main' }, 'trigger'],
  [{ kind: 'account', key: 'other' }, undefined],
  [{ kind: 'venue', key: 'kalshi' }, 'trigger'],
  [{ kind: 'venue', key: 'polymarket' }, 'trigger'],
  [{ kind: 'pair', key: 'another' }, undefined],
  [{ kind: 'strategy', key: 'cross' }, undefined],
  [{ kind: 'workflow', key: 'arbitrage/one.1' }, undefined],
] as const)('a freeze of %j', (scope, expected) => {
  const base = { pairId, account: 'main', groupId: 'g', resetGeneration: 0 } as const;
  const group: PairGroup = { ...base, trigger: 'none' };
  expect(groupStep({ group, pair, freezes: [freeze('cancel', scope)] })).toBe(expected);
});

test('no entry goes outside its pair’s group, nor into one that is triggered', () => {
  const { orderGroup, ...without } = withAccount({}).account;
  expect(reviewIntent(withAccount({}))).toBeUndefined();
  expect(reviewIntent({ ...withAccount({}), account: without })).toEqual({
    code: 'ORDER_GROUP_MISSING',
    pairId,
  });
  const isTriggered = { groupId: 'group', isTriggered: true };
  expect(reviewIntent(withAccount({ orderGroup: isTriggered }))).toEqual({
    ...{ code: 'ORDER_GROUP_TRIGGERED', pairId, groupId: orderGroup?.groupId },
  });
});
