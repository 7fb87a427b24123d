import type { MarketDirectory } from './market-directory.js';
import type { PolymarketReads } from './reads.js';
import type { Owner } from './trade-rows.js';

/** What is needed to read one of our accounts. */
export interface AccountAccess {
  readonly reads: PolymarketReads;
  readonly directory: MarketDirectory;
  readonly owner: Owner;
}
