import { expect, test } from 'vitest';
import { type Freeze, frozen, openTrade, planned } from '../../domain/index.js';
import { intentOf, orderOf } from './trade-fixture.js';

const freezeOf = (action: Freeze['action']): Freeze => ({
  freezeId: 'f',
  scope: { kind: 'global' },
  cause: 'manual',
  why: 'drill',
  by: 'operator',
  action,
  atMs: 1_000,
});

test.for([
  { action: 'leave', status: 'unknown', dueAtMs: 9_000 },
  { action: 'cancel', status: 'unknown', dueAtMs: 1_000 },
  { action: 'cancel', status: 'working', dueAtMs: 1_000 },
  { action: 'cancel', status: 'filled', dueAtMs: 9_000 },
  { action: 'cancel', status: 'planned', dueAtMs: 9_000 },
  { action: 'flatten', status: 'working', dueAtMs: 1_000 },
] as const)('a freeze that says $action asks about a $status order at $dueAtMs', (row) => {
  const order = {
    ...planned(orderOf({ clientOrderId: 'c' }), 0),
    status: row.status,
    nextAskAtMs: 9_000,
  };
  const state = { ...openTrade(intentOf({}), 'arbitrage/1'), orders: [order] };
  expect(frozen(state, freezeOf(row.action)).orders[0]?.nextAskAtMs).toBe(row.dueAtMs);
});
