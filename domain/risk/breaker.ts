import type { Money } from '../money.js';
import { negate } from '../money.js';
import type { Denial } from './denial.js';
import type { BreakerState, Limits } from './risk-input.js';

const MS_PER_DAY = 86_400_000;

export interface BreakerTerms {
  /** "pair rain" or "all pairs": what the denial names. */
  readonly scope: string;
  readonly limits: Limits;
  readonly breakerResetMs: number;
  readonly nowMs: number;
}

type BreakerOpen = Extract<Denial, { readonly code: 'BREAKER_OPEN' }>;

/**
 * The breaker that is open, if one is. `errors`: so many in a row, until `breakerResetMs` after the
 * last, and never over open unknowns. `loss`: so much realised in a UTC day, until the next.
 */
export function openBreaker(state: BreakerState, terms: BreakerTerms): BreakerOpen | undefined {
  return errorsBreaker(state, terms) ?? lossBreaker(state, terms);
}

function errorsBreaker({ errors }: BreakerState, terms: BreakerTerms): BreakerOpen | undefined {
  const { scope, breakerResetMs, nowMs } = terms;
  if (errorsThatCount(errors, terms) < terms.limits.errorsInARowMax) return undefined;
  const resetAtMs = errors.lastAtMs + breakerResetMs;
  if (!errors.hasOpenUnknown && nowMs >= resetAtMs) return undefined;
  const untilMs = errors.hasOpenUnknown ? null : resetAtMs;
  return { code: 'BREAKER_OPEN', breaker: 'errors', scope, untilMs };
}

/** A row that opened the breaker is over at its reset: the next error is the first of a new row. */
function errorsThatCount(
  { count, atMs = [] }: BreakerState['errors'],
  { limits, breakerResetMs }: BreakerTerms,
): number {
  if (atMs.length < count) return count;
  let inRow = 0;
  for (const [index, errorAtMs] of atMs.entries()) {
    const before = atMs[index - 1] ?? errorAtMs;
    const wasReset = inRow >= limits.errorsInARowMax && errorAtMs >= before + breakerResetMs;
    inRow = wasReset ? 1 : inRow + 1;
  }
  return inRow;
}

function lossBreaker(
  { realisedToday }: BreakerState,
  terms: BreakerTerms,
): BreakerOpen | undefined {
  const { scope, limits, nowMs } = terms;
  const loss: Money = negate(realisedToday);
  if (loss < limits.lossPerDayMax) return undefined;
  const untilMs = (Math.floor(nowMs / MS_PER_DAY) + 1) * MS_PER_DAY;
  return { code: 'BREAKER_OPEN', breaker: 'loss', scope, untilMs };
}
