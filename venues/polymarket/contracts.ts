import type { PolymarketTokens } from '../../domain/instrument.js';

export type Hex = `0x${string}`;

/** Where an order of a market settles: part of what is signed, so part of the order's id. */
export interface ExchangeContracts {
  readonly chainId: number;
  readonly standardV2: Hex;
  readonly negRiskV2: Hex;
  /** One contract for all markets of domain version "3". */
  readonly v3: Hex;
}

/** Polygon mainnet. Source: reference/venues.md 2.3; `eth_getCode` is checked before live use. */
export const polygonContracts: ExchangeContracts = {
  chainId: 137,
  standardV2: '0xE111180000d2663C0091e4f400237545B87B996B',
  negRiskV2: '0xe2222d279d744050d28e00520010520000310F59',
  v3: '0xe3333700cA9d93003F00f0F71f8515005F6c00Aa',
};

/** The contract that a market's orders are signed for: V3 no longer separates neg-risk markets. */
export function exchangeOf(
  contracts: ExchangeContracts,
  tokens: Pick<PolymarketTokens, 'domainVersion' | 'isNegRisk'>,
): Hex {
  if (tokens.domainVersion === '3') return contracts.v3;
  return tokens.isNegRisk ? contracts.negRiskV2 : contracts.standardV2;
}
