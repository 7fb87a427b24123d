import { request } from 'undici';
import { z } from 'zod';
import type { Read } from '../../domain/venue.js';
import { parsed } from './answers.js';
import { polygonContracts } from './contracts.js';
import type { PolymarketApiKey, PolymarketCredentials, PolymarketWallet } from './credentials.js';
import { l1Headers } from './l1-headers.js';
import { unavailable } from './reads.js';

export interface DeriveOptions {
  /** Origin of the CLOB, without a path. */
  readonly baseUrl: string;
  readonly nowMs: () => number;
  readonly chainId?: number;
  readonly timeoutMs?: number;
}

const FIRST_KEY = 0n;

/**
 * An account with its API key: the one that is configured, or the one that the venue has for the
 * wallet.
 *
 * 1. What is configured is used as it is; nobody is asked.
 * 2. The key of nonce 0 is derived, which changes nothing at the venue.
 * 3. Only where the venue says that there is none (4xx) is it created: creating takes the wallet's
 *    other keys out of force.
 */
export async function withApiKey(
  account: PolymarketWallet & Partial<PolymarketApiKey>,
  options: DeriveOptions,
): Promise<Read<PolymarketCredentials>> {
  const { apiKey, secret, passphrase } = account;
  if (apiKey !== undefined && secret !== undefined && passphrase !== undefined) {
    return { kind: 'read', value: { ...account, apiKey, secret, passphrase } };
  }
  const derived = await ask(account, options, { method: 'GET', path: '/auth/derive-api-key' });
  if (derived.kind === 'read') return credentialsOf(account, derived.value);
  if (derived.code !== 'none') return derived;
  const created = await ask(account, options, { method: 'POST', path: '/auth/api-key' });
  return created.kind === 'read' ? credentialsOf(account, created.value) : created;
}

function credentialsOf(
  { privateKey, address }: PolymarketWallet,
  key: PolymarketApiKey,
): Read<PolymarketCredentials> {
  return { kind: 'read', value: { privateKey, address, ...key } };
}

const apiKeyShape = z.object({
  apiKey: z.string().min(1),
  secret: z.string().min(1),
  passphrase: z.string().min(1),
});

async function ask(
  wallet: PolymarketWallet,
  { baseUrl, nowMs, chainId = polygonContracts.chainId, timeoutMs = 3_000 }: DeriveOptions,
  { method, path }: { readonly method: 'GET' | 'POST'; readonly path: string },
): Promise<Read<PolymarketApiKey>> {
  const timestamp = Math.floor(nowMs() / 1000).toString();
  const headers = await l1Headers(wallet, { chainId, timestamp, nonce: FIRST_KEY });
  try {
    const { statusCode, body } = await request(`${new URL(baseUrl).origin}${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await body.text();
    if (statusCode === 401) return unavailable('wallet_refused');
    if (statusCode === 400 || statusCode === 404) return unavailable('none');
    if (statusCode !== 200) return unavailable(`http_${statusCode}`);
    const read = apiKeyShape.safeParse(parsed(text));
    return read.success ? { kind: 'read', value: read.data } : unavailable('unreadable');
  } catch (error) {
    return unavailable(error instanceof Error ? error.name : 'failed');
  }
}
