import { timingSafeEqual } from 'node:crypto';
import type { PolymarketCredentials } from '../credentials.js';
import { l2Signature } from '../l2-headers.js';

/** An account of the exchange and the keys that the venue knows it by. */
export interface SimulatedAccount {
  readonly account: string;
  readonly credentials: PolymarketCredentials;
  /** The wallet has no API key yet: its first is the one in `credentials`, once it is created. */
  readonly isKeyless?: boolean;
}

export interface ArrivedRequest {
  readonly method: string;
  /** With its query, which the signature does not cover. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface SignatureClock {
  readonly nowMs: number;
  /** How far a request's stamp may lie from the venue's clock. The venue's own is undocumented. */
  readonly toleranceMs: number;
}

/** Who sent a request, by its five L2 headers; `undefined` where anything does not fit. */
export function authenticated(
  accounts: readonly SimulatedAccount[],
  request: ArrivedRequest,
  { nowMs, toleranceMs }: SignatureClock,
): SimulatedAccount | undefined {
  const said = (name: string) => String(request.headers[name] ?? '');
  const known = accounts.find(({ credentials }) => credentials.apiKey === said('poly_api_key'));
  if (!known) return undefined;
  const { credentials } = known;
  const timestamp = said('poly_timestamp');
  if (!/^\d{1,12}$/.test(timestamp)) return undefined;
  if (Math.abs(Number(timestamp) * 1000 - nowMs) > toleranceMs) return undefined;
  if (said('poly_passphrase') !== credentials.passphrase) return undefined;
  // The venue compares the checksummed form, letter by letter.
  if (said('poly_address') !== credentials.address) return undefined;
  const [path = ''] = request.url.split('?');
  const signed = { method: methodOf(request.method), path, body: request.body };
  const expected = l2Signature(credentials.secret, timestamp, signed);
  return isEqual(expected, said('poly_signature')) ? known : undefined;
}

/** The account behind a wallet address; other people's are not known. */
export function ownerOf(accounts: readonly SimulatedAccount[], address: string) {
  const wanted = address.toLowerCase();
  return accounts.find(({ credentials }) => credentials.address.toLowerCase() === wanted);
}

function methodOf(method: string): 'GET' | 'POST' | 'DELETE' {
  return method === 'POST' || method === 'DELETE' ? method : 'GET';
}

function isEqual(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
