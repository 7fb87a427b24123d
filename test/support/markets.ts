import type { Book, Level } from '../../domain/book.js';
import type { FeeSchedule, Instrument, Market, PriceBand } from '../../domain/instrument.js';
import { price, quantity, ratio } from '../../domain/money.js';
import type { Pair } from '../../domain/pair.js';
import { ruleTextSha256 } from '../../venues/simulation/rule-text.js';

/** 07 % of the variance, as Kalshi charges takers of a general market. */
export const kalshiFees: FeeSchedule & { kind: 'kalshi_quadratic' } = {
  kind: 'kalshi_quadratic',
  rate: ratio('0.07'),
  multiplier: ratio('1'),
};

export const polymarketFees: FeeSchedule & { kind: 'polymarket_taker' } = {
  kind: 'polymarket_taker',
  rate: ratio('0.04'),
  powerOfVariance: 1,
};

export function band(start: string, end: string, step: string): PriceBand {
  return { start: price(start), end: price(end), step: price(step) };
}

/** Cents in the middle, tenths of a cent at both ends (Kalshi's `tapered_deci_cent`). */
export const taperedBands = [
  band('0.00', '0.10', '0.001'),
  band('0.10', '0.90', '0.01'),
  band('0.90', '1.00', '0.001'),
];

export function kalshiMarket(terms: Partial<Market> = {}): Market {
  return {
    venue: 'kalshi',
    market: 'KXRAIN-26NOV21',
    title: 'Rain in Seattle on November 21?',
    priceBands: [band('0.01', '0.99', '0.01')],
    lot: quantity('0.01'),
    minimumQuantity: quantity('0.01'),
    fees: kalshiFees,
    closesAtMs: 1_900_000_000_000,
    isTakerDelayed: false,
    netsOutcomes: true,
    ...terms,
  };
}

export function polymarketMarket(terms: Partial<Market> = {}): Market {
  return {
    venue: 'polymarket',
    market: '0x5f65177b394277fd294cd75650044e32ba009a95022d88a0c1d565897d72f8f1',
    title: 'Will it rain in Seattle on November 21?',
    priceBands: [band('0.01', '0.99', '0.01')],
    lot: quantity('0.01'),
    minimumQuantity: quantity('5'),
    fees: polymarketFees,
    closesAtMs: 1_900_000_000_000,
    isTakerDelayed: false,
    netsOutcomes: false,
    tokens: { yesToken: '1', noToken: '2', isNegRisk: false, domainVersion: '2' },
    ...terms,
  };
}

export function pairOf(kalshi: Partial<Market> = {}, polymarket: Partial<Market> = {}): Pair {
  const markets = { kalshi: kalshiMarket(kalshi), polymarket: polymarketMarket(polymarket) };
  return {
    pairId: 'rain-seattle',
    description: 'Rain in Seattle on November 21',
    ...markets,
    ruleTextSha256: {
      kalshi: ruleTextSha256(markets.kalshi),
      polymarket: ruleTextSha256(markets.polymarket),
    },
    approval: { by: 'desk', atMs: 1_800_000_000_000 },
  };
}

/** Levels as a desk writes them: "20 @ 0.40, 10 @ 0.41". */
export function levels(text: string): readonly Level[] {
  if (text.trim() === '') return [];
  return text.split(',').map((row) => {
    const [size = '', at = ''] = row.split('@').map((part) => part.trim());
    return { price: price(at), quantity: quantity(size) };
  });
}

export function bookOf(instrument: Instrument, sides: { bids?: string; asks?: string }): Book {
  return {
    instrument,
    bids: levels(sides.bids ?? ''),
    asks: levels(sides.asks ?? ''),
    heardAtMs: 0,
    hasGap: false,
  };
}
