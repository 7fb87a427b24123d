import type { ArbitrageIntent } from '../../domain/arbitrage-intent.js';
import type { ChildOrder, Fixed } from '../../domain/child-order.js';
import type { Instrument, Market } from '../../domain/instrument.js';
import type { Money, Price, Quantity } from '../../domain/money.js';
import { add, money, negate, notional, price, quantity, ratio } from '../../domain/money.js';
import type { Pair } from '../../domain/pair.js';
import type { TradeTerms } from '../../domain/trade/terms.js';
import type { Admission } from '../../domain/trade/trade.js';
import type { Fill } from '../../domain/venue-entry.js';

/** Durations of the stories: short enough to be read, all different so that none stands for another. */
export const terms: TradeTerms = {
  exit: {
    policy: 'cheapest',
    lossMax: price('0.10'),
    settleDelayMs: 2_000,
    rungDelayMs: 100,
    step: price('0.01'),
    refusalWaitMsMax: 60_000,
  },
  unknownMaxMs: 5_000,
  reportWaitMs: 300,
  askEveryMs: 200,
  askEveryMsMax: 4_000,
  latenessMs: 10_000,
  answerTimeoutMs: 3_000,
  holdAfterMs: 10_000,
};

const bands = [{ start: price('0.01'), end: price('0.99'), step: price('0.01') }];

export const kalshiMarket: Market = {
  venue: 'kalshi',
  market: 'KXRAIN-26NOV21',
  title: 'Rain on 21 November',
  priceBands: bands,
  lot: quantity('0.01'),
  minimumQuantity: quantity('0.01'),
  fees: { kind: 'kalshi_quadratic', rate: ratio('0.07'), multiplier: ratio('1') },
  closesAtMs: 9_000_000,
  isTakerDelayed: false,
  netsOutcomes: true,
};

export const polymarketMarket: Market = {
  venue: 'polymarket',
  market: '0xrain',
  title: 'Rain on 21 November?',
  priceBands: bands,
  lot: quantity('0.01'),
  minimumQuantity: quantity('5'),
  fees: { kind: 'polymarket_taker', rate: ratio('0.05'), powerOfVariance: 1 },
  closesAtMs: 9_000_000,
  isTakerDelayed: false,
  netsOutcomes: false,
};

export const pair: Pair = {
  pairId: 'rain',
  description: 'Rain on 21 November',
  kalshi: kalshiMarket,
  polymarket: polymarketMarket,
  ruleTextSha256: { kalshi: 'aa', polymarket: 'bb' },
  approval: { by: 'ada', atMs: 0 },
};

export const polyYes: Instrument = { venue: 'polymarket', market: '0xrain', outcome: 'yes' };
export const kalshiNo: Instrument = { venue: 'kalshi', market: 'KXRAIN-26NOV21', outcome: 'no' };

export function intentOf(changes: Partial<ArbitrageIntent> = {}): ArbitrageIntent {
  return {
    intentId: 'desk.1.1',
    door: 'workflow',
    pairId: 'rain',
    type: 'poly_yes_kalshi_no',
    contractsMax: quantity('100'),
    limitPrice: { yes: price('0.52'), no: price('0.45') },
    observedAtMs: { yesMs: 0, noMs: 0 },
    edgeMin: price('0.01'),
    account: 'main',
    strategy: 'desk',
    notAfterMs: 1_000,
    dryRun: false,
    ...changes,
  };
}

export function orderOf(
  changes: Partial<ChildOrder> & Pick<ChildOrder, 'clientOrderId'>,
): ChildOrder {
  return {
    workflowId: 'arbitrage/desk.1.1',
    account: 'main',
    purpose: { kind: 'entry', leg: 'yes' },
    instrument: polyYes,
    side: 'buy',
    timeInForce: 'IOC',
    limitPrice: price('0.52'),
    fixed: { kind: 'contracts', contracts: quantity('100') },
    legalMaximum: quantity('100'),
    isReduceOnly: false,
    notAfterMs: 1_000,
    createdAtMs: 0,
    ...changes,
  };
}

/** How the Polymarket entry is sized: by contracts where a story counts, by collateral where it must. */
export interface StoryOptions {
  readonly intent?: Partial<ArbitrageIntent>;
  readonly terms?: TradeTerms;
  readonly polymarketFixed?: Fixed;
  readonly pair?: Pair;
}

/** Polymarket holds takers back, so Kalshi's leg stays at home. */
export const delayedPair: Pair = {
  ...pair,
  polymarket: { ...polymarketMarket, isTakerDelayed: true },
};

export function approvalFor(options: StoryOptions = {}): Extract<Admission, { kind: 'approved' }> {
  const contracts = { kind: 'contracts', contracts: quantity('100') } as const;
  const fixed = options.polymarketFixed ?? contracts;
  const isByCollateral = fixed.kind === 'collateral';
  const legalMaximum = quantity(isByCollateral ? '5200' : '100');
  return {
    kind: 'approved',
    pair: options.pair ?? pair,
    terms: options.terms ?? terms,
    entries: {
      yesOrder: orderOf({ clientOrderId: 'poly', fixed, legalMaximum }),
      noOrder: orderOf({
        clientOrderId: 'kalshi',
        purpose: { kind: 'entry', leg: 'no' },
        instrument: kalshiNo,
        limitPrice: price('0.45'),
      }),
    },
    atMs: 0,
  };
}

interface Match {
  readonly executionId: string;
  readonly contracts: Quantity;
  readonly price: Price;
  readonly atMs: number;
}

/** A provisional fill of the order; the fee is one cent, so that it shows in sums. */
export function fillOf(order: ChildOrder, match: Match): Fill {
  const fee = money('0.01');
  const value = notional(match.price, match.contracts, 'floor');
  const cash: Money = add(order.side === 'buy' ? negate(value) : value, negate(fee));
  return {
    kind: 'fill',
    account: order.account,
    instrument: order.instrument,
    venueOrderId: `v-${order.clientOrderId}`,
    executionId: match.executionId,
    clientOrderId: order.clientOrderId,
    side: order.side,
    quantity: match.contracts,
    price: match.price,
    fee,
    cash,
    finality: 'provisional',
    atMs: match.atMs,
  };
}
