import type { Price } from '../money.js';
import { price } from '../money.js';

/** What getting out may lose per contract where the terms do not say (DESIGN §6). */
export const DEFAULT_LOSS_MAX = price('0.10');

/** How the excess of a mismatched trade is got rid of (DESIGN §6). */
export interface ExitTerms {
  /** `cheapest` of complete, complement, sell; `step_down` is the plain ladder of seed 001. */
  readonly policy: 'cheapest' | 'step_down';
  /**
   * The most that getting out may lose per contract after fees. Absent = `DEFAULT_LOSS_MAX`, but
   * unbounded under `step_down`.
   */
  readonly lossMax?: Price;
  /** Nothing is sold below this. Absent = one cent, as in seed 001. */
  readonly priceMin?: Price;
  /** Polymarket shares are sold this long after their match at the earliest, and only CONFIRMED. */
  readonly settleDelayMs: number;
  readonly rungDelayMs: number;
  /** A rung goes down by the larger of this and the tick. */
  readonly step: Price;
  /** How long refusals for funds, rate or venue state are waited out at one price. */
  readonly refusalWaitMsMax: number;
}

/** Every duration and bound that a trade runs by; an input, so that tests run in milliseconds. */
export interface TradeTerms {
  readonly exit: ExitTerms;
  /** An order that stays unknown this long freezes its pair. */
  readonly unknownMaxMs: number;
  /** After a shot, how long the private stream may tell of fills before we ask. */
  readonly reportWaitMs: number;
  /** Asking again: first, then doubled up to the most. */
  readonly askEveryMs: number;
  readonly askEveryMsMax: number;
  /** How far past `notAfter` an order may still appear at a venue. */
  readonly latenessMs: number;
  /** The shot's HTTP deadline. */
  readonly answerTimeoutMs: number;
  /** After a trade that had a shot, how long its pair stays held (seed 001's delayed release). */
  readonly holdAfterMs: number;
}
