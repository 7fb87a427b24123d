import type { Quantity } from '../../domain/index.js';
import { quantity as contracts, divide, least, ONE, subtract } from '../../domain/index.js';
import type { Refused } from './acceptance.js';
import { checked } from './acceptance.js';
import { CROWD } from './crowd.js';
import { trade } from './execution.js';
import type { FaultKind } from './faults.js';
import { collateralLeft, leavesOf } from './funds.js';
import type { AcceptedOrder, TakenQuote } from './ledger-row.js';
import type { Delivery, PlaceRequest, PlaceResult, SimulatedOrder } from './order.js';
import type { Match, OrderBook, RestingOrder, Taker } from './order-book.js';
import {
  bookSideOf,
  isCrossing,
  matchedQuantity,
  matches,
  mirrored,
  opposite,
} from './order-book.js';
import type { SimulatedTrade } from './trade.js';
import type { TradingFloor } from './trading-floor.js';

/** A partial fill gets between these parts of what it could have had. */
const PARTIAL_LEAST = 0.3;
const PARTIAL_MOST = 0.8;
/** In this many of the cases the crowd leaves the side, in the others it halves its quotes. */
const PULLED_WHOLE = 0.7;
/** This many of the swallowed answers never come, the others late. */
const NEVER_ANSWERED = 0.5;
/** A fault's fraction as parts of a thousand: quantities are whole numbers. */
const PARTS = 1_000n;
const ONE_CONTRACT = contracts('1');
const TWO_CONTRACTS = contracts('2');

/**
 * Takes in one order: checks it, lets its faults happen, matches it. The book is looked at before
 * anything is written, because some refusals depend on it.
 */
export function placeOrder(floor: TradingFloor, request: PlaceRequest): PlaceResult {
  const listed = floor.markets.has(request.market) ? floor.view(request.market) : undefined;
  const check = checked(fundsOf(floor), listed, request);
  if (check.kind === 'refused') return withExisting(floor, request, check);
  if (happens(floor, 'reject', request)) {
    writeFault(floor, request, { fault: 'reject' });
    return { kind: 'refused', code: 'rejected', reason: 'the venue refuses orders for now' };
  }
  const { quantity } = check;
  pullQuotes(floor, request, quantity);
  const refusal = refusedByBook(floor, request, quantity);
  return refusal ?? accept(floor, request, quantity);
}

/** The funds view that the checks work on. */
export function fundsOf(floor: TradingFloor) {
  const { state, options } = floor;
  return { state, rules: options.rules, marketOf: (market: string) => floor.marketOf(market) };
}

/** Matches an order with what it may still have, then rests or ends it. */
export function executeOrder(
  floor: TradingFloor,
  order: SimulatedOrder,
): readonly SimulatedTrade[] {
  const { book } = floor.listed(order.market);
  const free = matches(book, takerOf(floor, order, leavesOf(order)));
  const cap = partialCap(floor, order, matchedQuantity(free));
  const found = cap === undefined ? free : capped(free, cap);
  const trades = trade(floor, order, found);
  const after = floor.state.order(order.venueOrderId);
  if (after.state !== 'working') return trades;
  // What still crosses after matching crosses the account's own order.
  const canRest = !isImmediate(order) && !isCrossing(book, takerOf(floor, after, leavesOf(after)));
  if (!canRest) endOrder(floor, after, 'canceled');
  else rest(floor, after);
  return trades;
}

/** Puts a working order's open quantity in the book. */
export function rest(floor: TradingFloor, order: SimulatedOrder): void {
  const { account, venueOrderId, clientKey, outcome, side } = order;
  if (order.executesAtMs !== undefined) endOrder(floor, order, 'working');
  floor.listed(order.market).book.add({
    ...{ account, venueOrderId, clientKey, outcome, side },
    bookSide: bookSideOf(outcome, side),
    yesPrice: mirrored(outcome, order.limitPrice),
    quantity: leavesOf(order),
  });
}

/** Writes an order's state; a state other than `working` takes it off the book. */
export function endOrder(
  floor: TradingFloor,
  { account, venueOrderId, market }: SimulatedOrder,
  state: SimulatedOrder['state'],
): void {
  if (state !== 'working') floor.listed(market).book.remove(venueOrderId);
  floor.write({ kind: 'order_status', atMs: floor.options.now(), account, venueOrderId, state });
}

function accept(floor: TradingFloor, request: PlaceRequest, quantity: Quantity): PlaceResult {
  const { state } = floor;
  const atMs = floor.options.now();
  const executesAtMs = executionTime(floor, request, quantity);
  const order: AcceptedOrder = {
    ...request,
    quantity,
    createdAtMs: atMs,
    sequence: state.orders.size + 1,
    ...(executesAtMs === undefined ? {} : { executesAtMs }),
  };
  floor.write({ kind: 'order', atMs, order });
  const accepted = state.order(request.venueOrderId);
  const trades = executesAtMs === undefined ? executeOrder(floor, accepted) : [];
  if (executesAtMs !== undefined) writeFault(floor, request, { fault: 'late_fill' });
  const delivery = deliveryOf(floor, request);
  return { kind: 'accepted', order: state.order(request.venueOrderId), trades, delivery };
}

/** Only an immediate order that would trade now can trade late. */
function executionTime(floor: TradingFloor, request: PlaceRequest, quantity: Quantity) {
  const { faults, now } = floor.options;
  if (!isImmediate(request) || !happens(floor, 'late_fill', request)) return undefined;
  const { book } = floor.listed(request.market);
  if (matches(book, takerOf(floor, request, quantity)).length === 0) return undefined;
  const { least: first, most } = faults.terms.lateFillMs;
  return (
    now() + Math.round(first + faults.severity('late_fill', request.clientKey) * (most - first))
  );
}

function deliveryOf(floor: TradingFloor, request: PlaceRequest): Delivery {
  if (!happens(floor, 'timeout_after_acceptance', request)) return { kind: 'prompt' };
  writeFault(floor, request, { fault: 'timeout_after_acceptance' });
  const { faults } = floor.options;
  const isNever = faults.severity('timeout_after_acceptance', request.clientKey) < NEVER_ANSWERED;
  return isNever ? { kind: 'never' } : { kind: 'late', afterMs: faults.terms.lateAnswerMs };
}

function refusedByBook(
  floor: TradingFloor,
  request: PlaceRequest,
  quantity: Quantity,
): Refused | undefined {
  const { book } = floor.listed(request.market);
  const found = matches(book, takerOf(floor, request, quantity));
  if (request.isPostOnly && found.length > 0) return refused('post_only_cross', 'it would trade');
  const matched = matchedQuantity(found);
  if (request.timeInForce === 'FOK' && matched < quantity) {
    return refused('no_match', 'it cannot be filled completely');
  }
  const isRefused = floor.options.rules.refusesUnmatched && isImmediate(request);
  if (isRefused && matched === 0n) return refused('no_match', 'nothing to trade against');
  return undefined;
}

/**
 * The fault `pulled_liquidity`: right in front of an order the crowd takes away half of what the
 * order came for, or leaves that side of the market altogether for a while.
 */
function pullQuotes(floor: TradingFloor, request: PlaceRequest, quantity: Quantity): void {
  if (!isImmediate(request) || !happens(floor, 'pulled_liquidity', request)) return;
  const { book } = floor.listed(request.market);
  const found = matches(book, takerOf(floor, request, quantity));
  if (!found.some(({ maker }) => maker.account === CROWD)) return;
  const isWhole = severityOf(floor, 'pulled_liquidity', request) < PULLED_WHOLE;
  const pulled = isWhole ? everyQuote(book, request) : halfOfQuotes(found);
  for (const { quote, gone } of pulled) book.reduce(quote.bookSide, quote.venueOrderId, gone);
  writeFault(floor, request, {
    fault: 'pulled_liquidity',
    pulled: pulled.map(({ quote, gone }) => ({
      side: quote.bookSide,
      price: quote.yesPrice,
      quantity: gone,
    })),
  });
}

interface PulledQuote {
  readonly quote: RestingOrder;
  readonly gone: Quantity;
}

/** All that the crowd shows on the side that the order would take from. */
function everyQuote(book: OrderBook, { outcome, side }: PlaceRequest): readonly PulledQuote[] {
  return book
    .resting(opposite(bookSideOf(outcome, side)))
    .filter(({ account }) => account === CROWD)
    .map((quote) => ({ quote, gone: quote.quantity }));
}

/** So much of each quote that half of what the order would have taken is left, in whole contracts. */
function halfOfQuotes(found: readonly Match[]): readonly PulledQuote[] {
  return found
    .filter(({ maker }) => maker.account === CROWD)
    .map(({ maker, quantity }) => ({
      quote: maker,
      gone: subtract(maker.quantity, halfOf(quantity)),
    }))
    .filter(({ gone }) => gone > 0n);
}

/** The fault `partial_fill`: the most contracts that the order gets of what it could have. */
function partialCap(floor: TradingFloor, order: SimulatedOrder, matched: Quantity) {
  const isPossible = order.timeInForce === 'IOC' && matched >= TWO_CONTRACTS;
  if (!isPossible || !happens(floor, 'partial_fill', order)) return undefined;
  writeFault(floor, order, { fault: 'partial_fill' });
  const severity = severityOf(floor, 'partial_fill', order);
  const part = PARTIAL_LEAST + severity * (PARTIAL_MOST - PARTIAL_LEAST);
  const wholeContracts = divide(
    matched * BigInt(Math.floor(part * Number(PARTS))),
    PARTS * ONE,
    'floor',
  );
  return (wholeContracts > 0n ? wholeContracts * ONE : ONE_CONTRACT) as Quantity; // whole contracts
}

function capped(found: readonly Match[], cap: Quantity): readonly Match[] {
  let open = cap;
  return found.flatMap((match) => {
    const quantity = least(match.quantity, open);
    open = subtract(open, quantity);
    return quantity > 0n ? [{ ...match, quantity }] : [];
  });
}

/** Half of it in whole contracts. */
function halfOf(quantity: Quantity): Quantity {
  return (divide(quantity, 2n * ONE, 'floor') * ONE) as Quantity; // whole contracts
}

function takerOf(
  floor: TradingFloor,
  order: PlaceRequest | SimulatedOrder,
  quantity: Quantity,
): Taker {
  const { account, outcome, side, limitPrice, fixed } = order;
  const { shareStep } = floor.options.rules;
  const base = { account, outcome, side, limitPrice, shareStep };
  if (fixed.kind === 'contracts') return { ...base, quantityMax: quantity };
  const left = 'filledNotional' in order ? collateralLeft(order) : fixed.collateral;
  return { ...base, collateral: left ?? fixed.collateral };
}

function writeFault(
  floor: TradingFloor,
  { account, market, clientKey, venueOrderId }: PlaceRequest,
  what: { readonly fault: FaultKind; readonly pulled?: readonly TakenQuote[] },
): void {
  const atMs = floor.options.now();
  floor.write({ kind: 'fault', atMs, ...what, account, market, clientKey, venueOrderId });
}

function withExisting(floor: TradingFloor, request: PlaceRequest, refusal: Refused): PlaceResult {
  const { orders, byClientKey } = floor.state;
  const existing =
    orders.get(request.venueOrderId) ?? orders.get(byClientKey.get(request.clientKey) ?? '');
  return refusal.code === 'duplicate' && existing ? { ...refusal, existing } : refusal;
}

const isImmediate = ({ timeInForce }: PlaceRequest) =>
  timeInForce === 'IOC' || timeInForce === 'FOK';
const happens = (floor: TradingFloor, kind: FaultKind, { clientKey }: PlaceRequest) =>
  floor.options.faults.happens(kind, clientKey);
const severityOf = (floor: TradingFloor, kind: FaultKind, { clientKey }: PlaceRequest) =>
  floor.options.faults.severity(kind, clientKey);
const refused = (code: Refused['code'], reason: string): Refused => ({
  kind: 'refused',
  code,
  reason,
});
