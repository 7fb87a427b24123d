import type {
  MarketFeed,
  Pair,
  PrivateStream,
  RateBudget,
  Venue,
  VenueName,
} from '../domain/index.js';
import {
  createKalshiFeed,
  createKalshiPrivateStream,
  createKalshiVenue,
  createPolymarketFeed,
  createPolymarketVenue,
  openPolymarketStream,
} from '../venues/index.js';
import type { ProcessConfig } from './config.js';
import { simulatedCredentials } from './credentials.js';

const KALSHI_API = '/trade-api/v2';
const KALSHI_STREAM = '/trade-api/ws/v2';
const nowMs = Date.now;

export type Feeds = Readonly<Record<VenueName, MarketFeed>>;

/** What is shared with every process of our accounts, per venue that counts. */
export type Budgets = Readonly<Partial<Record<VenueName, RateBudget>>>;

/** What has to be known to reach an account at the venues. */
export type VenuePlace = Pick<ProcessConfig, 'account' | 'venues'> & {
  readonly folders: Pick<ProcessConfig['folders'], 'credentials'>;
};

/** Our account at every venue. */
export function openVenues(config: VenuePlace, budgets: Budgets = {}): readonly Venue[] {
  const { account } = config;
  const { kalshi, polymarket } = simulatedCredentials(config.folders.credentials, account);
  const kalshiUrl = `${urlOf(config, 'kalshi')}${KALSHI_API}`;
  return [
    createKalshiVenue({
      ...{ account, credentials: kalshi, baseUrl: kalshiUrl, nowMs },
      ...(budgets.kalshi && { budget: budgets.kalshi }),
    }),
    createPolymarketVenue({
      account,
      credentials: polymarket,
      baseUrl: urlOf(config, 'polymarket'),
      nowMs,
    }),
  ];
}

/** The public books of every venue. */
export function openFeeds(config: ProcessConfig): Feeds {
  const { kalshi } = simulatedCredentials(config.folders.credentials, config.account);
  const kalshiUrl = `${streamUrlOf(config, 'kalshi')}${KALSHI_STREAM}`;
  return {
    kalshi: createKalshiFeed({ credentials: kalshi, wsUrl: kalshiUrl, nowMs }),
    polymarket: createPolymarketFeed({ wsUrl: streamUrlOf(config, 'polymarket'), nowMs }),
  };
}

export function subscribePairs(feeds: Feeds, pairs: readonly Pair[]): void {
  for (const name of ['kalshi', 'polymarket'] as const) {
    feeds[name].subscribe(pairs.map((pair) => pair[name]));
  }
}

/** What one venue says of our account as it happens. */
export function openStream(config: ProcessConfig, venue: VenueName): PrivateStream {
  const { account } = config;
  const { kalshi, polymarket } = simulatedCredentials(config.folders.credentials, account);
  const wsUrl = streamUrlOf(config, venue);
  if (venue === 'kalshi') {
    const options = { account, credentials: kalshi, wsUrl: `${wsUrl}${KALSHI_STREAM}`, nowMs };
    return createKalshiPrivateStream(options);
  }
  const baseUrl = urlOf(config, venue);
  return openPolymarketStream({ account, credentials: polymarket, wsUrl, baseUrl, nowMs });
}

function urlOf({ venues }: Pick<VenuePlace, 'venues'>, venue: VenueName): string {
  const url = venues[venue];
  if (url === undefined) throw new Error(`no address of ${venue} in this process's configuration`);
  return url.replace(/\/$/, '');
}

const streamUrlOf = (config: ProcessConfig, venue: VenueName): string =>
  urlOf(config, venue).replace(/^http/, 'ws');
