import { type Level, type Market, money, price, quantity } from '../../domain/index.js';
import { createKalshiCredentials, type KalshiCredentials } from '../../venues/kalshi/index.js';
import { startKalshiSimulator } from '../../venues/kalshi/simulator/index.js';
import {
  createFaults,
  memoryLedger,
  type OpenExchange,
  openExchange,
  venueRules,
} from '../../venues/simulation/index.js';
import { rain as rainBefore } from '../kalshi/fixtures/orders.js';

/** Making a key costs a tenth of a second: one each for all tests. */
export const desk = createKalshiCredentials();
export const rival = createKalshiCredentials();
export const stranger: KalshiCredentials = createKalshiCredentials();

export const RAIN = 'KXRAIN-26NOV21';
export const SUN = 'KXSUN-26NOV21';
const CLOSES_MS = 86_400_000;
/** What is older than this stands in the historical listings only. */
export const ARCHIVED_AFTER_MS = 7 * 86_400_000;

export interface KalshiAt {
  readonly exchange: OpenExchange;
  /** With `/trade-api/v2`. */
  readonly url: string;
  /** Moves the exchange's clock; requests are signed by the machine's. */
  readonly later: (ms: number) => void;
  readonly close: () => Promise<void>;
}

export interface KalshiOptions {
  /** How far the venue's clock is ahead of ours, milliseconds. */
  readonly skewMs?: number;
  /** Whose key the desk's account has at this venue. */
  readonly desk?: KalshiCredentials;
}

/** A Kalshi with two markets and a crowd that shows 50 @ 0.47, 50 @ 0.48 and 6 @ 0.50, 50 @ 0.52. */
export async function openKalshi(options: KalshiOptions = {}): Promise<KalshiAt> {
  const { skewMs = 0 } = options;
  const openedAtMs = Date.now();
  let shiftMs = 0;
  const listed = [RAIN, SUN].map((market) => marketOf(market, openedAtMs));
  const exchange = openExchange({
    venue: 'kalshi',
    seed: 7,
    now: () => Date.now() + shiftMs,
    ledger: memoryLedger(),
    accounts: ['desk', 'rival'].map((account) => ({ account, cash: money('1000') })),
    script: {
      returnsAfterMs: 60_000,
      listedBetween: (afterMs, untilMs) =>
        afterMs < openedAtMs && openedAtMs <= untilMs ? listed : [],
      quotes: () => quotes,
    },
    faults: createFaults({ seed: 7, profile: 'none' }),
    rules: venueRules.kalshi,
  });
  const keys = Object.entries({ desk: options.desk ?? desk, rival }).map(
    ([account, { keyId, publicKeyPem }]) => ({
      ...{ account, keyId, publicKeyPem },
    }),
  );
  const nowMs = () => Date.now() + skewMs;
  const simulator = await startKalshiSimulator({
    ...{ exchange, port: 0, keys, nowMs },
    reads: { archiveAfterMs: ARCHIVED_AFTER_MS },
  });
  return {
    exchange,
    url: simulator.url,
    later: (ms) => {
      shiftMs += ms;
      exchange.advance();
    },
    close: async () => {
      await simulator.close();
      exchange.close();
    },
  };
}

function marketOf(market: string, openedAtMs: number) {
  const closesAtMs = openedAtMs + CLOSES_MS;
  const named: Market = { ...rainBefore, market, closesAtMs };
  return {
    market: named,
    listedAtMs: openedAtMs,
    resolvesAtMs: closesAtMs + 1_000,
    winner,
  } as const;
}

const winner = 'yes';
/** From now until every market has closed and is settled. */
export const UNTIL_SETTLED_MS = CLOSES_MS + 2_000;

const quotes = {
  bids: [level('50 @ 0.48'), level('50 @ 0.47')],
  asks: [level('6 @ 0.50'), level('50 @ 0.52')],
};

function level(text: string): Level {
  const [contracts = '', at = ''] = text.split(' @ ');
  return { price: price(at), quantity: quantity(contracts) };
}
