import { Pool } from 'undici';
import type { RateBudget } from '../../domain/rate-budget.js';
import { tokenCost } from './rate.js';
import type { KalshiSigner } from './signing.js';
import { type TokensTaken, waitForTokens } from './wait-for-tokens.js';

/** What became of one request. Never thrown: silence is a value too. */
export type HttpResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Parsed JSON; `undefined` where it is none. */
      readonly body: unknown;
      /** The `Date` header, epoch milliseconds. */
      readonly dateMs?: number;
    }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly reason: string;
      /** No connection stood, so no byte of the request left. */
      readonly isNeverSent: boolean;
    };

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the base URL: `/portfolio/orders`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** The exact bytes, UTF-8. */
  readonly body?: string;
  /** Bounds the whole answer, body included. */
  readonly timeoutMs: number;
  /**
   * Whose turn it is at the account's rate; absent = everybody else's. `taken`: the tokens were taken
   * before (an order waits for nothing between its gate and its bytes), or the request goes at any
   * price (a kill).
   */
  readonly tokens?: 'urgent' | 'taken';
  /** How long it may wait for tokens; absent = as long as for its answer. */
  readonly tokensWaitMs?: number;
}

export interface KalshiHttp {
  /** One attempt over the connections kept for orders. */
  order(request: HttpRequest): Promise<HttpResult>;
  /** One attempt over the connections kept for questions, so that no shot waits behind one. */
  read(request: HttpRequest): Promise<HttpResult>;
  close(): Promise<void>;
}

const ORDER_CONNECTIONS = 4;
const READ_CONNECTIONS = 4;
const KEEP_ALIVE_MS = 60_000;

export interface KalshiHttpOptions {
  /** `https://…/trade-api/v2`, without a slash at the end. */
  readonly baseUrl: string;
  readonly signer: KalshiSigner;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** Shared with every process of the account; absent = nobody counts. */
  readonly budget?: RateBudget | undefined;
}

export function createKalshiHttp(options: KalshiHttpOptions): KalshiHttp {
  const { baseUrl, signer, nowMs, budget } = options;
  const { origin, pathname } = new URL(baseUrl);
  const orders = keptAlive(origin, ORDER_CONNECTIONS);
  const reads = keptAlive(origin, READ_CONNECTIONS);

  async function send(pool: Pool, request: HttpRequest): Promise<HttpResult> {
    if (budget && request.tokens !== 'taken') {
      const taken = await tokensFor(budget, request);
      if (taken !== 'taken') return notSent(taken);
    }
    const path = `${pathname}${request.path}`;
    const headers = signer({ method: request.method, path, timestampMs: nowMs() });
    try {
      const answer = await pool.request({
        method: request.method,
        path: `${path}${queryText(request.query)}`,
        headers: request.body === undefined ? { ...headers } : { ...headers, ...JSON_BODY },
        body: request.body ?? null,
        signal: AbortSignal.timeout(request.timeoutMs),
      });
      const text = await answer.body.text();
      if (answer.statusCode === TOO_MANY_REQUESTS) await emptied(request, answer.headers);
      const dateMs = Date.parse(String(answer.headers.date));
      const isDated = Number.isFinite(dateMs);
      return {
        kind: 'answered',
        status: answer.statusCode,
        body: parsedJson(text),
        ...(isDated && { dateMs }),
      };
    } catch (error) {
      return failure(error);
    }
  }

  function tokensFor(from: RateBudget, request: HttpRequest): Promise<TokensTaken> {
    const { tokens, timeoutMs, tokensWaitMs = timeoutMs } = request;
    const wanted = { ...tokenCost(request), isUrgent: tokens === 'urgent' };
    return waitForTokens(from, wanted, { untilMs: nowMs() + tokensWaitMs, nowMs });
  }

  /** The venue's own bucket is the truth. What it answered stands, whether or not we can note it. */
  async function emptied(request: HttpRequest, headers: Headers): Promise<void> {
    const forMs = retryAfterMs(headers['retry-after']);
    await budget?.emptied(tokenCost(request).kind, forMs).catch(() => undefined);
  }

  return {
    order: (request) => send(orders, request),
    read: (request) => send(reads, request),
    close: async () => {
      await Promise.all([orders.destroy(), reads.destroy()]);
    },
  };
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const TOO_MANY_REQUESTS = 429;
/** The venue names no time: a bucket holds about a second. */
const RETRY_AFTER_MS = 1_000;

/** Whole seconds (RFC 9110, 10.2.3); a date there or nonsense is answered by our own second. */
export function retryAfterMs(header: string | string[] | undefined): number {
  const isSeconds = typeof header === 'string' && /^\d{1,6}$/.test(header.trim());
  return isSeconds ? Number(header) * 1_000 : RETRY_AFTER_MS;
}

function notSent(taken: 'late' | 'unknown'): HttpResult {
  const late = 'no tokens of the account’s rate in time';
  const reason = taken === 'late' ? late : 'the account’s rate could not be asked';
  return { kind: 'failed', code: `RATE_${taken.toUpperCase()}`, reason, isNeverSent: true };
}

const JSON_BODY = { 'content-type': 'application/json' };

/** One request at a time on each connection: a late answer may never hold up another order's. */
function keptAlive(origin: string, connections: number): Pool {
  return new Pool(origin, {
    connections,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
  });
}

function queryText(query: HttpRequest['query']): string {
  const named = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined) named.set(key, String(value));
  }
  return named.size === 0 ? '' : `?${named.toString()}`;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: the caller calls it unreadable
  }
}

/** Errors of the connecting itself. Anything later may have carried the request. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function failure(error: unknown): HttpResult {
  const code = errorCode(error);
  const reason = error instanceof Error ? error.message : String(error);
  return { kind: 'failed', code, reason, isNeverSent: NEVER_SENT.has(code) };
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'FAILED';
  if (error.name === 'TimeoutError') return 'TIMEOUT';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
