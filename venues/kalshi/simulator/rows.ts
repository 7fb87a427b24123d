import type { Instrument, Market } from '../../../domain/instrument.js';
import type { Quantity } from '../../../domain/money.js';
import {
  divide,
  formatAmount,
  ONE,
  ONE_DOLLAR,
  subtract,
  ZERO_QUANTITY,
} from '../../../domain/money.js';
import type {
  BookSnapshot,
  SimulatedExchange,
  SimulatedMarket,
  SimulatedOrder,
  SimulatedSettlement,
  SimulatedTrade,
  TradePart,
} from '../../simulation/index.js';
import type { BookSide } from '../book-side.js';
import { outcomeBought, priceOf, toBookSide } from '../book-side.js';
import { signedCount } from '../fill-history.js';

// The exchange's facts in the venue's words: reference/venues.md 1.3, 1.6, 1.10.

/** "12.00", also negative: answers always have two decimals. */
export function fixedPoint(contracts: bigint): string {
  return padded(contracts, 2);
}

/** "0.5200": answers have four decimals, more where they need them. */
export function dollars(amount: bigint): string {
  return padded(amount, 4);
}

function padded(amount: bigint, decimals: number): string {
  const [whole = '0', fraction = ''] = formatAmount(amount).split('.');
  return `${whole}.${fraction.padEnd(decimals, '0')}`;
}

export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** What still stands in the book or is in hand; nothing of an order that has ended. */
export function remainingOf(order: SimulatedOrder): Quantity {
  return order.state === 'working' ? subtract(order.quantity, order.filledQuantity) : ZERO_QUANTITY;
}

/** Resting, executed when all of it traded, else canceled: expired orders too. */
function statusOf({ state }: SimulatedOrder): 'resting' | 'executed' | 'canceled' {
  if (state === 'working') return 'resting';
  return state === 'filled' ? 'executed' : 'canceled';
}

export function orderRow(order: SimulatedOrder) {
  const { bookSide, yesPrice } = inBook(order, order.limitPrice);
  return {
    order_id: order.venueOrderId,
    user_id: order.account,
    client_order_id: order.clientKey,
    order_group_id: order.orderGroupId ?? null,
    ticker: order.market,
    outcome_side: outcomeBought(bookSide),
    book_side: bookSide,
    type: 'limit',
    status: statusOf(order),
    yes_price_dollars: dollars(yesPrice),
    no_price_dollars: dollars(priceOf('no', yesPrice)),
    fill_count_fp: fixedPoint(order.filledQuantity),
    remaining_count_fp: fixedPoint(remainingOf(order)),
    initial_count_fp: fixedPoint(order.quantity),
    taker_fill_cost_dollars: dollars(order.filledNotional),
    taker_fees_dollars: dollars(order.fees),
    created_time: isoTime(order.createdAtMs),
    last_update_time: isoTime(order.updatedAtMs),
    exchange_index: 0,
  };
}

export function userOrderMessage(order: SimulatedOrder) {
  const { created_time, last_update_time, ...row } = orderRow(order);
  return {
    ...row,
    created_ts_ms: Date.parse(created_time),
    last_updated_ts_ms: Date.parse(last_update_time),
  };
}

export function fillRow(trade: SimulatedTrade, part: TradePart) {
  return {
    ...fillFields(trade, part),
    fill_id: trade.tradeId,
    ticker: trade.market,
    created_time: isoTime(trade.atMs),
  };
}

/** On the stream a fill names our own id too, and the position that it left. */
export function fillMessage(exchange: SimulatedExchange, trade: SimulatedTrade, part: TradePart) {
  return {
    ...fillFields(trade, part),
    client_order_id: part.clientKey,
    post_position_fp: fixedPoint(positionAfter(exchange, trade, part)),
    ts_ms: trade.atMs,
  };
}

function fillFields(trade: SimulatedTrade, part: TradePart) {
  const { bookSide, yesPrice } = inBook(part, part.price);
  return {
    trade_id: trade.tradeId,
    order_id: part.venueOrderId,
    market_ticker: trade.market,
    outcome_side: outcomeBought(bookSide),
    book_side: bookSide,
    count_fp: fixedPoint(part.quantity),
    yes_price_dollars: dollars(yesPrice),
    no_price_dollars: dollars(priceOf('no', yesPrice)),
    is_taker: part.role === 'taker',
    fee_cost: dollars(part.fee),
  };
}

/** Several trades of one order are told after the last of them: each has its own position. */
function positionAfter(
  exchange: SimulatedExchange,
  { market, sequence }: SimulatedTrade,
  { account }: TradePart,
): bigint {
  return exchange
    .trades({ account, market })
    .filter((trade) => trade.sequence <= sequence)
    .flatMap(({ parts }) => parts)
    .filter((part) => part.account === account)
    .reduce((sum, part) => sum + signedCount(inBook(part, part.price).bookSide, part.quantity), 0n);
}

export function settlementRow(settlement: SimulatedSettlement) {
  const { outcome, quantity, price } = settlement;
  const yesPays = priceOf(outcome, price);
  const count = (of: Instrument['outcome']) => fixedPoint(of === outcome ? quantity : 0n);
  return {
    ticker: settlement.market,
    event_ticker: settlement.market,
    exchange_index: 0,
    market_result: resultOf(yesPays),
    yes_count_fp: count('yes'),
    no_count_fp: count('no'),
    yes_total_cost_dollars: dollars(0n),
    no_total_cost_dollars: dollars(0n),
    revenue: inCents(settlement.cash),
    fee_cost: dollars(0n),
    value: inCents(yesPays),
    settled_time: isoTime(settlement.atMs),
  };
}

/** What pays in parts is a scalar to this venue, a voided market too. */
function resultOf(yesPays: bigint): 'yes' | 'no' | 'scalar' {
  if (yesPays === 0n) return 'no';
  return yesPays === ONE_DOLLAR ? 'yes' : 'scalar';
}

export function positionRow(ticker: string, position: bigint) {
  return { ticker, exchange_index: 0, position_fp: fixedPoint(position) };
}

/** Whole cents; what is less than one is not told. */
export const inCents = (amount: bigint): number => Number(divide(amount, ONE / 100n, 'floor'));

const statuses = { open: 'active', closed: 'closed', settled: 'finalized' } as const;

export function marketRow({ market, state, winner }: SimulatedMarket) {
  return {
    ticker: market.market,
    event_ticker: market.market,
    market_type: 'binary',
    title: market.title,
    status: statuses[state],
    result: winner ?? '',
    close_time: isoTime(market.closesAtMs),
    price_level_structure: 'linear_cent',
    price_ranges: priceRanges(market),
    exchange_index: 0,
  };
}

function priceRanges({ priceBands }: Market) {
  return priceBands.map(({ start, end, step }) => ({
    start: dollars(start),
    end: dollars(end),
    step: dollars(step),
  }));
}

type WireLevel = readonly [price: string, count: string];

/** Bids only, ascending: best last. An offer of YES at p is a bid for NO at 1 − p. */
export function bidsOf({ bids, asks }: BookSnapshot): Record<'yes' | 'no', readonly WireLevel[]> {
  const worstFirst = (levels: BookSnapshot['bids']) => [...levels].reverse();
  return {
    yes: worstFirst(bids).map(({ price, quantity }) => [dollars(price), fixedPoint(quantity)]),
    no: worstFirst(asks).map(({ price, quantity }) => [
      dollars(priceOf('no', price)),
      fixedPoint(quantity),
    ]),
  };
}

type Directed = Pick<TradePart, 'outcome' | 'side'>;

function inBook(
  { outcome, side }: Directed,
  price: TradePart['price'],
): { readonly bookSide: BookSide; readonly yesPrice: TradePart['price'] } {
  return toBookSide({ outcome, side, price });
}
