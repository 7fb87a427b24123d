import type { Freeze } from '../freeze/freeze.js';
import type { VenueName } from '../instrument.js';
import type { Money, Price, Quantity } from '../money.js';

/** Why a trade stopped before the wire: the broken rule by name, with the numbers that explain it. */
export type Denial =
  | { readonly code: 'PAIR_UNKNOWN'; readonly pairId: string }
  | { readonly code: 'PAIR_NOT_APPROVED'; readonly pairId: string }
  | { readonly code: 'PAIR_IN_FLIGHT'; readonly holder: string; readonly untilMs: number | null }
  | { readonly code: 'BOOK_CROSSED'; readonly type: string }
  | { readonly code: 'TAKER_DELAYED'; readonly market: string }
  | {
      readonly code: 'FROZEN';
      readonly freezeId: string;
      readonly cause: Freeze['cause'];
      readonly why: string;
    }
  | { readonly code: 'TOO_LATE'; readonly notAfterMs: number; readonly nowMs: number }
  | { readonly code: 'MARKET_CLOSING'; readonly closesAtMs: number; readonly nowMs: number }
  | {
      readonly code: 'VENUE_PAUSING';
      readonly venue: VenueName;
      readonly fromMs: number;
      /** `null`: nobody has said. */
      readonly untilMs: number | null;
      readonly nowMs: number;
    }
  /** Every entry is under the venue's own switch; this pair's is not there yet, or is thrown. */
  | { readonly code: 'ORDER_GROUP_MISSING'; readonly pairId: string }
  | { readonly code: 'ORDER_GROUP_TRIGGERED'; readonly pairId: string; readonly groupId: string }
  | { readonly code: 'BOOK_MISSING'; readonly instrument: string }
  | {
      readonly code: 'BOOK_STALE';
      readonly instrument: string;
      readonly silentMs: number;
      readonly limitMs: number;
    }
  | { readonly code: 'EDGE_TOO_SMALL'; readonly edge: Price; readonly edgeMin: Price }
  | {
      readonly code: 'LIQUIDITY_TOO_SMALL';
      readonly contracts: Quantity;
      readonly minimumQuantity: Quantity;
    }
  | { readonly code: 'ACCOUNT_UNKNOWN'; readonly account: string }
  | { readonly code: 'LIMITS_MISSING'; readonly account: string }
  | { readonly code: 'BALANCE_MISSING'; readonly venue: VenueName }
  | {
      readonly code: 'BALANCE_STALE';
      readonly venue: VenueName;
      readonly ageMs: number;
      readonly limitMs: number;
    }
  | {
      readonly code: 'CASH_TOO_SMALL';
      readonly venue: VenueName;
      readonly cost: Money;
      readonly balance: Money;
    }
  | {
      readonly code: 'EXIT_CAPACITY_TOO_SMALL';
      readonly venue: VenueName;
      readonly cost: Money;
      readonly balance: Money;
    }
  | {
      readonly code: 'POSITION_TOO_LARGE';
      readonly instrument: string;
      readonly contracts: Quantity;
      readonly limit: Quantity;
    }
  | { readonly code: 'TOO_MANY_POSITIONS'; readonly positions: number; readonly limitCount: number }
  | { readonly code: 'EXPOSURE_TOO_LARGE'; readonly exposure: Money; readonly limit: Money }
  | { readonly code: 'RATE_TOO_HIGH'; readonly executions: number; readonly limitCount: number }
  /** The venue's rate would not let this trade enter and every open trade get out in time. */
  | {
      readonly code: 'RATE_EXHAUSTED';
      readonly venue: VenueName;
      readonly tokens: number;
      readonly tokensNeeded: number;
    }
  | { readonly code: 'OPPOSITE_POSITION'; readonly instrument: string; readonly held: Quantity }
  | {
      readonly code: 'BREAKER_OPEN';
      readonly breaker: 'errors' | 'loss';
      readonly scope: string;
      readonly untilMs: number | null;
    }
  /** Since its booker began, nobody has looked at this venue for what was left without an owner. */
  | { readonly code: 'CUSTODY_NOT_SWEPT'; readonly venue: VenueName }
  /** An engine's pair alone is fired, and armed: nobody owns this one, or its owner has gone. */
  | { readonly code: 'PAIR_UNOWNED'; readonly pairId: string }
  | { readonly code: 'OWNER_GONE'; readonly pairId: string }
  /** What was lent of the pair before is not closed yet. */
  | { readonly code: 'LEASE_OPEN'; readonly pairId: string }
  /** Whoever has asked for it by this name has ended before it was lent. */
  | { readonly code: 'LEASE_RECALLED'; readonly pairId: string }
  /** Where the venue nets, both directions of one pair would sell each other's legs. */
  | { readonly code: 'DIRECTIONS_NET'; readonly market: string }
  /** The budget does not hold one shot of the size that was asked for. */
  | {
      readonly code: 'BUDGET_TOO_SMALL';
      readonly contracts: Quantity;
      readonly contractsMax: Quantity;
    }
  /** The engine does not arm the pair, and says why; or it does not answer. */
  | { readonly code: 'NOT_ARMED'; readonly host: string; readonly reason: string }
  | { readonly code: 'CANCELED' }
  /** The id was used before, for another content. */
  | { readonly code: 'INTENT_EXISTS'; readonly intentId: string }
  | { readonly code: 'INTENT_MISMATCH'; readonly door: string }
  /** Approved, and stopped at the last gate: no byte of any leg left. */
  | { readonly code: 'NOT_DISPATCHED'; readonly reason?: string };

export type DenialCode = Denial['code'];
