import { createHmac } from 'node:crypto';
import type { PolymarketCredentials } from './credentials.js';

/** The part of a request that L2 authentication covers. */
export interface SignedRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Without the query. */
  readonly path: string;
  /** The exact bytes that will be sent, UTF-8; absent where there is no body. */
  readonly body?: string;
}

export type L2Headers = Readonly<
  Record<
    'POLY_ADDRESS' | 'POLY_API_KEY' | 'POLY_PASSPHRASE' | 'POLY_TIMESTAMP' | 'POLY_SIGNATURE',
    string
  >
>;

/** The five headers of every trading call. The stamp is in whole seconds (venues.md 2.4). */
export function l2Headers(
  credentials: PolymarketCredentials,
  request: SignedRequest,
  nowMs: number,
): L2Headers {
  const timestamp = Math.floor(nowMs / 1000).toString();
  return {
    POLY_ADDRESS: credentials.address,
    POLY_API_KEY: credentials.apiKey,
    POLY_PASSPHRASE: credentials.passphrase,
    POLY_TIMESTAMP: timestamp,
    POLY_SIGNATURE: l2Signature(credentials.secret, timestamp, request),
  };
}

/**
 * URL-safe base64 with padding of HMAC-SHA256(secret, timestamp + METHOD + path + body). JSON
 * whitespace counts: the bytes signed are the bytes sent.
 */
export function l2Signature(secret: string, timestamp: string, request: SignedRequest): string {
  const message = `${timestamp}${request.method}${request.path}${request.body ?? ''}`;
  const key = Buffer.from(secret, 'base64'); // Node reads both base64 alphabets
  const digest = createHmac('sha256', key).update(message).digest('base64');
  return digest.replaceAll('+', '-').replaceAll('/', '_');
}
