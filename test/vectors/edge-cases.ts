import type {
  ArbitrageQuestion,
  PricedArbitrage,
} from '../../domain/arbitrage/arbitrage-question.js';
import { bestArbitrage } from '../../domain/arbitrage/best-arbitrage.js';
import { priceArbitrage } from '../../domain/arbitrage/price-arbitrage.js';
import type { Book, Level } from '../../domain/book.js';
import { mirror } from '../../domain/book.js';
import type { ChildOrder } from '../../domain/child-order.js';
import type { FeeSchedule, Instrument, Market, Outcome } from '../../domain/instrument.js';
import { instrumentKey } from '../../domain/instrument.js';
import { formatAmount, price, quantity, ratio } from '../../domain/money.js';
import { sizedOrder } from '../../domain/order-sizing.js';
import type { Pair } from '../../domain/pair.js';
import { legInstrument, legMarket } from '../../domain/pair.js';
import { reservationFor } from '../../domain/risk/reservation.js';
import { band, pairOf } from '../support/markets.js';

/** "0.41", "20": a level as both languages read it. */
export type LevelText = readonly [price: string, quantity: string];

export interface BookText {
  readonly bids: readonly LevelText[];
  readonly asks: readonly LevelText[];
  /** There is none yet, or messages are missing from it. */
  readonly state?: 'missing' | 'gap';
}

export interface MarketText {
  readonly bands: readonly (readonly [start: string, end: string, step: string])[];
  readonly lot: string;
  readonly minimum: string;
  readonly rate: string;
  /** Kalshi's alone. */
  readonly multiplier?: string;
}

interface Terms {
  readonly name: string;
  readonly kalshi: MarketText;
  readonly polymarket: MarketText;
  readonly contractsMax: string;
  readonly edgeMin: string;
}

/** One direction: YES at one venue, NO at the other. */
export interface EdgeCase extends Terms {
  readonly type: 'poly_yes_kalshi_no' | 'kalshi_yes_poly_no';
  readonly limits?: readonly [yes: string, no: string];
  readonly books: Readonly<Record<Outcome, BookText>>;
}

/** Both directions; Kalshi has one book, Polymarket one per token. */
export interface BestCase extends Terms {
  readonly books: {
    readonly kalshi: BookText;
    readonly yesToken: BookText;
    readonly noToken: BookText;
  };
}

/** What an edge case comes to, as the engine tells it too. */
export function decided(one: EdgeCase) {
  const pair = pairFrom(one);
  const { type, limits } = one;
  const leg = (outcome: Outcome) =>
    bookFrom(one.books[outcome], legInstrument(pair, type, outcome));
  const question: ArbitrageQuestion = {
    pair,
    type,
    books: { yes: leg('yes'), no: leg('no') },
    contractsMax: quantity(one.contractsMax),
    edgeMin: price(one.edgeMin),
    ...(limits ? { limitPrice: { yes: price(limits[0]), no: price(limits[1]) } } : {}),
  };
  const priced = priceArbitrage(question);
  if (priced.kind === 'opportunity') return told(pair, priced);
  const { kind, reason } = priced;
  if (reason === 'edge_too_small') return { kind, reason, edge: formatAmount(priced.edge) };
  if (reason === 'liquidity_too_small') {
    return { kind, reason, contracts: formatAmount(priced.contracts) };
  }
  return { kind, reason, leg: priced.instrument.outcome };
}

/** What a pair comes to: the direction that nets more, or nothing. */
export function bestOf(one: BestCase) {
  const pair = pairFrom(one);
  const { kalshi, yesToken, noToken } = one.books;
  const kalshiYes = bookFrom(kalshi, legInstrument(pair, 'kalshi_yes_poly_no', 'yes'));
  const books = [
    kalshiYes,
    kalshiYes && mirror(kalshiYes),
    bookFrom(yesToken, legInstrument(pair, 'poly_yes_kalshi_no', 'yes')),
    bookFrom(noToken, legInstrument(pair, 'kalshi_yes_poly_no', 'no')),
  ];
  const best = bestArbitrage({
    pair,
    bookOf: (wanted) =>
      books.find((book) => book && instrumentKey(book.instrument) === instrumentKey(wanted)),
    contractsMax: quantity(one.contractsMax),
    edgeMin: price(one.edgeMin),
  });
  return best ? { type: best.type, ...told(pair, best) } : { kind: 'none' };
}

function told(pair: Pair, priced: PricedArbitrage) {
  const { kind, contracts, edge, net, type } = priced;
  const orders = { yes: orderFor(pair, priced, 'yes'), no: orderFor(pair, priced, 'no') };
  const { exposure } = reservationFor({
    intent: { type, account: 'desk' } as Parameters<typeof reservationFor>[0]['intent'], // all it reads
    pair,
    entries: { yesOrder: orders.yes, noOrder: orders.no },
    policy: { exit: {} } as Parameters<typeof reservationFor>[0]['policy'], // as above
  });
  return {
    kind,
    contracts: formatAmount(contracts),
    edge: formatAmount(edge),
    net: formatAmount(net),
    worst: formatAmount(exposure),
    legs: (['yes', 'no'] as const).map((leg) => legTold(priced, orders[leg], leg)),
  };
}

function legTold(priced: PricedArbitrage, { fixed, legalMaximum }: ChildOrder, leg: Outcome) {
  const amount = fixed.kind === 'contracts' ? fixed.contracts : fixed.collateral;
  return {
    limitPrice: formatAmount(priced.limitPrice[leg]),
    expectedCost: formatAmount(priced.expectedCost[leg]),
    fees: formatAmount(priced.fees[leg]),
    fixed: { kind: fixed.kind, amount: formatAmount(amount) },
    legalMaximum: formatAmount(legalMaximum),
  };
}

function orderFor(pair: Pair, priced: PricedArbitrage, leg: Outcome): ChildOrder {
  const instrument = legInstrument(pair, priced.type, leg);
  const limitPrice = priced.limitPrice[leg];
  const sized = sizedOrder({
    market: legMarket(pair, priced.type, leg),
    instrument,
    side: 'buy',
    limitPrice,
    contracts: priced.contracts,
    expectedCost: priced.expectedCost[leg],
  });
  if (sized.kind === 'refused') throw new Error(`a priced ${leg} leg has an order`);
  return {
    clientOrderId: leg,
    workflowId: 'arbitrage/rain.1',
    account: 'desk',
    purpose: { kind: 'entry', leg },
    instrument,
    side: 'buy',
    timeInForce: 'IOC',
    limitPrice,
    fixed: sized.fixed,
    legalMaximum: sized.legalMaximum,
    isReduceOnly: false,
    notAfterMs: 0,
    createdAtMs: 0,
  };
}

function pairFrom({ kalshi, polymarket }: Terms): Pair {
  const { rate, multiplier = '1' } = kalshi;
  return pairOf(
    marketFrom(kalshi, {
      kind: 'kalshi_quadratic',
      rate: ratio(rate),
      multiplier: ratio(multiplier),
    }),
    marketFrom(polymarket, {
      kind: 'polymarket_taker',
      rate: ratio(polymarket.rate),
      powerOfVariance: 1,
    }),
  );
}

function marketFrom({ bands, lot, minimum }: MarketText, fees: FeeSchedule): Partial<Market> {
  return {
    priceBands: bands.map(([start, end, step]) => band(start, end, step)),
    lot: quantity(lot),
    minimumQuantity: quantity(minimum),
    fees,
  };
}

function bookFrom({ bids, asks, state }: BookText, instrument: Instrument): Book | undefined {
  if (state === 'missing') return undefined;
  return {
    instrument,
    bids: bids.map(levelFrom),
    asks: asks.map(levelFrom),
    heardAtMs: 0,
    hasGap: state === 'gap',
  };
}

const levelFrom = ([at, of]: LevelText): Level => ({ price: price(at), quantity: quantity(of) });
