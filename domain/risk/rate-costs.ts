import type { VenueName } from '../instrument.js';

/** Tokens of the write bucket (Kalshi: venues.md 1.7, "default cost 10; cancel 2"). */
export interface RateCosts {
  readonly place: number;
  readonly cancel: number;
}

/** Venues that count what an account asks. Polymarket counts orders per second, far above ours. */
export const rateCosts: Readonly<Partial<Record<VenueName, RateCosts>>> = {
  kalshi: { place: 10, cancel: 2 },
};

/** An exit order may wait for its tokens so long: after this it is priced anew. */
export const EXIT_TOKENS_WAIT_MS = 2_000;
