import type { z } from 'zod';
import type { Instrument, PolymarketFees } from '../../domain/instrument.js';
import type { Ratio } from '../../domain/money.js';
import type { Read } from '../../domain/venue.js';
import { clobMarketShape } from './wire.js';

/** What a trade row needs to be read: which token is which outcome, and what a taker pays. */
export interface ClobMarket {
  readonly market: string;
  /** YES first: that is how the venue lists them. */
  readonly tokens: readonly [yes: string, no: string];
  readonly fees: PolymarketFees;
}

/** Markets as the venue describes them, each asked for once. */
export interface MarketDirectory {
  /** `undefined` where the venue does not say now; it is asked again next time. */
  find(market: string): Promise<ClobMarket | undefined>;
}

/** `read` gets `GET /clob-markets/{market}`, or `undefined` where that fails. */
export function createMarketDirectory(
  read: (path: string) => Promise<Read<unknown>>,
): MarketDirectory {
  const known = new Map<string, ClobMarket>();
  return {
    find: async (market) => {
      const cached = known.get(market);
      if (cached) return cached;
      const answer = await read(`/clob-markets/${market}`);
      const found = answer.kind === 'read' ? clobMarketOf(market, answer.value) : undefined;
      if (found) known.set(market, found);
      return found;
    },
  };
}

/** The instrument that a token stands for; `undefined` for a token of another market. */
export function instrumentOf(market: ClobMarket, token: string): Instrument | undefined {
  const [yes, no] = market.tokens;
  if (token !== yes && token !== no) return undefined;
  return { venue: 'polymarket', market: market.market, outcome: token === yes ? 'yes' : 'no' };
}

function clobMarketOf(market: string, answer: unknown): ClobMarket | undefined {
  const shape = clobMarketShape.safeParse(answer);
  if (!shape.success) return undefined;
  const [yes, no] = shape.data.t;
  return { market, tokens: [yes.t, no.t], fees: feesOf(shape.data) };
}

/** A market without `fd` charges nothing. */
function feesOf({ fd }: z.infer<typeof clobMarketShape>): PolymarketFees {
  return {
    kind: 'polymarket_taker',
    rate: (fd?.r ?? 0n) as Ratio, // `fd.r` is a rate
    powerOfVariance: fd?.e ?? 1,
  };
}
