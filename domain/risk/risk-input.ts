import type { ArbitrageIntent } from '../arbitrage-intent.js';
import type { ChildOrder } from '../child-order.js';
import type { Freeze } from '../freeze/freeze.js';
import type { Instrument, VenueName } from '../instrument.js';
import type { Money, Price, Quantity } from '../money.js';
import type { Pair } from '../pair.js';
import type { ExitTerms } from '../trade/terms.js';
import type { Pause } from '../venue.js';

/** Bounds on one account; versioned and audited in Postgres, dynamic only downwards. */
export interface Limits {
  readonly version: number;
  /** Contracts per position. */
  readonly positionMax: Quantity;
  readonly positionsMaxCount: number;
  readonly exposureMax: Money;
  readonly executionsPerMinuteMax: number;
  /** An intent larger than this per pair is cut to it (the `contracts` breaker). */
  readonly contractsPerPairMax: Quantity;
  /** Errors in a row, per pair and in total, that open the `errors` breaker. */
  readonly errorsInARowMax: number;
  /** Realised in a UTC day, per pair and in total, that opens the `loss` breaker. */
  readonly lossPerDayMax: Money;
}

/** The worst case of everything of one trade that is not certain yet. */
export interface Reservation {
  readonly workflowId: string;
  readonly account: string;
  readonly pairId: string;
  /** What could be lost. */
  readonly exposure: Money;
  readonly legs: readonly ReservedLeg[];
}

export interface ReservedLeg {
  readonly instrument: Instrument;
  /** The legal maximum of the leg's order. */
  readonly contracts: Quantity;
  /** Cash that the entry may take on this venue, fees included. */
  readonly cash: Money;
  /** Cash to complete here the largest excess that the other leg may leave. */
  readonly exitCash: Money;
}

export interface BreakerState {
  /** Consecutive errors and when the last was; `hasOpenUnknown`: it may not reset over these. */
  readonly errors: {
    readonly count: number;
    readonly lastAtMs: number;
    /** When each of them was, oldest first; absent = all of them were at `lastAtMs`. */
    readonly atMs?: readonly number[];
    readonly hasOpenUnknown: boolean;
  };
  /** Realised today (UTC), negative for a loss. */
  readonly realisedToday: Money;
}

export interface HeldPosition {
  readonly instrument: Instrument;
  readonly quantity: Quantity;
  /** What it cost; unknown, each contract counts as the dollar that it may pay. */
  readonly cost?: Money;
}

/** What Postgres says of an account, read under its lock in the transaction that reserves. */
export interface AccountState {
  readonly limits?: Limits;
  readonly freezes: readonly Freeze[];
  /** The live hold on the pair, by another trade. `untilMs` null: unresolved. */
  readonly hold?: { readonly holder: string; readonly untilMs: number | null };
  /** Booked, non-zero. */
  readonly positions: readonly HeldPosition[];
  /** Of other trades, open. */
  readonly reservations: readonly Reservation[];
  readonly balances: Readonly<
    Partial<Record<VenueName, { readonly balance: Money; readonly atMs: number }>>
  >;
  readonly executionsLastMinute: number;
  /** The pair's group at Kalshi; absent while there is none. */
  readonly orderGroup?: { readonly groupId: string; readonly isTriggered: boolean };
  /** The host whose engine owns the pair; absent: no engine does. */
  readonly engineHost?: string;
  /** What the venue's write bucket holds now; absent where a venue counts nothing of ours. */
  readonly rateTokens?: Readonly<
    Partial<Record<VenueName, { readonly tokens: number; readonly refillPerSecond: number }>>
  >;
  /** When a venue takes no orders, as it has announced. */
  readonly pauses: readonly (Pause & { readonly venue: VenueName })[];
  readonly breakers: { readonly pair: BreakerState; readonly total: BreakerState };
}

/** One leg's book as the deciding process has it. */
export interface BookAge {
  readonly instrument: Instrument;
  readonly isThere: boolean;
  readonly hasGap: boolean;
  readonly heardAtMs: number;
}

export interface RiskPolicy {
  readonly bookSilenceMsMax: number;
  readonly balanceAgeMsMax: number;
  readonly breakerResetMs: number;
  /** No entry this close to either market's close. */
  readonly closingMarginMs: number;
  /** No entry this close to a pause of either venue. */
  readonly pauseMarginMs: number;
  readonly exit: ExitTerms;
}

/** Everything that `review` looks at; it reads nothing else. */
export interface RiskInput {
  readonly nowMs: number;
  readonly intent: ArbitrageIntent;
  readonly pair: Pair;
  readonly entries: { readonly yesOrder: ChildOrder; readonly noOrder: ChildOrder };
  /** Net gain per contract at the books of now, after fees. */
  readonly edge: Price;
  readonly books: readonly BookAge[];
  readonly account: AccountState;
  readonly policy: RiskPolicy;
}
