import type { DenialCode } from '../../domain/index.js';

/** What is true of a pair for as long as its file says so: asked once a minute, so that it shows. */
const STANDING_MS = 60_000;
/** What changes with the next tick: not asked about in a loop all the same. */
const PASSING_MS = 1_000;

const standing: ReadonlySet<DenialCode> = new Set<DenialCode>([
  'PAIR_UNKNOWN',
  'PAIR_NOT_APPROVED',
  'TAKER_DELAYED',
  'BOOK_CROSSED',
  'MARKET_CLOSING',
  'VENUE_PAUSING',
  'OPPOSITE_POSITION',
  'POSITION_TOO_LARGE',
  'ACCOUNT_UNKNOWN',
  'LIMITS_MISSING',
]);

/** How long a pair is left alone after a denial, milliseconds. */
export function restAfter(code: string): number {
  return [...standing].some((known) => known === code) ? STANDING_MS : PASSING_MS;
}

/** The offer was not answered: the intent may be running, and its hold will say so. */
export const restAfterFailureMs = 2_000;
