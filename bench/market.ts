import { createHash } from 'node:crypto';
import {
  type ArbitrageIntent,
  type Market,
  type Pair,
  price,
  quantity,
  type Wire,
} from '../domain/index.js';
import { kalshiMarket, pairOf, polymarketMarket } from '../test/support/markets.js';
import type { MarketScript } from '../venues/simulation/index.js';

export const ACCOUNT = 'bench';
/** Fixed, so that every process of a run makes the same pairs by itself. */
const LISTED_AT_MS = 1;
/** What was taken is back at once: no trade meets the hole that another has left. */
const RETURNS_AFTER_MS = 1;
const DEPTH = quantity('1000000');
const CONTRACTS = '10';
const NOT_AFTER_MS = 30_000;

/**
 * YES at 0.40 on Polymarket and NO at 0.48 on Kalshi leave about nine cents a contract after fees,
 * in any size and for as long as the benchmark runs.
 */
const quotes = {
  kalshi: { bid: '0.52', ask: '0.54' },
  polymarket: { bid: '0.38', ask: '0.40' },
} as const;

/** So many pairs that are alike; a pair has one trade at a time. */
export function benchPairs(count: number): readonly Pair[] {
  return Array.from({ length: count }, (_, index) => pairNamed(`bench-${index}`));
}

/** An arbitrage that is matched in full. */
export function benchIntent(intentId: string, pairId: string): Wire<ArbitrageIntent> {
  const nowMs = Date.now();
  return {
    ...{ intentId, pairId, door: 'workflow', type: 'poly_yes_kalshi_no', contractsMax: CONTRACTS },
    limitPrice: { yes: '0.4', no: '0.48' },
    observedAtMs: { yesMs: nowMs, noMs: nowMs },
    ...{ edgeMin: '0.01', account: ACCOUNT, strategy: 'bench', dryRun: false },
    notAfterMs: nowMs + NOT_AFTER_MS,
  };
}

/** People who quote the same prices for ever. */
export function benchScript(venue: 'kalshi' | 'polymarket', pairs: readonly Pair[]): MarketScript {
  const listed = pairs.map((pair) => scripted(pair[venue]));
  const { bid, ask } = quotes[venue];
  const shown = {
    bids: [{ price: price(bid), quantity: DEPTH }],
    asks: [{ price: price(ask), quantity: DEPTH }],
  };
  return {
    returnsAfterMs: RETURNS_AFTER_MS,
    listedBetween: (afterMs, untilMs) =>
      afterMs < LISTED_AT_MS && LISTED_AT_MS <= untilMs ? listed : [],
    quotes: () => shown,
  };
}

function scripted(market: Market) {
  const resolvesAtMs = market.closesAtMs + 1_000;
  return { market, listedAtMs: LISTED_AT_MS, resolvesAtMs, winner: 'yes' } as const;
}

function pairNamed(pairId: string): Pair {
  const digest = createHash('sha256').update(pairId).digest('hex');
  const token = (index: number): string => BigInt(`0x${digest.slice(0, 24)}${index}`).toString();
  const kalshi = kalshiMarket({ market: `KX${pairId.toUpperCase()}` });
  const polymarket = polymarketMarket({
    market: `0x${digest}`,
    tokens: { yesToken: token(1), noToken: token(2), isNegRisk: false, domainVersion: '2' },
  });
  return {
    ...pairOf(kalshi, polymarket),
    pairId,
    approval: { by: 'bench', atMs: LISTED_AT_MS },
  };
}
