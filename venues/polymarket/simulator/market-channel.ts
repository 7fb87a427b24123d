import { z } from 'zod';
import { formatAmount, ONE_DOLLAR, subtract } from '../../../domain/money.js';
import type { ExchangeEvent, SimulatedExchange, SimulatedMarket } from '../../simulation/index.js';
import type { Channel, Subscriber } from './channel.js';
import type { ListedToken, Listing } from './listing.js';

const messageShape = z.union([
  z.object({ type: z.literal('market'), assets_ids: z.array(z.string()) }),
  z.object({ operation: z.enum(['subscribe', 'unsubscribe']), assets_ids: z.array(z.string()) }),
]);

type BookEvent = Extract<ExchangeEvent, { kind: 'book' }>;

/** `/ws/market`: the full book on every subscription, then absolute sizes as they change. */
export function createMarketChannel(
  exchange: SimulatedExchange,
  listing: Listing,
): Channel & { close(): void } {
  const tokensOf = new Map<Subscriber, Set<string>>();
  const tell = (tokens: readonly ListedToken[], messageFor: (wanted: ListedToken[]) => unknown) => {
    for (const [subscriber, subscribed] of tokensOf) {
      const wanted = tokens.filter(({ token }) => subscribed.has(token));
      if (wanted.length > 0) subscriber.send(messageFor(wanted));
    }
  };
  const subscribe = (subscriber: Subscriber, tokens: readonly string[]) => {
    const subscribed = tokensOf.get(subscriber) ?? new Set<string>();
    tokensOf.set(subscriber, subscribed);
    const known = tokens
      .map((token) => listing.token(token))
      .filter((token) => token !== undefined);
    for (const { token } of known) subscribed.add(token);
    if (known.length > 0) subscriber.send(known.map((token) => bookEvent(listing, token)));
  };
  const stop = exchange.onEvent((event) => {
    if (event.kind === 'book') {
      const listed = listing.market(event.market);
      if (!listed) return;
      const messages = changesOf(event, listing.tokensOf(listed.market), listing);
      tell(listing.tokensOf(listed.market), (wanted) => ({
        event_type: 'price_change',
        market: event.market,
        timestamp: event.atMs.toString(),
        price_changes: wanted.flatMap(({ token }) => messages.get(token) ?? []),
      }));
    }
    if (event.kind === 'market' && event.market.state === 'settled') {
      const tokens = listing.tokensOf(event.market.market);
      tell(tokens, () => resolvedEvent(event.market, tokens, exchange.now()));
    }
  });
  return {
    onMessage: (subscriber, message) => {
      const read = messageShape.safeParse(message);
      if (!read.success) return;
      const { assets_ids } = read.data;
      if ('operation' in read.data && read.data.operation === 'unsubscribe') {
        for (const token of assets_ids) tokensOf.get(subscriber)?.delete(token);
      } else subscribe(subscriber, assets_ids);
    },
    onClose: (subscriber) => void tokensOf.delete(subscriber),
    close: stop,
  };
}

function bookEvent(listing: Listing, token: ListedToken) {
  return { event_type: 'book', ...listing.book(token) };
}

/** The event's levels for each of the two tokens; the hash is of the book after all of them. */
function changesOf(event: BookEvent, tokens: readonly ListedToken[], listing: Listing) {
  return new Map(
    tokens.map((listed) => {
      const { hash, bids, asks } = listing.book(listed, event.atMs);
      const best = { best_bid: bids.at(-1)?.price ?? '0', best_ask: asks.at(-1)?.price ?? '1' };
      const changes = event.changes.map(({ side, price, quantity }) => ({
        asset_id: listed.token,
        price: formatAmount(listed.outcome === 'yes' ? price : subtract(ONE_DOLLAR, price)),
        size: formatAmount(quantity),
        side: (side === 'bid') === (listed.outcome === 'yes') ? 'BUY' : 'SELL',
        hash,
        ...best,
      }));
      return [listed.token, changes] as const;
    }),
  );
}

function resolvedEvent(
  { market, winner }: SimulatedMarket,
  tokens: readonly ListedToken[],
  nowMs: number,
) {
  const winning = tokens.find(({ outcome }) => outcome === winner);
  return {
    event_type: 'market_resolved',
    market: market.market,
    assets_ids: tokens.map(({ token }) => token),
    winning_asset_id: winning?.token ?? '',
    winning_outcome: winner === 'yes' ? 'Yes' : 'No',
    timestamp: nowMs.toString(),
  };
}
