import { sign } from 'viem/accounts';
import { hashTypedData, recoverAddress } from 'viem/utils';
import type { PolymarketTokens } from '../../domain/instrument.js';
import { type ExchangeContracts, exchangeOf, type Hex } from './contracts.js';

/**
 * The fields of an order that the maker signs; nothing else of the request is covered. Amounts are
 * in the contracts' unit, 10⁻⁶. A BUY gives collateral (`makerAmount`) for shares (`takerAmount`),
 * a SELL the reverse. Source: reference/venues.md 2.5.
 */
export interface OrderFields {
  /** At most 2⁵³−1, because it travels as a JSON number. */
  readonly salt: bigint;
  readonly maker: Hex;
  readonly signer: Hex;
  /** Decimal uint256. */
  readonly tokenId: string;
  readonly makerAmount: bigint;
  readonly takerAmount: bigint;
  readonly side: 'BUY' | 'SELL';
  /** 0: the signer's own account holds the funds (EOA). */
  readonly signatureType: 0;
  readonly timestampMs: number;
  /** 32 bytes each; zero unless told. A builder's code credits whoever made the client. */
  readonly metadata?: Hex;
  readonly builder?: Hex;
}

/** What the signature is bound to besides the order itself. */
export interface SigningDomain {
  readonly contracts: ExchangeContracts;
  readonly tokens: Pick<PolymarketTokens, 'domainVersion' | 'isNegRisk'>;
}

export const ZERO_BYTES32: Hex = `0x${'00'.repeat(32)}`;

const orderType = [
  { name: 'salt', type: 'uint256' },
  { name: 'maker', type: 'address' },
  { name: 'signer', type: 'address' },
  { name: 'tokenId', type: 'uint256' },
  { name: 'makerAmount', type: 'uint256' },
  { name: 'takerAmount', type: 'uint256' },
  { name: 'side', type: 'uint8' },
  { name: 'signatureType', type: 'uint8' },
  { name: 'timestamp', type: 'uint256' },
  { name: 'metadata', type: 'bytes32' },
  { name: 'builder', type: 'bytes32' },
] as const;

/** The EIP-712 hash of an order. It *is* the venue's order id, known before anything is sent. */
export function orderHash(order: OrderFields, domain: SigningDomain): Hex {
  return hashTypedData({
    domain: {
      name: 'Polymarket CTF Exchange',
      version: domain.tokens.domainVersion,
      chainId: domain.contracts.chainId,
      verifyingContract: exchangeOf(domain.contracts, domain.tokens),
    },
    types: { Order: orderType },
    primaryType: 'Order',
    message: {
      salt: order.salt,
      maker: order.maker,
      signer: order.signer,
      tokenId: BigInt(order.tokenId),
      makerAmount: order.makerAmount,
      takerAmount: order.takerAmount,
      side: order.side === 'BUY' ? 0 : 1,
      signatureType: order.signatureType,
      timestamp: BigInt(order.timestampMs),
      metadata: order.metadata ?? ZERO_BYTES32,
      builder: order.builder ?? ZERO_BYTES32,
    },
  });
}

/** The maker's ECDSA signature of an order hash: r, s and v in 65 bytes (deterministic, RFC 6979). */
export async function signOrderHash(hash: Hex, privateKey: Hex): Promise<Hex> {
  return sign({ hash, privateKey, to: 'hex' });
}

/** The address whose key made the signature; `undefined` where it is no signature at all. */
export async function signerOf(hash: Hex, signature: string): Promise<Hex | undefined> {
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature)) return undefined;
  try {
    return await recoverAddress({ hash, signature: signature as Hex }); // the pattern is the type
  } catch {
    return undefined; // a well-formed hex string that is no point of the curve
  }
}
