import type { Price, Quantity } from '../../domain/index.js';
import {
  add,
  quantity as contracts,
  divide,
  least,
  ONE,
  ONE_DOLLAR,
  parseAmount,
  subtract,
} from '../../domain/index.js';
import { CROWD, crowdQuote } from './crowd.js';
import type { TakenQuote } from './ledger-row.js';
import type { Delivery, LateTerms, PlaceRequest, SimulatedOrder } from './order.js';
import type { Match, OrderBook, RestingOrder } from './order-book.js';
import { bookSideOf, matchedQuantity, matches, mirrored, opposite } from './order-book.js';
import type { FaultOf, ScriptedKind } from './script/fault.js';
import { takerOf } from './taker.js';
import type { TradingFloor } from './trading-floor.js';

// What faults do to one order. Each is struck only where it can really happen, and leaves a row.

/** A partial fill gets between these parts of what it could have had. */
const PARTIAL_LEAST = 0.3;
const PARTIAL_MOST = 0.8;
/** In this many of the cases the crowd leaves the side, in the others it halves its quotes. */
const PULLED_WHOLE = 0.7;
const PULLED_HALF = 0.5;
/** This many of the swallowed answers never come, the others late. */
const NEVER_ANSWERED = 0.5;
/** A fault's fraction as parts of a thousand: quantities are whole numbers. */
const PARTS = 1_000;
const ONE_CONTRACT = contracts('1');
const TWO_CONTRACTS = contracts('2');
/** An order that lives until it is canceled is matched in this time at the latest. */
const UNTIL_CANCELED_MS = 86_400_000;

/** Asks the faults whether this happens to this order now, and writes down that it did. */
export function struck<Kind extends ScriptedKind>(
  floor: TradingFloor,
  kind: Kind,
  request: PlaceRequest,
): FaultOf<Kind> | undefined {
  const fault = asked(floor, kind, request);
  if (fault) writeFault(floor, request, { kind });
  return fault;
}

function asked<Kind extends ScriptedKind>(
  { options }: TradingFloor,
  kind: Kind,
  request: PlaceRequest,
): FaultOf<Kind> | undefined {
  const { account, market, side, clientKey } = request;
  const atMs = options.now();
  const subject = { operation: 'place', atMs, account, market, side, clientKey } as const;
  return options.faults.strike(kind, subject);
}

function writeFault(
  floor: TradingFloor,
  { account, market, clientKey, venueOrderId }: PlaceRequest,
  { kind, ...row }: { readonly kind: ScriptedKind; readonly pulled?: readonly TakenQuote[] },
): void {
  const atMs = floor.options.now();
  floor.write({
    kind: 'fault',
    atMs,
    fault: kind,
    ...row,
    account,
    market,
    clientKey,
    venueOrderId,
  });
}

/** `better_price`: the crowd offers twice what the order asks for, at a price that is better. */
export function offerBetter(floor: TradingFloor, request: PlaceRequest, quantity: Quantity): void {
  const fault = asked(floor, 'better_price', request);
  if (!fault) return;
  const by = (parseAmount(fault.by) ?? 0n) * (request.side === 'buy' ? 1n : -1n);
  const better = (request.limitPrice - by) as Price; // dollars less dollars
  if (better <= 0n || better >= ONE_DOLLAR) return;
  writeFault(floor, request, { kind: 'better_price' });
  const yesPrice = mirrored(request.outcome, better);
  const side = opposite(bookSideOf(request.outcome, request.side));
  floor.listed(request.market).book.add(crowdQuote(side, yesPrice, add(quantity, quantity)));
}

/**
 * `pulled_liquidity`: right in front of an order the crowd takes away a part of what the order came
 * for, or leaves that side of the market altogether for a while.
 */
export function pullQuotes(floor: TradingFloor, request: PlaceRequest, quantity: Quantity): void {
  if (!isImmediate(request)) return;
  const { book } = floor.listed(request.market);
  const found = matches(book, takerOf(floor.options.rules, request, quantity));
  if (!found.some(({ maker }) => maker.account === CROWD)) return;
  const fault = asked(floor, 'pulled_liquidity', request);
  if (!fault) return;
  const drawn = severityOf(floor, 'pulled_liquidity', request) < PULLED_WHOLE ? 1 : PULLED_HALF;
  const part = fault.part ?? drawn;
  const pulled = part === 1 ? everyQuote(book, request) : partOfQuotes(found, part);
  for (const { quote, gone } of pulled) book.reduce(quote.bookSide, quote.venueOrderId, gone);
  const rows = pulled.map(({ quote, gone }) => ({
    side: quote.bookSide,
    price: quote.yesPrice,
    quantity: gone,
  }));
  writeFault(floor, request, { kind: 'pulled_liquidity', pulled: rows });
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

/** So much of each quote that the rest of what the order came for is left, in whole contracts. */
function partOfQuotes(found: readonly Match[], part: number): readonly PulledQuote[] {
  return found
    .filter(({ maker }) => maker.account === CROWD)
    .map(({ maker, quantity }) => ({
      quote: maker,
      gone: subtract(maker.quantity, wholeContracts(quantity, 1 - part)),
    }))
    .filter(({ gone }) => gone > 0n);
}

/** What the faults leave of what an order would trade with, when it is matched. */
export function disturbedMatches(
  floor: TradingFloor,
  order: SimulatedOrder,
  leaves: Quantity,
): readonly Match[] {
  const { book } = floor.listed(order.market);
  const { rules } = floor.options;
  const free = matches(book, takerOf(rules, order, leaves));
  if (free.length === 0) return free;
  const over = order.fixed.kind === 'contracts' ? struck(floor, 'overfill', order) : undefined;
  if (over) {
    const by = (parseAmount(over.by) ?? 0n) as Quantity; // its form was checked: contracts
    return matches(book, takerOf(rules, order, add(leaves, by)));
  }
  const cap = partialCap(floor, order, matchedQuantity(free));
  return cap === undefined ? free : capped(free, cap);
}

/** `partial_fill`: the most contracts that the order gets of what it could have. */
function partialCap(floor: TradingFloor, order: SimulatedOrder, matched: Quantity) {
  const isPossible = order.timeInForce === 'IOC' && matched >= TWO_CONTRACTS;
  const fault = isPossible ? struck(floor, 'partial_fill', order) : undefined;
  if (!fault) return undefined;
  const severity = severityOf(floor, 'partial_fill', order);
  const part = fault.part ?? PARTIAL_LEAST + severity * (PARTIAL_MOST - PARTIAL_LEAST);
  const whole = wholeContracts(matched, part);
  return whole > 0n ? whole : ONE_CONTRACT;
}

function capped(found: readonly Match[], cap: Quantity): readonly Match[] {
  let open = cap;
  return found.flatMap((match) => {
    const quantity = least(match.quantity, open);
    open = subtract(open, quantity);
    return quantity > 0n ? [{ ...match, quantity }] : [];
  });
}

function wholeContracts(quantity: Quantity, part: number): Quantity {
  const parts = BigInt(Math.floor(part * PARTS));
  return (divide(quantity * parts, BigInt(PARTS) * ONE, 'floor') * ONE) as Quantity; // whole ones
}

export interface LateExecution {
  readonly executesAtMs: number;
  readonly late: LateTerms;
}

/** Only an immediate order that would trade now can trade late. */
export function lateExecution(
  floor: TradingFloor,
  request: PlaceRequest,
  quantity: Quantity,
): LateExecution | undefined {
  const { options } = floor;
  const { book } = floor.listed(request.market);
  const wouldTrade = matches(book, takerOf(options.rules, request, quantity)).length > 0;
  if (!isImmediate(request) || !wouldTrade) return undefined;
  const undead = asked(floor, 'fill_after_cancel', request);
  if (undead) {
    const late = { isShownLive: true, isEmpty: false, afterCancelMs: undead.afterMs };
    return { executesAtMs: options.now() + UNTIL_CANCELED_MS, late };
  }
  const fault = asked(floor, 'late_fill', request);
  return fault ? lateFill(floor, request, fault) : takerDelay(floor, request);
}

/** Polymarket's `itode` (venues.md 2.6); until then the order can neither be matched nor canceled. */
const TAKER_DELAY_MS = 250;

function takerDelay(floor: TradingFloor, { market }: PlaceRequest): LateExecution | undefined {
  if (!floor.marketOf(market).isTakerDelayed) return undefined;
  const late = { isShownLive: false, isEmpty: false, isByRule: true } as const;
  return { executesAtMs: floor.options.now() + TAKER_DELAY_MS, late };
}

function lateFill(
  floor: TradingFloor,
  request: PlaceRequest,
  { afterMs, shown, fills, jointly }: FaultOf<'late_fill'>,
): LateExecution {
  const { faults, now } = floor.options;
  const { least: first, most } = faults.terms.lateFillMs;
  const drawn = Math.round(first + severityOf(floor, 'late_fill', request) * (most - first));
  const late = { isShownLive: shown === 'live', isEmpty: fills === false };
  return {
    executesAtMs: now() + (afterMs ?? drawn),
    late: jointly === undefined ? late : { ...late, jointly },
  };
}

/** The row of a late execution follows its order's; that a market is late by its rules is no fault. */
export function writeLateFault(floor: TradingFloor, request: PlaceRequest, late: LateTerms): void {
  if (late.isByRule) return;
  const kind = late.afterCancelMs === undefined ? 'late_fill' : 'fill_after_cancel';
  writeFault(floor, request, { kind });
}

export function deliveryOf(floor: TradingFloor, request: PlaceRequest): Delivery {
  const fault = struck(floor, 'timeout_after_acceptance', request);
  if (!fault) return { kind: 'prompt' };
  const isNever = severityOf(floor, 'timeout_after_acceptance', request) < NEVER_ANSWERED;
  const drawn = isNever ? 'never' : floor.options.faults.terms.lateAnswerMs;
  const afterMs = fault.afterMs ?? drawn;
  return afterMs === 'never' ? { kind: 'never' } : { kind: 'late', afterMs };
}

export const isImmediate = ({ timeInForce }: PlaceRequest): boolean =>
  timeInForce === 'IOC' || timeInForce === 'FOK';
const severityOf = (floor: TradingFloor, kind: ScriptedKind, { clientKey }: PlaceRequest) =>
  floor.options.faults.severity(kind, clientKey);
