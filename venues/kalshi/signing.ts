import type { KeyObject } from 'node:crypto';
import { constants, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KalshiCredentials } from './credentials.js';

export interface KalshiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** From the root (`/trade-api/v2/…`); a query is allowed and not signed. */
  readonly path: string;
  /** Epoch milliseconds. */
  readonly timestampMs: number;
}

export interface KalshiHeaders {
  readonly 'KALSHI-ACCESS-KEY': string;
  readonly 'KALSHI-ACCESS-TIMESTAMP': string;
  readonly 'KALSHI-ACCESS-SIGNATURE': string;
}

export type KalshiSigner = (request: KalshiRequest) => KalshiHeaders;

const PSS = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
} as const;

/**
 * Signs requests and WebSocket upgrades. The key is parsed once: parsing costs more than signing.
 * Source: reference/venues.md 1.2.
 */
export function createKalshiSigner(credentials: KalshiCredentials): KalshiSigner {
  const key = { key: createPrivateKey(credentials.privateKeyPem), ...PSS };
  return (request) => ({
    'KALSHI-ACCESS-KEY': credentials.keyId,
    'KALSHI-ACCESS-TIMESTAMP': String(request.timestampMs),
    'KALSHI-ACCESS-SIGNATURE': sign('sha256', Buffer.from(signedText(request)), key).toString(
      'base64',
    ),
  });
}

/** timestamp + METHOD + path without its query. The body is not signed. */
export function signedText({ method, path, timestampMs }: KalshiRequest): string {
  const [withoutQuery = ''] = path.split('?', 1);
  return `${timestampMs}${method}${withoutQuery}`;
}

/**
 * Whether the signature (base64) is of that text and by that key, as the venue would check it. Only
 * the one base64 of its bytes is taken: a reader that skips what it does not know would forgive a
 * changed byte.
 */
export function isSignedBy(key: KeyObject, text: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64');
  if (bytes.toString('base64') !== signature) return false;
  return verify('sha256', Buffer.from(text), { key, ...PSS }, bytes);
}

export const publicKeyOf = (publicKeyPem: string): KeyObject => createPublicKey(publicKeyPem);
