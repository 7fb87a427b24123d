import { type Level, type Market, money, price, quantity } from '../../domain/index.js';
import {
  createPolymarketCredentials,
  type PolymarketCredentials,
} from '../../venues/polymarket/index.js';
import { startPolymarketSimulator } from '../../venues/polymarket/simulator/index.js';
import {
  createFaults,
  memoryLedger,
  type OpenExchange,
  openExchange,
  venueRules,
} from '../../venues/simulation/index.js';
import { rain as rainBefore } from '../polymarket/desk.js';

export const desk = createPolymarketCredentials('desk');
export const rival = createPolymarketCredentials('rival');
/** A wallet that the venue knows and that has no API key yet. */
export const newcomer = createPolymarketCredentials('newcomer');
export const stranger = createPolymarketCredentials('stranger');

const tokens = (yesToken: string, noToken: string) => ({ yesToken, noToken });
const market = (number: string, changes: Partial<Market>): Market => ({
  ...rainBefore,
  market: `0x${number.repeat(32)}`,
  ...changes,
});

/** Token ids as the venue's are: decimals of 256 bits, so that no client takes them for words. */
const token = (digit: string): string => digit.repeat(76);

/** One market of each domain that an order may be signed for. */
export const markets = {
  standard: market('aa', {
    title: 'Rain in Lisbon',
    tokens: { ...tokens(token('1'), token('2')), isNegRisk: false, domainVersion: '2' },
  }),
  negRisk: market('bb', {
    title: 'Sun in Lisbon',
    tokens: { ...tokens(token('3'), token('4')), isNegRisk: true, domainVersion: '2' },
  }),
  protocolV2: market('cc', {
    title: 'Wind in Lisbon',
    tokens: { ...tokens(token('5'), token('6')), isNegRisk: false, domainVersion: '3' },
  }),
} as const;
export type MarketName = keyof typeof markets;

export function yesOf(name: MarketName): string {
  return markets[name].tokens?.yesToken ?? '';
}

export interface PolymarketAt {
  readonly exchange: OpenExchange;
  /** Origin of the CLOB and the data API; Gamma is below `/gamma`. */
  readonly url: string;
  readonly later: (ms: number) => void;
  readonly close: () => Promise<void>;
}

export interface PolymarketOptions {
  /** How far the venue's clock is ahead of ours, milliseconds. */
  readonly skewMs?: number;
  /** Whose keys the desk's account has at this venue. */
  readonly desk?: PolymarketCredentials;
}

/** A Polymarket with three markets, each with 50 @ 0.48 bid and 6 @ 0.50, 50 @ 0.52 offered. */
export async function openPolymarket(options: PolymarketOptions = {}): Promise<PolymarketAt> {
  const { skewMs = 0 } = options;
  let shiftMs = skewMs;
  const openedAtMs = Date.now() + skewMs;
  const listed = Object.values(markets).map((one) => ({
    ...{ market: one, listedAtMs: openedAtMs, winner: 'yes' as const },
    resolvesAtMs: openedAtMs + 86_400_000,
  }));
  const people: Readonly<Record<string, PolymarketCredentials>> = {
    ...{ desk: options.desk ?? desk, rival, newcomer },
  };
  const exchange = openExchange({
    venue: 'polymarket',
    seed: 7,
    now: () => Date.now() + shiftMs,
    ledger: memoryLedger(),
    accounts: Object.keys(people).map((account) => ({ account, cash: money('1000') })),
    script: {
      returnsAfterMs: 60_000,
      listedBetween: (afterMs, untilMs) =>
        afterMs < openedAtMs && openedAtMs <= untilMs ? listed : [],
      quotes: () => quotes,
    },
    faults: createFaults({ seed: 7, profile: 'none' }),
    rules: venueRules.polymarket,
  });
  const accounts = Object.entries(people).map(([account, credentials]) => ({
    ...{ account, credentials, isKeyless: account === 'newcomer' },
  }));
  const simulator = await startPolymarketSimulator({ exchange, port: 0, accounts });
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

const quotes = {
  bids: [level('50 @ 0.48')],
  asks: [level('6 @ 0.50'), level('50 @ 0.52')],
};

function level(text: string): Level {
  const [contracts = '', at = ''] = text.split(' @ ');
  return { price: price(at), quantity: quantity(contracts) };
}
