import { Pool } from 'undici';
import { withOnWritten } from '../on-written.js';
import type { KalshiSigner } from './signing.js';

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
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the base URL: `/portfolio/orders`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** The exact bytes, UTF-8. */
  readonly body?: string;
  /** Bounds the whole answer, body included. */
  readonly timeoutMs: number;
  readonly onWritten?: (() => void) | undefined;
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
}

export function createKalshiHttp({ baseUrl, signer, nowMs }: KalshiHttpOptions): KalshiHttp {
  const { origin, pathname } = new URL(baseUrl);
  const orders = keptAlive(origin, ORDER_CONNECTIONS);
  const reads = keptAlive(origin, READ_CONNECTIONS);

  async function send(pool: Pool, request: HttpRequest): Promise<HttpResult> {
    const path = `${pathname}${request.path}`;
    const headers = signer({ method: request.method, path, timestampMs: nowMs() });
    try {
      const answer = await withOnWritten(request.onWritten, () =>
        pool.request({
          method: request.method,
          path: `${path}${queryText(request.query)}`,
          headers: request.body === undefined ? { ...headers } : { ...headers, ...JSON_BODY },
          body: request.body ?? null,
          signal: AbortSignal.timeout(request.timeoutMs),
        }),
      );
      const text = await answer.body.text();
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

  return {
    order: (request) => send(orders, request),
    read: (request) => send(reads, request),
    close: async () => {
      await Promise.all([orders.destroy(), reads.destroy()]);
    },
  };
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
