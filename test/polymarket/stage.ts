import type { Level } from '../../domain/book.js';
import { clientOrderIdOf, polymarketSalt } from '../../domain/ids.js';
import type { Market, Outcome } from '../../domain/instrument.js';
import { money, price, quantity } from '../../domain/money.js';
import type { Venue } from '../../domain/venue.js';
import {
  createPolymarketCredentials,
  createPolymarketVenue,
} from '../../venues/polymarket/index.js';
import {
  type PolymarketSimulator,
  startPolymarketSimulator,
} from '../../venues/polymarket/simulator/index.js';
import {
  createFaults,
  type FaultKind,
  type FaultProfile,
  type Ledger,
  memoryLedger,
  type OpenExchange,
  openExchange,
  venueRules,
} from '../../venues/simulation/index.js';
import { rain } from './desk.js';

export const START_MS = 1_700_000_000_000;
export const credentials = createPolymarketCredentials('desk');
export const rivalCredentials = createPolymarketCredentials('rival');

export interface Stage {
  readonly exchange: OpenExchange;
  readonly simulator: PolymarketSimulator;
  readonly venue: Venue;
  readonly ledger: Ledger;
  /** The one clock of venue and desk. */
  readonly nowMs: () => number;
  /** Moves the clock, and lets the exchange do what is due by then. */
  readonly later: (ms: number) => void;
  /** The quotes of the crowd from now on, as "contracts @ price", best first. */
  readonly quote: (bids: readonly string[], asks: readonly string[]) => void;
  readonly close: () => Promise<void>;
}

export interface StageOptions {
  readonly bids?: readonly string[];
  readonly asks?: readonly string[];
  /** Faults by the name of the order's ticket. */
  readonly faults?: Readonly<Record<string, readonly FaultKind[]>>;
  readonly cash?: string;
  readonly market?: Market;
  readonly winner?: Outcome;
  /** Draws faults for every order, instead of naming them. */
  readonly profile?: FaultProfile;
}

/** One market on a venue that answers on a real port, and the desk's adapter in front of it. */
export async function stage(options: StageOptions = {}): Promise<Stage> {
  const { market = rain, cash = '1000', winner = 'yes', faults = {} } = options;
  let clockMs = START_MS;
  let quotes = { bids: levels(options.bids), asks: levels(options.asks) };
  const nowMs = () => clockMs;
  const bySalt = new Map(
    Object.entries(faults).map(([name, kinds]) => [saltOf(name), kinds] as const),
  );
  const ledger = memoryLedger();
  const exchange = openExchange({
    venue: 'polymarket',
    seed: 7,
    now: nowMs,
    ledger,
    accounts: ['desk', 'rival'].map((account) => ({ account, cash: money(cash) })),
    script: {
      returnsAfterMs: 1,
      listedBetween: (afterMs, untilMs) =>
        afterMs < START_MS && START_MS <= untilMs
          ? [{ market, listedAtMs: START_MS, resolvesAtMs: RESOLVES_MS, winner }]
          : [],
      quotes: () => quotes,
    },
    faults: createFaults({
      seed: 7,
      profile: options.profile ?? 'none',
      ...(options.profile ? {} : { scripted: (key) => bySalt.get(key) ?? [] }),
      terms: { lateAnswerMs: 50 },
    }),
    rules: venueRules.polymarket,
  });
  const simulator = await startPolymarketSimulator({
    exchange,
    port: 0,
    accounts: [
      { account: 'desk', credentials },
      { account: 'rival', credentials: rivalCredentials },
    ],
  });
  const venue = createPolymarketVenue({
    account: 'desk',
    credentials,
    baseUrl: simulator.url,
    nowMs,
  });
  return {
    ...{ exchange, simulator, venue, nowMs, ledger },
    later: (ms) => {
      clockMs += ms;
      exchange.advance();
    },
    quote: (bids, asks) => {
      quotes = { bids: levels(bids), asks: levels(asks) };
      exchange.advance();
    },
    close: async () => {
      await venue.close();
      await simulator.close();
      exchange.close();
    },
  };
}

/** A market of the stage is decided this long after the start. */
export const RESOLVES_MS = START_MS + 3_600_000;

const saltOf = (name: string): string =>
  polymarketSalt(clientOrderIdOf('arbitrage/test', name, 0)).toString();

function levels(texts: readonly string[] = []): readonly Level[] {
  return texts.map((text) => {
    const [contracts = '', at = ''] = text.split(' @ ');
    return { price: price(at), quantity: quantity(contracts) };
  });
}
