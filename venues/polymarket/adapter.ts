import { assert } from '../../domain/assert.js';
import type { Book } from '../../domain/book.js';
import type { Market } from '../../domain/instrument.js';
import type { Read, Venue } from '../../domain/venue.js';
import { keptWarm } from '../kept-warm.js';
import type { AccountAccess } from './account-access.js';
import { entriesOf, entriesSince, findOrder, openOrders } from './account-rows.js';
import { cancelAllAnswerOf, cancelAnswerOf, placeAnswerOf } from './answers.js';
import { type ExchangeContracts, polygonContracts } from './contracts.js';
import type { PolymarketCredentials } from './credentials.js';
import { type ClobHttp, createClobHttp } from './http.js';
import { createMarketDirectory } from './market-directory.js';
import { readPositions } from './positions.js';
import { preparedOrder } from './prepare-order.js';
import { createPolymarketReads, type PolymarketReads } from './reads.js';
import { bookOf } from './token-book.js';
import { marketRulesShape } from './wire.js';

export interface PolymarketVenueOptions {
  /** Our name of the account. */
  readonly account: string;
  readonly credentials: PolymarketCredentials;
  /** Origin of the CLOB, without a path. */
  readonly baseUrl: string;
  /** Origin of the data API (redemptions, positions); a simulator serves both from one origin. */
  readonly dataUrl?: string;
  readonly nowMs: () => number;
  readonly contracts?: ExchangeContracts;
  /** For everything but placing, which brings its own deadline. */
  readonly timeoutMs?: number;
  readonly connectionsMax?: number;
  /** How long a match may take to settle: how far back trades are read for a change of status. */
  readonly settlementMsMax?: number;
}

/** Polymarket's CLOB as one of our accounts sees it. Translates; decides and resends nothing. */
export function createPolymarketVenue(options: PolymarketVenueOptions): Venue {
  const { account, credentials, nowMs } = options;
  const timeoutMs = options.timeoutMs ?? 3_000;
  const connectionsMax = options.connectionsMax ?? 8;
  const signer = { credentials, contracts: options.contracts ?? polygonContracts };
  const settlementMsMax = options.settlementMsMax ?? 300_000;
  const { http, data } = connections(options, connectionsMax);
  const reads = createPolymarketReads({ http, data, timeoutMs });
  const access: AccountAccess = {
    reads,
    directory: createMarketDirectory((path) => reads.one(path)),
    owner: { account, address: credentials.address, apiKey: credentials.apiKey },
  };

  return {
    name: 'polymarket',
    account,
    prepare: (order, market) => preparedOrder(order, market, signer),
    place: async (prepared, placeTimeoutMs) => {
      const { body } = prepared;
      const request = { method: 'POST', path: '/order', body, isSigned: true } as const;
      return placeAnswerOf(await http.call({ ...request, timeoutMs: placeTimeoutMs }), prepared);
    },
    cancel: async ({ venueOrderId }) => {
      if (venueOrderId === undefined) return { kind: 'unknown', code: 'no_hash' };
      const body = JSON.stringify({ orderID: venueOrderId });
      const request = { method: 'DELETE', path: '/order', body, isSigned: true } as const;
      return cancelAnswerOf(await http.call({ ...request, timeoutMs }), venueOrderId);
    },
    cancelAll: async () => {
      const request = { method: 'DELETE', path: '/cancel-all', isSigned: true } as const;
      return cancelAllAnswerOf(await http.call({ ...request, timeoutMs }));
    },
    findOrder: (reference) => findOrder(access, reference),
    openOrders: () => openOrders(access),
    entriesSince: (sinceMs) => entriesSince(access, { sinceMs, settlementMsMax }),
    entriesOf: (reference) => entriesOf(access, reference),
    positions: () => readPositions(access),
    // The chain's balance: what resting orders hold is still in it. Ours are immediate.
    balance: () => reads.balance({ asset_type: 'COLLATERAL' }),
    book: (market) => readBooks(reads, market, nowMs),
    ruleText: ({ market }) => ruleText(reads, market),
    // Restarts are not announced: the venue says 425 while one lasts (venues.md 2.7).
    pauses: () => Promise.resolve({ kind: 'read', value: [] }),
    serverTime: () => reads.serverTime(),
    // The answers do not matter: the connections do, and a failure shows at the next request.
    warm: keptWarm(async () => {
      await Promise.all(Array.from({ length: connectionsMax }, () => reads.serverTime()));
    }, nowMs),
    close: async () => {
      await Promise.all([http, data].map((pool) => pool.close()));
    },
  };
}

/** One pool for both APIs where they share an origin. */
function connections(
  { baseUrl, dataUrl, credentials, nowMs }: PolymarketVenueOptions,
  connectionsMax: number,
): { readonly http: ClobHttp; readonly data: ClobHttp } {
  const http = createClobHttp({ baseUrl, credentials, nowMs, connectionsMax });
  if (dataUrl === undefined || dataUrl === baseUrl) return { http, data: http };
  return {
    http,
    data: createClobHttp({ baseUrl: dataUrl, credentials, nowMs, connectionsMax: 2 }),
  };
}

async function ruleText(reads: PolymarketReads, market: string): Promise<Read<string>> {
  const answer = await reads.one(`/markets/${market}`);
  if (answer.kind === 'unavailable') return answer;
  const read = marketRulesShape.safeParse(answer.value);
  return read.success
    ? { kind: 'read', value: read.data.description }
    : { kind: 'unavailable', code: 'unreadable' };
}

async function readBooks(
  reads: PolymarketReads,
  { market, tokens }: Market,
  nowMs: () => number,
): Promise<Read<readonly [yes: Book, no: Book]>> {
  assert(tokens !== undefined, `${market} names its outcome tokens`);
  const [yes, no] = await Promise.all([reads.book(tokens.yesToken), reads.book(tokens.noToken)]);
  if (yes.kind !== 'read') return yes;
  if (no.kind !== 'read') return no;
  const setting = (outcome: 'yes' | 'no') => ({
    instrument: { venue: 'polymarket', market, outcome } as const,
    heardAtMs: nowMs(),
  });
  return {
    kind: 'read',
    value: [bookOf(yes.value, setting('yes')), bookOf(no.value, setting('no'))],
  };
}
