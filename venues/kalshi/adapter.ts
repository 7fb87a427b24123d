import { assert } from '../../domain/assert.js';
import type { ChildOrder } from '../../domain/child-order.js';
import type { Market, Outcome } from '../../domain/instrument.js';
import type { Money } from '../../domain/money.js';
import { divide, ONE } from '../../domain/money.js';
import type { RateBudget } from '../../domain/rate-budget.js';
import type { Approved } from '../../domain/risk/approved.js';
import type {
  CancelAnswer,
  OrderReference,
  PreparedOrder,
  Read,
  Venue,
} from '../../domain/venue.js';
import { keptWarm } from '../kept-warm.js';
import { cancelAnswer, placeAnswer } from './answers.js';
import type { KalshiCredentials } from './credentials.js';
import type { EntryReader } from './entry-reads.js';
import { createEntryReader } from './entry-reads.js';
import type { KalshiHttp } from './http.js';
import { createKalshiHttp } from './http.js';
import { pauses, ruleText } from './market-reads.js';
import { orderBody } from './order-body.js';
import { bookOf, createKalshiBook } from './order-book.js';
import { createOrderGroups } from './order-groups.js';
import { findOrder, openOrders } from './order-reads.js';
import { createOrderTokens, withoutTokens } from './order-tokens.js';
import type { KalshiReader } from './pages.js';
import { createReader } from './pages.js';
import { positions } from './positions.js';
import { createKalshiSigner } from './signing.js';
import { balanceAnswer, orderbookAnswer } from './wire.js';

const ORDERS = '/portfolio/events/orders';
const READ_TIMEOUT_MS = 3_000;
const WARM_CONNECTIONS = 2;

export interface KalshiVenueOptions {
  /** Our account; the credentials are of its Kalshi account. */
  readonly account: string;
  readonly credentials: KalshiCredentials;
  /** `https://…/trade-api/v2`, without a slash at the end. */
  readonly baseUrl: string;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** Shared with every process of the account; absent = nobody counts. */
  readonly budget?: RateBudget;
  /** Bounds every read and cancel; 3 s unless told. */
  readonly readTimeoutMs?: number;
}

/**
 * One Kalshi account behind the venue port (order endpoints V2).
 * 1. An order is sent once. Kalshi dedups client ids for open orders at least and says nothing of
 *    closed ones, so nothing here ever sends the same order again.
 * 2. Kalshi nets and states prices as prices of YES; `book-side.ts` and `fill-history.ts` translate.
 * 3. Its own id is not known ahead, so an order in doubt is looked for page by page.
 */
export function createKalshiVenue(options: KalshiVenueOptions): Venue {
  const { account, credentials, baseUrl, nowMs, readTimeoutMs = READ_TIMEOUT_MS, budget } = options;
  const signer = createKalshiSigner(credentials);
  const http = createKalshiHttp({ baseUrl, signer, nowMs, budget });
  const reader = createReader(http, readTimeoutMs);
  const urgent = createReader(http, readTimeoutMs, 'urgent');
  const entries = createEntryReader(reader, urgent, account);
  const tokens = createOrderTokens(budget, nowMs);
  const connect = keptWarm(() => warm(http, readTimeoutMs), nowMs);
  return {
    name: 'kalshi',
    account,
    prepare: async (order, market) => prepared(order, market),
    place: async ({ order, body }, timeoutMs) => {
      if (!tokens.areTakenFor(order)) return withoutTokens;
      const request = { method: 'POST', path: ORDERS, body, timeoutMs } as const;
      return placeAnswer(order, await http.order({ ...request, tokens: 'taken' }));
    },
    cancel: (reference) => cancel({ http, reader: urgent, timeoutMs: readTimeoutMs }, reference),
    findOrder: (reference) => findOrder(urgent, reference),
    openOrders: () => openOrders(reader),
    entriesSince: (sinceMs) => entries.since(sinceMs),
    entriesOf: (reference) => entriesOf(urgent, entries, reference),
    positions: () => positions(reader),
    balance: () => balance(reader),
    book: (market) => book(urgent, market, nowMs),
    ruleText: ({ market }) => ruleText(reader, market),
    pauses: () => pauses(reader, nowMs),
    serverTime: () => serverTime(http, readTimeoutMs),
    cancelAll: () => cancelAll(http, readTimeoutMs),
    orderGroups: createOrderGroups({ http, reader: urgent, timeoutMs: readTimeoutMs }),
    warm: async (order) => {
      if (order) await tokens.takeFor(order);
      await connect();
    },
    close: () => http.close(),
  };
}

function prepared(order: Approved<ChildOrder>, market: Market): PreparedOrder {
  assert(market.market === order.instrument.market, 'an order is prepared for its own market');
  return { order, body: JSON.stringify(orderBody(order)) };
}

interface CancelTools {
  readonly http: KalshiHttp;
  readonly reader: KalshiReader;
  readonly timeoutMs: number;
}

/** Orders are canceled by the venue's id; without it the order is looked for first. */
async function cancel(
  { http, reader, timeoutMs }: CancelTools,
  reference: OrderReference,
): Promise<CancelAnswer> {
  const venueOrderId = await venueOrderIdOf(reader, reference);
  if (venueOrderId.kind !== 'read') return { kind: 'unknown', code: venueOrderId.code };
  if (venueOrderId.value === undefined) return { kind: 'not_canceled', code: 'not_found' };
  const path = `${ORDERS}/${venueOrderId.value}`;
  const query = { market_ticker: reference.instrument.market };
  return cancelAnswer(
    await http.order({ method: 'DELETE', path, query, timeoutMs, tokens: 'urgent' }),
  );
}

/** The venue's id of our order; `undefined` where it is not there (yet). */
async function venueOrderIdOf(
  reader: KalshiReader,
  reference: OrderReference,
): Promise<Read<string | undefined>> {
  if (reference.venueOrderId !== undefined) return { kind: 'read', value: reference.venueOrderId };
  const answer = await findOrder(reader, reference);
  if (answer.kind === 'unavailable') return answer;
  return { kind: 'read', value: answer.kind === 'found' ? answer.order.venueOrderId : undefined };
}

/** Fill rows carry the venue's order id only. An order that is not found has no rows to show. */
async function entriesOf(
  reader: KalshiReader,
  entries: EntryReader,
  reference: OrderReference,
): ReturnType<Venue['entriesOf']> {
  const venueOrderId = await venueOrderIdOf(reader, reference);
  if (venueOrderId.kind === 'unavailable') return venueOrderId;
  if (venueOrderId.value === undefined) return { kind: 'read', value: [] };
  const { clientOrderId } = reference;
  const rows = await entries.of({ ...reference, venueOrderId: venueOrderId.value });
  if (rows.kind === 'unavailable') return rows;
  return { kind: 'read', value: rows.value.map((row) => ({ ...row, clientOrderId })) };
}

const CENT = divide(ONE, 100n, 'floor');

/** Exact where the venue says so; else its whole cents. */
async function balance(reader: KalshiReader): Promise<Read<Money>> {
  const answer = await reader.one(balanceAnswer, '/portfolio/balance');
  if (answer.kind === 'unavailable') return answer;
  const inCents = (BigInt(answer.value.balance) * CENT) as Money; // cents are dollars
  return { kind: 'read', value: answer.value.balance_dollars ?? inCents };
}

async function book(
  reader: KalshiReader,
  { market }: Market,
  nowMs: () => number,
): ReturnType<Venue['book']> {
  const answer = await reader.one(orderbookAnswer, `/markets/${market}/orderbook`);
  if (answer.kind === 'unavailable') return answer;
  const { yes_dollars, no_dollars } = answer.value.orderbook_fp;
  const read = createKalshiBook();
  read.replace({ yes: yes_dollars, no: no_dollars });
  const state = { heardAtMs: nowMs(), hasGap: false };
  const of = (outcome: Outcome) => bookOf({ venue: 'kalshi', market, outcome }, read, state);
  return { kind: 'read', value: [of('yes'), of('no')] };
}

/** The venue has no clock of its own to ask: its `Date` header, whole seconds. */
async function serverTime(http: KalshiHttp, timeoutMs: number): Promise<Read<number>> {
  const answer = await http.read({ method: 'GET', path: '/exchange/status', timeoutMs });
  if (answer.kind === 'failed') return { kind: 'unavailable', code: answer.code };
  if (answer.dateMs === undefined) return { kind: 'unavailable', code: 'NO_DATE' };
  return { kind: 'read', value: answer.dateMs };
}

/** Every resting order, and perhaps those of the next minute: the venue's own warning. */
async function cancelAll(http: KalshiHttp, timeoutMs: number): Promise<CancelAnswer> {
  // A kill waits for no rate: what it costs there the venue takes from what comes after.
  const answer = await http.order({ method: 'DELETE', path: ORDERS, timeoutMs, tokens: 'taken' });
  if (answer.kind === 'failed') return { kind: 'unknown', code: answer.code };
  const isDone = answer.status === 200 || answer.status === 204;
  return isDone ? { kind: 'canceled' } : { kind: 'unknown', code: `HTTP_${answer.status}` };
}

/** Questions on the order connections: several at once open several. They wait for no tokens. */
async function warm(http: KalshiHttp, timeoutMs: number): Promise<void> {
  const turn = { tokens: 'urgent', tokensWaitMs: 0 } as const;
  const question = { method: 'GET', path: '/exchange/status', timeoutMs, ...turn } as const;
  await Promise.all(Array.from({ length: WARM_CONNECTIONS }, () => http.order(question)));
}
