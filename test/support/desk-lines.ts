import type { DeskVenues } from './desk-venues.js';
import { type Fate, openLossyLine } from './lossy-line.js';

/** The way to each venue: what is sent may be lost on it. Without anything to lose it is none. */
export async function linesTo(venues: DeskVenues, fateOf?: (body: string) => Fate) {
  const direct = { kalshi: venues.kalshi.url, polymarket: venues.polymarket.url };
  if (!fateOf) return { urls: direct, close: async () => undefined };
  const fate = ({ method, body }: { readonly method: string; readonly body: string }): Fate =>
    method === 'POST' ? fateOf(body) : 'delivered';
  const kalshi = await openLossyLine(direct.kalshi, fate);
  const polymarket = await openLossyLine(direct.polymarket, fate);
  return {
    urls: { kalshi: kalshi.url, polymarket: polymarket.url },
    close: async () => {
      await Promise.all([kalshi.close(), polymarket.close()]);
    },
  };
}
