import type { Price, PriceBand, Quantity, Ratio } from '../../domain/index.js';
import { price, quantity, ratio } from '../../domain/index.js';

/** A kind of event that both venues always list, one generation after the other. */
export interface Topic {
  readonly name: string;
  readonly title: string;
  /** Kalshi's series: the first part of its tickers. */
  readonly series: string;
  readonly kalshiBands: readonly PriceBand[];
  readonly kalshiMultiplier: Ratio;
  readonly polymarketTick: Price;
  readonly polymarketRate: Ratio;
  readonly polymarketMinimum: Quantity;
  readonly isNegRisk: boolean;
  readonly domainVersion: '2' | '3';
  /** Polymarket holds takers back here: Legwork denies such pairs by name. */
  readonly isTakerDelayed: boolean;
  /** Nobody has found the two rule texts to say the same: Legwork denies the pair by name. */
  readonly isApproved: boolean;
  /** Cents from the middle to each side's best quote, on both venues, while nothing is mispriced. */
  readonly halfSpreadCents: number;
}

const bands = (...ladder: readonly (readonly [string, string, string])[]): readonly PriceBand[] =>
  ladder.map(([start, end, step]) => ({ start: price(start), end: price(end), step: price(step) }));
const LINEAR_CENT = bands(['0', '1', '0.01']);
const TAPERED = bands(['0', '0.1', '0.001'], ['0.1', '0.9', '0.01'], ['0.9', '1', '0.001']);

/** A liquid pair: getting out of either leg costs less than the default loss limit. */
const LIQUID_CENTS = 2;
/** A thin one: who is left with the leg of the venue that was right stays with it. */
const THIN_CENTS = 6;

const usual = {
  kalshiBands: LINEAR_CENT,
  kalshiMultiplier: ratio('1'),
  polymarketTick: price('0.01'),
  polymarketRate: ratio('0.05'),
  polymarketMinimum: quantity('1'),
  isNegRisk: false,
  domainVersion: '2',
  isTakerDelayed: false,
  isApproved: true,
  halfSpreadCents: LIQUID_CENTS,
} as const;
const thin = { halfSpreadCents: THIN_CENTS } as const;

/** Sixteen pairs: usual ones, and among them every kind of market that an order must respect. */
export const topics: readonly Topic[] = [
  { ...usual, name: 'rain-nyc', title: 'Rain in New York', series: 'KXRAINNYC' },
  { ...usual, ...thin, name: 'snow-chi', title: 'Snow in Chicago', series: 'KXSNOWCHI' },
  {
    ...usual,
    name: 'btc-up',
    title: 'Bitcoin up',
    series: 'KXBTCD',
    polymarketRate: ratio('0.07'),
  },
  { ...usual, ...thin, name: 'eth-up', title: 'Ether up', series: 'KXETHD', domainVersion: '3' },
  {
    ...usual,
    ...thin,
    name: 'cpi-high',
    title: 'CPI above forecast',
    series: 'KXCPI',
    isNegRisk: true,
  },
  { ...usual, name: 'fed-cut', title: 'Fed cuts', series: 'KXFED', kalshiBands: TAPERED },
  { ...usual, name: 'gdp-up', title: 'GDP grows', series: 'KXGDP' },
  {
    ...usual,
    name: 'gas-up',
    title: 'Gas price up',
    series: 'KXGAS',
    polymarketMinimum: quantity('5'),
  },
  {
    ...usual,
    ...thin,
    name: 'jobs-up',
    title: 'Payrolls beat',
    series: 'KXJOBS',
    domainVersion: '3',
  },
  {
    ...usual,
    name: 'spx-up',
    title: 'S&P 500 up',
    series: 'KXINX',
    kalshiMultiplier: ratio('0.5'),
  },
  { ...usual, ...thin, name: 'storm-fl', title: 'Storm in Florida', series: 'KXSTORM' },
  { ...usual, name: 'oil-up', title: 'Oil up', series: 'KXWTI', polymarketTick: price('0.001') },
  { ...usual, name: 'vote-pass', title: 'Bill passes', series: 'KXBILL', isNegRisk: true },
  { ...usual, name: 'goal-late', title: 'Late goal', series: 'KXGOAL', isTakerDelayed: true },
  {
    ...usual,
    name: 'heat-la',
    title: 'Heat in Los Angeles',
    series: 'KXHEATLA',
    isApproved: false,
  },
  { ...usual, name: 'truce', title: 'Truce holds', series: 'KXTRUCE', polymarketRate: ratio('0') },
];
