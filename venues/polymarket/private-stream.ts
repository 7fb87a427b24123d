import type { PrivateStream, VenueOrder } from '../../domain/venue.js';
import type { VenueEntry } from '../../domain/venue-entry.js';
import { parsed } from './answers.js';
import type { PolymarketCredentials } from './credentials.js';
import { createClobHttp } from './http.js';
import { createMarketDirectory } from './market-directory.js';
import { venueOrderOfEvent } from './order-rows.js';
import { createPolymarketReads } from './reads.js';
import { openStreamSocket, type StreamTimings, streamTimings } from './stream-socket.js';
import { rowsOfTrade } from './trade-rows.js';
import { eventsShape, orderEventShape, type StreamEvent, tradeShape } from './wire.js';

export interface PolymarketStreamOptions {
  readonly account: string;
  readonly credentials: PolymarketCredentials;
  /** Origin of the streams, `wss://…` without a path. */
  readonly wsUrl: string;
  /** Origin of the CLOB: an event's market is read once, for its tokens and its fees. */
  readonly baseUrl: string;
  readonly nowMs: () => number;
  readonly timings?: Partial<StreamTimings>;
  readonly timeoutMs?: number;
}

/**
 * Our orders and trades as the venue reports them. The stream replays nothing: every (re)connection
 * is told once the venue has taken the subscription, and then the pages must be read. An event that
 * cannot be read now is told the same way, so that the pages bring it.
 */
export function openPolymarketStream(options: PolymarketStreamOptions): PrivateStream {
  const { credentials, nowMs } = options;
  const { reader, close: closeReader } = createEventReader(options);
  const onEntry: ((entry: VenueEntry) => void)[] = [];
  const onOrder: ((order: VenueOrder) => void)[] = [];
  const onConnect: (() => void)[] = [];
  let isSubscribed = false;
  let isClosed = false;

  const tell = (told: Told) => {
    if (isClosed) return;
    for (const entry of told.entries) for (const listener of onEntry) listener(entry);
    for (const order of told.orders) for (const listener of onOrder) listener(order);
    if (told.isMissed) for (const listener of onConnect) listener();
  };
  // Events are told in the order in which they came, though the first of a market must wait.
  let telling: Promise<void> = Promise.resolve();
  const socket = openStreamSocket({
    url: `${options.wsUrl}/ws/user`,
    nowMs,
    timings: { ...streamTimings, ...options.timings },
    onOpen: () => {
      const { apiKey, secret, passphrase } = credentials;
      const auth = { apiKey, secret, passphrase };
      socket.send(JSON.stringify({ auth, type: 'user', markets: [] }));
      socket.send('PING'); // answered after the subscription was taken: messages keep their order
    },
    onText: (text) => {
      if (text === 'PONG' && !isSubscribed) {
        isSubscribed = true;
        tell({ ...silence, isMissed: true });
      }
      const events = eventsShape.safeParse(parsed(text));
      for (const event of events.success ? events.data : []) {
        telling = telling.then(async () => tell(await reader(event)));
      }
    },
    onDown: () => {
      isSubscribed = false;
    },
  });

  return {
    onEntry: (listener) => void onEntry.push(listener),
    onOrder: (listener) => void onOrder.push(listener),
    onConnect: (listener) => {
      onConnect.push(listener);
      if (isSubscribed) listener();
    },
    close: async () => {
      isClosed = true;
      await socket.close();
      await telling;
      await closeReader();
    },
  };
}

/** What one event says. `isMissed`: it could not be read, so the pages have to. */
interface Told {
  readonly entries: readonly VenueEntry[];
  readonly orders: readonly VenueOrder[];
  readonly isMissed: boolean;
}
const silence: Told = { entries: [], orders: [], isMissed: false };

function createEventReader(options: PolymarketStreamOptions) {
  const { account, credentials, baseUrl, nowMs, timeoutMs = 3_000 } = options;
  const http = createClobHttp({ baseUrl, credentials, nowMs, connectionsMax: 2 });
  const reads = createPolymarketReads({ http, data: http, timeoutMs });
  const directory = createMarketDirectory((path) => reads.one(path));
  const owner = { account, address: credentials.address, apiKey: credentials.apiKey };

  const reader = async (event: StreamEvent): Promise<Told> => {
    const trade = event.event_type === 'trade' ? tradeShape.safeParse(event) : undefined;
    const order = event.event_type === 'order' ? orderEventShape.safeParse(event) : undefined;
    const named = trade?.data ?? order?.data;
    // One of ours that cannot be read: the pages may put it better.
    if (!named) return { ...silence, isMissed: trade !== undefined || order !== undefined };
    const market = await directory.find(named.market);
    if (!market) return { ...silence, isMissed: true };
    const known = order?.data && venueOrderOfEvent(order.data, market);
    return {
      entries: trade?.data ? rowsOfTrade(trade.data, market, owner) : [],
      orders: known ? [known] : [],
      isMissed: false,
    };
  };
  return { reader, close: () => http.close() };
}
