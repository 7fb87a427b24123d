import { createHash } from 'node:crypto';
import type { Market, Pair } from '../../domain/index.js';
import type { CrowdQuotes, MarketScript, ScriptedMarket } from '../../venues/simulation/index.js';
import { kalshiMarket, levels, pairOf, polymarketMarket } from './markets.js';

/** What the crowd shows of YES at one venue: "50 @ 0.40, 10 @ 0.41", best first. */
export interface Shown {
  readonly bids: string;
  readonly asks: string;
}

export interface PairTerms {
  readonly kalshi?: Shown;
  readonly polymarket?: Shown;
  readonly kalshiMarket?: Partial<Market>;
  readonly polymarketMarket?: Partial<Market>;
  /** '' = by nobody yet. */
  readonly approvedBy?: string;
}

/**
 * An arbitrage: YES at 0.40 on Polymarket and NO at 0.48 on Kalshi leave about nine cents a contract
 * after fees, and both can be sold again for two cents less.
 */
export const OPPORTUNITY = {
  kalshi: { bids: '50 @ 0.52', asks: '50 @ 0.54' },
  polymarket: { bids: '50 @ 0.38', asks: '50 @ 0.40' },
} as const satisfies Record<'kalshi' | 'polymarket', Shown>;

/** Nobody offers either leg of it any more: what is held alone can only be sold. */
export const DEAR = {
  kalshi: { bids: '50 @ 0.10', asks: '50 @ 0.54' },
  polymarket: { bids: '50 @ 0.38', asks: '50 @ 0.90' },
} as const satisfies Record<'kalshi' | 'polymarket', Shown>;

/** The same opportunity the other way round: YES at 0.40 on Kalshi and NO at 0.48 on Polymarket. */
export const OTHER_WAY = {
  kalshi: { bids: '50 @ 0.38', asks: '50 @ 0.40' },
  polymarket: { bids: '50 @ 0.52', asks: '50 @ 0.54' },
} as const satisfies Record<'kalshi' | 'polymarket', Shown>;

/** `DEAR` the other way round. */
export const OTHER_WAY_DEAR = {
  kalshi: { bids: '50 @ 0.38', asks: '50 @ 0.90' },
  polymarket: { bids: '50 @ 0.10', asks: '50 @ 0.54' },
} as const satisfies Record<'kalshi' | 'polymarket', Shown>;

/** The pairs of one desk and the people who quote on them; a test says what they show. */
export class DeskPairs {
  readonly pairs: readonly Pair[];
  readonly #quotes = new Map<string, CrowdQuotes>();
  readonly #listedAtMs = Date.now();

  constructor(terms: Readonly<Record<string, PairTerms>>) {
    this.pairs = Object.entries(terms).map(([pairId, of]) => pairFrom(pairId, of));
    for (const pair of this.pairs) {
      this.showPair(pair.pairId, { ...OPPORTUNITY, ...terms[pair.pairId] });
    }
  }

  pair(pairId: string): Pair {
    const pair = this.pairs.find((one) => one.pairId === pairId);
    if (!pair) throw new Error(`the desk was opened without a pair ${pairId}`);
    return pair;
  }

  /** Both books of a pair, as they are opened unless told. */
  showPair(pairId: string, of: Record<'kalshi' | 'polymarket', Shown> = OPPORTUNITY): void {
    const { kalshi, polymarket } = this.pair(pairId);
    this.show(kalshi, of.kalshi);
    this.show(polymarket, of.polymarket);
  }

  /** From the exchange's next beat on. */
  show({ market }: Market, { bids, asks }: Shown): void {
    this.#quotes.set(market, { bids: levels(bids), asks: levels(asks) });
  }

  script(venue: 'kalshi' | 'polymarket'): MarketScript {
    const listed = this.pairs.map((pair) => this.#scripted(pair[venue]));
    return {
      // What was taken stays away for as long as any test lasts.
      returnsAfterMs: 600_000,
      listedBetween: (afterMs, untilMs) =>
        listed.filter(({ listedAtMs: atMs }) => afterMs < atMs && atMs <= untilMs),
      quotes: (market) => this.#quotes.get(market) ?? { bids: [], asks: [] },
    };
  }

  #scripted(market: Market): ScriptedMarket {
    const resolvesAtMs = market.closesAtMs + 1_000;
    return { market, listedAtMs: this.#listedAtMs, resolvesAtMs, winner: 'yes' };
  }
}

function pairFrom(pairId: string, terms: PairTerms): Pair {
  const digest = createHash('sha256').update(pairId).digest('hex');
  const token = (index: number): string => BigInt(`0x${digest.slice(0, 24)}${index}`).toString();
  const kalshi = kalshiMarket({ market: `KX${pairId.toUpperCase()}`, ...terms.kalshiMarket });
  const polymarket = polymarketMarket({
    market: `0x${digest}`,
    tokens: { yesToken: token(1), noToken: token(2), isNegRisk: false, domainVersion: '2' },
    ...terms.polymarketMarket,
  });
  return {
    ...pairOf(kalshi, polymarket),
    pairId,
    approval: { by: terms.approvedBy ?? 'desk', atMs: 1 },
  };
}
