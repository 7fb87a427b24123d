import type { Outcome, Quantity } from '../../domain/index.js';
import type { SimulatedBalance } from './exchange.js';

/** What a venue's cache goes on saying of an account, and until when. */
export interface StaleBalances {
  readonly untilMs: number;
  readonly balance: SimulatedBalance;
  readonly market: string;
  /** Shares of that market that can be sold, as far as the cache knows. */
  readonly sellable: Readonly<Record<Outcome, Quantity>>;
}
