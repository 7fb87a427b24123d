import type { KeyObject } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isSignedBy, publicKeyOf, signedText } from '../signing.js';

/** One account's key as the venue knows it: the public half. */
export interface SimulatedKey {
  readonly account: string;
  readonly keyId: string;
  readonly publicKeyPem: string;
}

export type Admitted =
  | { readonly kind: 'admitted'; readonly account: string }
  | { readonly kind: 'refused'; readonly reason: string };

export interface GateRequest {
  readonly method: string;
  /** As it came, query and all. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** The venue documents no tolerance for REST; this is ours. */
export const TIMESTAMP_MS_MAX = 5_000;

/** Lets in who signed the time, the method and the path with a key that is known here. */
export function createGate(keys: readonly SimulatedKey[]): (request: GateRequest) => Admitted {
  const known = new Map(
    keys.map(({ account, keyId, publicKeyPem }) => [
      keyId,
      { account, key: publicKeyOf(publicKeyPem) },
    ]),
  );
  return (request) => {
    const holder = known.get(header(request, 'kalshi-access-key'));
    if (!holder) return refused('the API key is not known');
    const timestamp = header(request, 'kalshi-access-timestamp');
    if (!/^\d{13}$/.test(timestamp)) return refused('the timestamp is not in milliseconds');
    const skewMs = Math.abs(request.nowMs - Number(timestamp));
    if (skewMs > TIMESTAMP_MS_MAX) return refused(`the timestamp is ${skewMs} ms off`);
    return isSigned(request, timestamp, holder.key)
      ? { kind: 'admitted', account: holder.account }
      : refused('the signature is not of this request');
  };
}

function isSigned(request: GateRequest, timestamp: string, key: KeyObject): boolean {
  const { url: path } = request;
  const method = METHODS.find((known) => known === request.method);
  if (method === undefined) return false;
  const signature = header(request, 'kalshi-access-signature');
  return isSignedBy(key, signedText({ method, path, timestampMs: Number(timestamp) }), signature);
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;

function header({ headers }: GateRequest, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

const refused = (reason: string): Admitted => ({ kind: 'refused', reason });
