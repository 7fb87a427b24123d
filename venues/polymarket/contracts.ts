import { z } from 'zod';
import type { PolymarketTokens } from '../../domain/instrument.js';
import contracts from './contracts.json' with { type: 'json' };

export type Hex = `0x${string}`;

/** Where an order of a market settles: part of what is signed, so part of the order's id. */
export interface ExchangeContracts {
  readonly chainId: number;
  readonly standardV2: Hex;
  readonly negRiskV2: Hex;
  /** One contract for all markets of domain version "3". */
  readonly v3: Hex;
}

const addressShape = z.templateLiteral(['0x', z.string().regex(/^[0-9a-fA-F]{40}$/)]);

/**
 * Polygon mainnet; the native engine signs by the same file. Source: reference/venues.md 2.3;
 * `eth_getCode` is checked before live use.
 */
export const polygonContracts: ExchangeContracts = z
  .strictObject({
    chainId: z.int(),
    standardV2: addressShape,
    negRiskV2: addressShape,
    v3: addressShape,
  })
  .parse(contracts);

/** The contract that a market's orders are signed for: V3 no longer separates neg-risk markets. */
export function exchangeOf(
  contracts: ExchangeContracts,
  tokens: Pick<PolymarketTokens, 'domainVersion' | 'isNegRisk'>,
): Hex {
  if (tokens.domainVersion === '3') return contracts.v3;
  return tokens.isNegRisk ? contracts.negRiskV2 : contracts.standardV2;
}
