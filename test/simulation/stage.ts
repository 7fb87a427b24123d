import type { Level, Market, Outcome, VenueName } from '../../domain/index.js';
import { money, price, quantity, ratio } from '../../domain/index.js';
import type {
  CrowdQuotes,
  FaultKind,
  Ledger,
  MarketScript,
  OpenExchange,
  PlaceRequest,
} from '../../venues/simulation/index.js';
import {
  createFaults,
  memoryLedger,
  openExchange,
  venueRules,
} from '../../venues/simulation/index.js';

export const START_MS = 1_000_000;
export const MARKET = 'RAIN';

/** A clock that moves when the story says so. */
export interface Clock {
  nowMs: number;
}

export interface StageOptions {
  readonly isTakerDelayed?: boolean;
  readonly venue?: VenueName;
  readonly quotes?: Partial<CrowdQuotes>;
  readonly faults?: readonly FaultKind[];
  readonly ledger?: Ledger;
  readonly clock?: Clock;
  readonly winner?: Outcome;
  readonly returnsAfterMs?: number;
  readonly cash?: string;
}

export interface Stage {
  readonly exchange: OpenExchange;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly later: (ms: number) => void;
}

/** One market, one venue, two accounts of ours, and a crowd that quotes what the test says. */
export function stage(options: StageOptions = {}): Stage {
  const { venue = 'kalshi', clock = { nowMs: START_MS }, ledger = memoryLedger() } = options;
  const exchange = openExchange({
    venue,
    seed: 7,
    now: () => clock.nowMs,
    ledger,
    accounts: ['desk', 'rival'].map((account) => ({
      account,
      cash: money(options.cash ?? '1000'),
    })),
    script: scriptOf(venue, options),
    faults: createFaults({ seed: 7, profile: 'none', scripted: () => options.faults ?? [] }),
    rules: venueRules[venue],
  });
  const later = (ms: number) => {
    clock.nowMs += ms;
    exchange.advance();
  };
  return { exchange, clock, ledger, later };
}

export function level(text: string): Level {
  const [contracts = '', at = ''] = text.split(' @ ');
  return { price: price(at), quantity: quantity(contracts) };
}

/** "desk buy yes 10 @ 0.45 IOC": an order as the desk would say it. */
export function order(text: string, id: string = text): PlaceRequest {
  const [account = '', side, outcome, contracts = '', , at = '', timeInForce = 'IOC', ...flags] =
    text.split(' ');
  return {
    account,
    market: MARKET,
    outcome: outcome === 'no' ? 'no' : 'yes',
    side: side === 'sell' ? 'sell' : 'buy',
    limitPrice: price(at),
    timeInForce: timeInForce === 'GTC' || timeInForce === 'FOK' ? timeInForce : 'IOC',
    fixed: contracts.startsWith('$')
      ? { kind: 'collateral', collateral: money(contracts.slice(1)) }
      : { kind: 'contracts', contracts: quantity(contracts) },
    venueOrderId: `order/${id}`,
    clientKey: id,
    isReduceOnly: flags.includes('reduce-only'),
    isPostOnly: flags.includes('post-only'),
  };
}

function scriptOf(venue: VenueName, options: StageOptions): MarketScript {
  const market = { ...marketAt(venue), isTakerDelayed: options.isTakerDelayed ?? false };
  const scripted = {
    market,
    listedAtMs: START_MS,
    resolvesAtMs: market.closesAtMs + 1_000,
    winner: options.winner ?? 'yes',
  };
  return {
    returnsAfterMs: options.returnsAfterMs ?? 5_000,
    listedBetween: (afterMs, untilMs) =>
      afterMs < START_MS && START_MS <= untilMs ? [scripted] : [],
    quotes: () => ({ bids: [], asks: [], ...options.quotes }),
  };
}

function marketAt(venue: VenueName): Omit<Market, 'isTakerDelayed'> {
  const fees =
    venue === 'kalshi'
      ? ({ kind: 'kalshi_quadratic', rate: ratio('0.07'), multiplier: ratio('1') } as const)
      : ({ kind: 'polymarket_taker', rate: ratio('0.05'), powerOfVariance: 1 } as const);
  return {
    venue,
    market: MARKET,
    title: 'Rain tomorrow',
    priceBands: [{ start: price('0'), end: price('1'), step: price('0.01') }],
    lot: quantity('0.01'),
    minimumQuantity: quantity('1'),
    fees,
    closesAtMs: START_MS + 60_000,
    netsOutcomes: venue === 'kalshi',
  };
}
