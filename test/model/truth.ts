import type { ChildOrder } from '../../domain/child-order.js';
import type { Market } from '../../domain/instrument.js';
import type { Money, Price, Quantity } from '../../domain/money.js';
import {
  add,
  contractsFor,
  least,
  money,
  negate,
  notional,
  ONE_DOLLAR,
  quantity,
  subtract,
  toMultiple,
  ZERO_MONEY,
  ZERO_QUANTITY,
} from '../../domain/money.js';
import type { Fill, Reversal, TradeRow } from '../../domain/venue-entry.js';
import { chargedFor } from './plain-fees.js';

/** One match, whatever anybody has been told of it. */
export interface TrueFill {
  readonly executionId: string;
  readonly quantity: Quantity;
  readonly price: Price;
  readonly fee: Money;
  readonly cash: Money;
  readonly atMs: number;
  /** Kalshi's fills do not name our id: then only the venue's own leads to the order. */
  readonly isNamed: boolean;
  fate: 'provisional' | 'final' | 'reversed';
  /** The venue had said that this could not happen, or said later that it had not. */
  isDenied: boolean;
}

/** One order as it really is at its venue. */
export interface TrueOrder {
  readonly order: ChildOrder;
  readonly market: Market;
  hasArrived: boolean;
  isOpen: boolean;
  /** The venue has said for certain that it is over. */
  isSaidOver: boolean;
  /** It has traded more than it was for. */
  isOverfilled: boolean;
  readonly fills: TrueFill[];
}

const CENT = money('0.01');
const WHOLE = quantity('1');

/** What really happened at both venues, beside which everything that the desk was told is measured. */
export class Truth {
  readonly orders: TrueOrder[] = [];
  #executions = 0;

  arrived(order: ChildOrder, market: Market, hasArrived: boolean): TrueOrder {
    const one = {
      ...{ order, market, hasArrived, isOpen: hasArrived },
      ...{ isSaidOver: false, isOverfilled: false, fills: [] },
    };
    this.orders.push(one);
    return one;
  }

  /** Trades up to so many contracts, `better` cents better than the limit. */
  trade(one: TrueOrder, wanted: Quantity, { better, atMs, isNamed }: Matching): void {
    const { order, market } = one;
    const price = betterPrice(order, better);
    const room = roomOf(one, price);
    // Whoever quotes on Kalshi quotes whole contracts: a part of one is the rest of our own order.
    const isRest = wanted >= room || market.venue !== 'kalshi';
    const step = isRest ? market.lot : WHOLE;
    const contracts = toMultiple(least(wanted, room), step, 'floor');
    if (contracts <= 0n) return;
    this.force(one, { quantity: contracts, price, atMs, isNamed });
  }

  /** A match beyond every rule of the venue as well. */
  force(one: TrueOrder, match: Forced): void {
    const { order, market, fills } = one;
    const fee = feeOf(one, match);
    const paid = notional(match.price, match.quantity, 'floor');
    const value = order.side === 'buy' ? negate(paid) : paid;
    // A netted pair is a dollar that comes back.
    const freed = isNetting(order) ? notional(ONE_DOLLAR, match.quantity, 'floor') : ZERO_MONEY;
    const cash = subtract(add(value, freed), fee);
    if (match.quantity > roomOf(one, match.price)) one.isOverfilled = true;
    const isDenied = one.isSaidOver || one.isOverfilled;
    this.#executions += 1;
    const executionId = `t-${String(this.#executions)}`;
    const fate = market.venue === 'kalshi' ? 'final' : 'provisional';
    fills.push({ ...match, executionId, fee, cash, fate, isDenied });
    if (meantLeft(one) === 0n) one.isOpen = false;
  }

  get provisional(): TrueFill[] {
    return this.orders.flatMap(({ fills }) => fills.filter((fill) => fill.fate === 'provisional'));
  }

  get open(): TrueOrder[] {
    return this.orders.filter((one) => one.isOpen);
  }

  /** Matches that their venue has denied. */
  get denied(): TrueFill[] {
    return this.orders.flatMap(({ fills }) => fills.filter((fill) => fill.isDenied));
  }

  get hasOverfilled(): boolean {
    return this.orders.some((one) => one.isOverfilled);
  }

  isOverfilled(order: ChildOrder): boolean {
    return this.orders.some((one) => one.order === order && one.isOverfilled);
  }

  /** Every row that a venue has ever had reason to tell, in the order of their making. */
  rows(of: readonly TrueOrder[] = this.orders): TradeRow[] {
    return of.flatMap((one) => one.fills.flatMap((fill) => rowsOf(one, fill)));
  }
}

interface Forced {
  readonly quantity: Quantity;
  readonly price: Price;
  readonly atMs: number;
  readonly isNamed: boolean;
}

interface Matching {
  readonly better: number;
  readonly atMs: number;
  readonly isNamed: boolean;
}

export const venueIdOf = ({ clientOrderId }: ChildOrder): string => `v-${clientOrderId}`;

/** All that was matched, what was taken back too: the venue's cumulative figure. */
export const matchedOf = ({ fills }: TrueOrder): Quantity =>
  fills.map((fill) => fill.quantity).reduce(add, ZERO_QUANTITY);

/** It buys the other outcome of a market that nets both into one position. */
const isNetting = ({ side, isReduceOnly }: ChildOrder): boolean => side === 'buy' && isReduceOnly;

/** Contracts that the order has not had yet, or the dollars that it has not spent. */
function meantLeft({ order, fills }: TrueOrder): bigint {
  const { fixed } = order;
  if (fixed.kind === 'contracts') return fixed.contracts - sum(fills.map((fill) => fill.quantity));
  const spent = sum(fills.map((fill) => notional(fill.price, fill.quantity, 'ceil')));
  return fixed.collateral - spent < CENT ? 0n : fixed.collateral - spent;
}

function roomOf(one: TrueOrder, price: Price): Quantity {
  const left = meantLeft(one);
  if (one.order.fixed.kind === 'contracts') return left as Quantity; // contracts, by its kind
  return contractsFor(left as Money, price, 'floor'); // dollars, by its kind
}

function betterPrice({ side, limitPrice }: ChildOrder, cents: number): Price {
  const better = (BigInt(cents) * CENT) as unknown as Price; // a cent per contract
  const one = CENT as unknown as Price; // as above
  if (side === 'buy') return limitPrice > better + one ? subtract(limitPrice, better) : limitPrice;
  const most = (99n * CENT) as unknown as Price; // as above
  return limitPrice + better < most ? add(limitPrice, better) : limitPrice;
}

function feeOf({ market, order, fills }: TrueOrder, match: Forced): Money {
  return chargedFor(market.fees, order.side, [...fills, match]) as Money; // dollars, in counts
}

function rowsOf({ order }: TrueOrder, fill: TrueFill): TradeRow[] {
  const { executionId, quantity, price, fee, cash, atMs, isNamed, fate } = fill;
  const { account, instrument, side, clientOrderId } = order;
  const shared = {
    ...{ account, instrument, side, executionId, quantity, price, fee, atMs },
    venueOrderId: venueIdOf(order),
    ...(isNamed && { clientOrderId }),
  };
  const provisional: Fill = { ...shared, kind: 'fill', cash, finality: 'provisional' };
  if (fate === 'provisional') return [provisional];
  const final: Fill = { ...provisional, finality: 'final' };
  if (fate === 'final') return instrument.venue === 'kalshi' ? [final] : [provisional, final];
  const reversal: Reversal = { ...shared, kind: 'reversal', cash: negate(cash) };
  return [provisional, reversal];
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, one) => total + one, 0n);
