import { hashTypedData } from 'viem/utils';
import type { Hex } from './contracts.js';
import type { PolymarketWallet } from './credentials.js';
import { signOrderHash } from './signing.js';

/** What a wallet says to get its API key: `POST /auth/api-key`, `GET /auth/derive-api-key`. */
export type L1Headers = Readonly<
  Record<'POLY_ADDRESS' | 'POLY_SIGNATURE' | 'POLY_TIMESTAMP' | 'POLY_NONCE', string>
>;

export interface ClobAuth {
  readonly address: Hex;
  readonly chainId: number;
  /** Whole seconds since the epoch, decimal. */
  readonly timestamp: string;
  /** Which of the wallet's API keys is meant; 0 is the first. */
  readonly nonce: bigint;
}

const ATTESTATION = 'This message attests that I control the given wallet';

const clobAuthType = [
  { name: 'address', type: 'address' },
  { name: 'timestamp', type: 'string' },
  { name: 'nonce', type: 'uint256' },
  { name: 'message', type: 'string' },
] as const;

/** The EIP-712 hash of the attestation. The domain is the CLOB's own, without a contract. */
export function clobAuthHash({ address, chainId, timestamp, nonce }: ClobAuth): Hex {
  return hashTypedData({
    domain: { name: 'ClobAuthDomain', version: '1', chainId },
    types: { ClobAuth: clobAuthType },
    primaryType: 'ClobAuth',
    message: { address, timestamp, nonce, message: ATTESTATION },
  });
}

/** The four headers by which the wallet itself speaks. */
export async function l1Headers(
  { privateKey, address }: PolymarketWallet,
  said: Omit<ClobAuth, 'address'>,
): Promise<L1Headers> {
  return {
    POLY_ADDRESS: address,
    POLY_SIGNATURE: await signOrderHash(clobAuthHash({ address, ...said }), privateKey),
    POLY_TIMESTAMP: said.timestamp,
    POLY_NONCE: said.nonce.toString(),
  };
}
