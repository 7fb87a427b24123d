import type { crossVenueTypes } from '../arbitrage/best-arbitrage.js';
import type { Money, Price, Quantity } from '../money.js';

export const firesWhen = ['at_ticks', 'on_request'] as const;
/**
 * When an engine fires an armed pair: from the market-data tick itself, or only what a strategy asks
 * for over its socket. Such requests spend from the same lease either way.
 */
export type Fires = (typeof firesWhen)[number];

/** Both legs in one book are a venue's own fault, and nobody lends for them. */
export type ArmedType = (typeof crossVenueTypes)[number];

/** What every shot is held to; may be changed while the pair is armed. */
export interface ArmTerms {
  /** The most that one shot buys of either leg. */
  readonly contractsMax: Quantity;
  /** The least net gain per contract, after both venues' fees. */
  readonly edgeMin: Price;
  /** So long after its decision no first byte of a shot may leave. */
  readonly validMs: number;
}

/** What all shots together may take, whoever asks for them. */
export interface ArmBudget {
  /** What may be lost in all, worst case, fees included. */
  readonly exposure: Money;
  /** Contracts of either leg in all: it bounds what must be there to get out of them. */
  readonly contracts: Quantity;
}

/** What an operator or a strategy asks for: fire this pair by yourself, within this. */
export interface ArmRequest extends ArmTerms {
  readonly pairId: string;
  readonly account: string;
  readonly strategy: string;
  readonly fires: Fires;
  readonly types: readonly ArmedType[];
  readonly budget: ArmBudget;
  /** From then on nothing is fired, epoch milliseconds. */
  readonly expiresAtMs: number;
}

/**
 * A lease runs out so long after its holder was last heard. Nobody else may spend what it lends
 * before that, unless the holder is known to be gone.
 */
export const LEASE_TERM_MS = 10_000;
