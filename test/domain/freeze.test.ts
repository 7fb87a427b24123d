import { describe, expect, test } from 'vitest';
import { CONTROL_LEASE_MS, holdsControlLease } from '../../domain/freeze/control-lease.js';
import type { Freeze, FreezeScope } from '../../domain/freeze/freeze.js';
import { freezeOf, isInScope } from '../../domain/freeze/freeze-of.js';
import { kalshiNo, polyYes } from './trade-fixture.js';

const subject = {
  venues: ['kalshi', 'polymarket'],
  account: 'main',
  strategy: 'desk',
  instruments: [polyYes, kalshiNo],
  pairId: 'rain',
  workflowId: 'arbitrage/desk.1.1',
} as const;

const freezeAt = (scope: FreezeScope, freezeId = 'f1'): Freeze => ({
  freezeId,
  scope,
  cause: 'manual',
  why: 'lunch',
  by: 'ada',
  action: 'leave',
  atMs: 0,
});

describe('a freeze', () => {
  const rows: readonly (readonly [
    kind: Exclude<FreezeScope['kind'], 'global'>,
    reached: string,
    other: string,
  ])[] = [
    ['venue', 'kalshi', 'binance'],
    ['account', 'main', 'main2'],
    ['strategy', 'desk', 'rain'],
    ['instrument', 'kalshi/KXRAIN-26NOV21/no', 'kalshi/KXRAIN-26NOV21/yes'],
    ['pair', 'rain', 'snow'],
    ['workflow', 'arbitrage/desk.1.1', 'arbitrage/desk.1.2'],
  ];
  test.each(rows)('of one %s reaches %s and not %s', (kind, reached, other) => {
    expect(isInScope(freezeAt({ kind, key: reached }), subject)).toBe(true);
    expect(isInScope(freezeAt({ kind, key: other }), subject)).toBe(false);
  });

  test('of everything reaches everybody', () => {
    expect(isInScope(freezeAt({ kind: 'global' }), subject)).toBe(true);
  });

  test('is found among those that reach others', () => {
    const others = freezeAt({ kind: 'pair', key: 'snow' }, 'f1');
    const ours = freezeAt({ kind: 'pair', key: 'rain' }, 'f2');
    expect(freezeOf([others, ours], subject)).toBe(ours);
    expect(freezeOf([others], subject)).toBeUndefined();
  });
});

describe('the control lease', () => {
  const leaseMs = CONTROL_LEASE_MS;
  test('ends one second after the last read began, not after it ended', () => {
    expect(holdsControlLease({ nowMs: 1_999, readBeganAtMs: 1_000, leaseMs })).toBe(true);
    expect(holdsControlLease({ nowMs: 2_000, readBeganAtMs: 1_000, leaseMs })).toBe(false);
  });

  test('is not held by a process that never heard a word', () => {
    expect(holdsControlLease({ nowMs: 0, readBeganAtMs: undefined, leaseMs })).toBe(false);
  });
});
