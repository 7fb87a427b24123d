import type { Logger } from 'pino';
import type { Reached, TradingDesk } from '../../activities/index.js';
import {
  assert,
  type CustodyTerms,
  type Pair,
  type RateLimits,
  type RiskPolicy,
  type TradeTerms,
  type Venue,
  type VenueName,
} from '../../domain/index.js';
import type { ProcessConfig } from '../config.js';
import { openPairFile } from '../pair-file.js';
import { openFeeds, openVenues, subscribePairs } from '../venue-access.js';
import type { Control } from './control.js';
import { deskCustody, deskPolicy, deskRates, deskTerms } from './desk-terms.js';
import { openRateBudget } from './rate-budget.js';

export interface OpenDesk {
  readonly trading: TradingDesk;
  readonly venues: readonly Venue[];
  readonly pairs: () => readonly Pair[];
  readonly close: () => Promise<void>;
}

export interface DeskOptions {
  readonly config: ProcessConfig;
  readonly log: Logger;
  readonly control: Control;
  readonly reached: Reached;
  readonly terms?: TradeTerms;
  readonly policy?: RiskPolicy;
  readonly custody?: CustodyTerms;
  readonly kalshiRates?: RateLimits;
}

/** The venues, the books and the pairs of this process: what its activities act with. */
export async function openDesk(options: DeskOptions): Promise<OpenDesk> {
  const { config, log, control, reached, ...given } = options;
  const budget = await openRateBudget({
    ...{ db: control.db, venue: 'kalshi', account: config.account },
    limits: options.kalshiRates ?? deskRates(config),
  });
  const venues = openVenues(config, { kalshi: budget });
  const feeds = openFeeds(config);
  const pairFile = await openPairFile(config.pairFile, {
    log,
    onChange: (pairs) => {
      subscribePairs(feeds, pairs);
    },
  });
  subscribePairs(feeds, pairFile.pairs());

  const trading: TradingDesk = {
    db: control.db,
    mode: config.mode,
    freezes: control.freezes,
    policy: given.policy ?? deskPolicy(config),
    terms: given.terms ?? deskTerms(config),
    custody: given.custody ?? deskCustody(config),
    venueOf: (name, account) => venueOf(venues, name, account),
    pairOf: (pairId) => pairFile.pair(pairId),
    pairs: () => pairFile.pairs(),
    bookOf: (instrument) => feeds[instrument.venue].book(instrument),
    nowMs: Date.now,
    warn: (about, message) => {
      log.warn(about, message);
    },
    reached,
  };
  return {
    trading,
    venues,
    pairs: () => pairFile.pairs(),
    close: async () => {
      pairFile.close();
      const open = [...Object.values(feeds), ...venues];
      await Promise.all(open.map((one) => one.close()));
    },
  };
}

function venueOf(venues: readonly Venue[], name: VenueName, account: string): Venue {
  const found = venues.find((venue) => venue.name === name && venue.account === account);
  assert(found !== undefined, `account ${account} is wired to ${name}`);
  return found;
}
