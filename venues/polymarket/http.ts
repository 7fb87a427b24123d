import { type Dispatcher, errors, Pool } from 'undici';
import type { PolymarketCredentials } from './credentials.js';
import { l2Headers, type SignedRequest } from './l2-headers.js';

/** What came back for one request. `silent` may have reached the venue, `not_sent` cannot have. */
export type Reply =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'silent'; readonly code: string }
  | { readonly kind: 'not_sent'; readonly code: string };

export interface HttpRequest extends SignedRequest {
  /** With its question mark; not covered by the signature. */
  readonly query?: string;
  readonly isSigned: boolean;
  /** Bounds the whole answer. */
  readonly timeoutMs: number;
}

export interface HttpOptions {
  /** Origin only: a path before the venue's own would change what is signed. */
  readonly baseUrl: string;
  readonly credentials: PolymarketCredentials;
  readonly nowMs: () => number;
  readonly connectionsMax: number;
}

export interface ClobHttp {
  /** One attempt; never throws and never sends twice. */
  call(request: HttpRequest): Promise<Reply>;
  close(): Promise<void>;
}

/** A pool of kept-alive connections to one origin. */
export function createClobHttp({
  baseUrl,
  credentials,
  nowMs,
  connectionsMax,
}: HttpOptions): ClobHttp {
  const pool = new Pool(new URL(baseUrl).origin, {
    connections: connectionsMax,
    pipelining: 1, // an answer must never wait behind another order's
    keepAliveTimeout: 60_000,
    connect: { timeout: 3_000, noDelay: true },
  });
  return {
    call: async (request) => {
      const headers = request.isSigned ? l2Headers(credentials, request, nowMs()) : {};
      return send(pool, request, { ...headers, 'content-type': 'application/json' });
    },
    close: () => pool.destroy(),
  };
}

async function send(
  pool: Dispatcher,
  request: HttpRequest,
  headers: Record<string, string>,
): Promise<Reply> {
  try {
    const response = await pool.request({
      method: request.method,
      path: `${request.path}${request.query ?? ''}`,
      headers,
      body: request.body ?? null,
      signal: AbortSignal.timeout(request.timeoutMs),
    });
    return { kind: 'answered', status: response.statusCode, body: await response.body.text() };
  } catch (error) {
    return replyOfFailure(error);
  }
}

/** Only a connection that never came about proves that nothing was sent. */
function replyOfFailure(error: unknown): Reply {
  const code = codeOf(error);
  const neverConnected = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];
  const isNotSent = error instanceof errors.ConnectTimeoutError || neverConnected.includes(code);
  return isNotSent ? { kind: 'not_sent', code: 'not_connected' } : { kind: 'silent', code };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  if (error.name === 'TimeoutError') return 'timeout';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
