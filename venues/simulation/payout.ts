import { price as dollars, ONE_DOLLAR, type Outcome, type Price } from '../../domain/index.js';

/** What one YES of a market pays, and since when. */
export interface Payout {
  readonly yesPays: Price;
  readonly atMs: number;
}

export const yesPaysOf = (winner: Outcome): Price => (winner === 'yes' ? ONE_DOLLAR : dollars('0'));
