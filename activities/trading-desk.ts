import type { Kysely } from 'kysely';
import type {
  Book,
  CustodyTerms,
  Instrument,
  Market,
  Mode,
  Pair,
  RiskPolicy,
  TradeTerms,
  Venue,
  VenueName,
} from '../domain/index.js';
import type { Database } from '../store/index.js';
import type { FreezeWord } from './freeze-word.js';
import type { Reached } from './points.js';

/** Everything that the activities act with; handed in by the process that runs them. */
export interface TradingDesk {
  readonly db: Kysely<Database>;
  readonly mode: Mode;
  readonly freezes: FreezeWord;
  readonly policy: RiskPolicy;
  readonly terms: TradeTerms;
  readonly custody: CustodyTerms;
  /** Our account at a venue; throws `InvariantError` where none is wired. */
  readonly venueOf: (venue: VenueName, account: string) => Venue;
  readonly pairOf: (pairId: string) => Pair | undefined;
  readonly pairs: () => readonly Pair[];
  /** This process' own books; staleness is judged by them. */
  readonly bookOf: (instrument: Instrument) => Book | undefined;
  readonly nowMs: () => number;
  readonly warn: (about: object, message: string) => void;
  /** Where a crash is its own case (`points.ts`); costs one call that does nothing. */
  readonly reached: Reached;
}

/** The market of one of the pair's instruments. */
export function marketOf(pair: Pair, { venue, market }: Instrument): Market | undefined {
  return pair[venue].market === market ? pair[venue] : undefined;
}
