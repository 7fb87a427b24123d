import { describe, expect, test } from 'vitest';
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
