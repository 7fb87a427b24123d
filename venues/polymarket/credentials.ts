import { createHash, type Hash, randomBytes } from 'node:crypto';
import { privateKeyToAddress } from 'viem/accounts';
import type { Hex } from './contracts.js';

/** What signs orders. */
export interface PolymarketWallet {
  readonly privateKey: Hex;
  /** In the checksummed form (EIP-55): the venue compares it letter by letter. */
  readonly address: Hex;
}

/** What signs requests. The venue makes it for a wallet (`derive-api-key.ts`). */
export interface PolymarketApiKey {
  readonly apiKey: string;
  /** Base64, either alphabet. */
  readonly secret: string;
  readonly passphrase: string;
}

/** An account's keys: the wallet that signs orders, and the API key that signs requests. */
export interface PolymarketCredentials extends PolymarketWallet, PolymarketApiKey {}

/** New credentials for a simulated venue; the same seed makes the same ones. */
export function createPolymarketCredentials(seed?: string): PolymarketCredentials {
  const root = seed === undefined ? randomBytes(32) : Buffer.from(seed, 'utf8');
  const derived = (what: string) => createHash('sha256').update(what).update('\n').update(root);
  // A SHA-256 output is a valid secp256k1 key but for odds of 2⁻¹²⁸; viem throws on the others.
  const privateKey: Hex = `0x${derived('private key').digest('hex')}`;
  return { privateKey, address: privateKeyToAddress(privateKey), ...apiKeyOf(derived) };
}

/** Another API key of a simulated wallet; the same wallet and nonce make the same one. */
export function createPolymarketApiKey({ privateKey }: PolymarketWallet, nonce: string) {
  return apiKeyOf((what) => createHash('sha256').update(`${what}\n${nonce}\n${privateKey}`));
}

function apiKeyOf(derived: (what: string) => Hash): PolymarketApiKey {
  return {
    apiKey: uuidShaped(derived('api key').digest('hex')),
    secret: derived('secret').digest('base64').replaceAll('+', '-').replaceAll('/', '_'),
    passphrase: derived('passphrase').digest('hex'),
  };
}

function uuidShaped(hex: string): string {
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20, 32)].join('-');
}
