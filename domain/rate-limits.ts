import type { RateLimits } from './rate-budget.js';

/** Tokens per second of an account's tier (venues.md 1.7; `GET /account/limits` is the truth). */
const perSecond = {
  basic: { read: 200, write: 100 },
  advanced: { read: 300, write: 300 },
  expert: { read: 600, write: 600 },
  premier: { read: 1_000, write: 1_000 },
  paragon: { read: 2_000, write: 2_000 },
  prime: { read: 4_000, write: 4_000 },
  prestige: { read: 6_000, write: 8_000 },
} as const;

export type KalshiTier = keyof typeof perSecond;
export const kalshiTiers = [
  'basic',
  'advanced',
  'expert',
  'premier',
  'paragon',
  'prime',
  'prestige',
] as const satisfies readonly KalshiTier[];

/** A bucket holds a second; that of writes two seconds above Basic. */
export function kalshiRates(tier: KalshiTier): RateLimits {
  const { read, write } = perSecond[tier];
  const writeSeconds = tier === 'basic' ? 1 : 2;
  return {
    read: { capacity: read, refillPerSecond: read },
    write: { capacity: write * writeSeconds, refillPerSecond: write },
  };
}
