import type { RateKind } from '../../domain/rate-budget.js';
import { rateCosts } from '../../domain/risk/rate-costs.js';

/** What one request takes of its bucket (venues.md 1.7: default 10; cancel 2; one order 2). */
export interface TokenCost {
  readonly kind: RateKind;
  readonly cost: number;
}

const DEFAULT_COST = 10;
const ONE_ORDER_COST = 2;
const ONE_ORDER = /^\/portfolio\/orders\/[^/]+$/;
const CANCEL_ONE = /^\/portfolio\/events\/orders\/[^/]+$/;
const PLACE = '/portfolio/events/orders';

export function tokenCost({ method, path }: { method: string; path: string }): TokenCost {
  if (method === 'GET') {
    return { kind: 'read', cost: ONE_ORDER.test(path) ? ONE_ORDER_COST : DEFAULT_COST };
  }
  const { place = DEFAULT_COST, cancel = DEFAULT_COST } = rateCosts.kalshi ?? {};
  if (method === 'DELETE' && CANCEL_ONE.test(path)) return { kind: 'write', cost: cancel };
  if (method === 'POST' && path === PLACE) return { kind: 'write', cost: place };
  return { kind: 'write', cost: DEFAULT_COST };
}
