import type { TakenQuote } from './ledger-row.js';

/** Crowd quotes that were traded or pulled, and when. */
export interface Taken extends TakenQuote {
  readonly atMs: number;
}

interface OfMarket {
  readonly quotes: readonly Taken[];
  /** Another whenever the quotes are. */
  readonly version: number;
}

const nothingTaken = () => ({ quotes: [], version: 0 });

/** What is missing from the crowd's quotes, market by market. */
export class TakenQuotes {
  readonly #markets = new Map<string, { readonly quotes: Taken[]; readonly version: number }>();

  take(market: string, quote: Taken): void {
    const { quotes, version } = this.#markets.get(market) ?? nothingTaken();
    quotes.push(quote);
    this.#markets.set(market, { quotes, version: version + 1 });
  }

  /** What was taken of a market; rows before `sinceMs` are forgotten. */
  since(market: string, sinceMs: number): OfMarket {
    const { quotes, version } = this.#markets.get(market) ?? nothingTaken();
    const recent = quotes.filter(({ atMs }) => atMs >= sinceMs);
    const isSame = recent.length === quotes.length;
    const left = { quotes: recent, version: isSame ? version : version + 1 };
    this.#markets.set(market, left);
    return left;
  }
}
