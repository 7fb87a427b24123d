import type { ChildOrder } from '../../domain/child-order.js';
import type { Market } from '../../domain/instrument.js';
import { chargedFor, type Match, mostFee, mostSpend } from './plain-fees.js';
import { marketOf } from './plot-orders.js';

// What is to be set aside for a trade (DESIGN §7, §9), by plain arithmetic and by trying out ways
// to trade.

const DOLLAR = 1_000_000_000n;
const CENT = DOLLAR / 100n;
/** A completion may cost so much more per contract; so it is where a policy has no bound. */
const LOSS_MAX = 10n * CENT;
/** Beyond a cent per order: rebates that wait for a fill that never comes, fills that are many. */
const SPARE = 2n * CENT;
/** An order is tried in so many fills of one size, and its rest. */
const FILLS = [1n, 2n, 5n, 20n];

export interface PlainLeg {
  readonly contracts: bigint;
  readonly cash: bigint;
  readonly exitCash: bigint;
  /** What one purchase more is paid from: entry and completion share it. */
  readonly needed: bigint;
}

/** The entry may cost `cash`; to complete here all that the other entry may buy, `exitCash`. */
export function setAsideFor(order: ChildOrder, other: ChildOrder): PlainLeg {
  const { fees } = marketOf(order.instrument);
  const cash = mostSpend(order) + mostFee(fees, order) + SPARE;
  const limit = order.limitPrice + LOSS_MAX;
  const exitPrice = limit < DOLLAR ? limit : DOLLAR;
  const spend = roundedUp(exitPrice * other.legalMaximum);
  const paidAs =
    order.fixed.kind === 'collateral'
      ? ({ kind: 'collateral', collateral: spend } as const)
      : ({ kind: 'contracts', contracts: other.legalMaximum } as const);
  const exitCash = spend + mostFee(fees, { fixed: paidAs, limitPrice: exitPrice }) + SPARE;
  const needed = cash > exitCash ? cash : exitCash;
  return { contracts: order.legalMaximum, cash, exitCash, needed };
}

/**
 * The most that an entry costs of all the ways tried: at each cent up to its limit, in one fill
 * and in many, each charged as its venue charges.
 */
export function costliestWay(order: ChildOrder): bigint {
  const { instrument, fixed, limitPrice } = order;
  const amount = fixed.kind === 'contracts' ? fixed.contracts : fixed.collateral;
  const name = [instrument.market, instrument.outcome, fixed.kind, amount, limitPrice].join(' ');
  const known = costliest.get(name) ?? triedOut(order);
  costliest.set(name, known);
  return known;
}

/** Plots have few entries, and each is tried once. */
const costliest = new Map<string, bigint>();

function triedOut(order: ChildOrder): bigint {
  let most = 0n;
  const market = marketOf(order.instrument);
  for (let price = CENT; price <= order.limitPrice; price += CENT) {
    const quantity = bought(order, price, market);
    for (const fills of FILLS) {
      const cost = costOf(market, order, split({ quantity, price }, fills));
      if (cost > most) most = cost;
    }
  }
  return most;
}

function bought({ fixed }: ChildOrder, price: bigint, { lot }: Market): bigint {
  if (fixed.kind === 'contracts') return fixed.contracts;
  return ((fixed.collateral * DOLLAR) / price / lot) * lot;
}

/** So many fills of whole contracts, and the rest of the order as one more. */
function split({ quantity, price }: Match, fills: bigint): Match[] {
  const each = (quantity / fills / DOLLAR) * DOLLAR;
  if (each === 0n || fills === 1n) return [{ price, quantity }];
  const rest = quantity - each * fills;
  const whole = Array.from({ length: Number(fills) }, () => ({ price, quantity: each }));
  return rest === 0n ? whole : [...whole, { price, quantity: rest }];
}

function costOf({ fees }: Market, { side }: ChildOrder, fills: readonly Match[]): bigint {
  return fills
    .map((fill, index) => {
      const fee = chargedFor(fees, side, fills.slice(0, index + 1));
      return roundedUp(fill.price * fill.quantity) + fee;
    })
    .reduce((sum, one) => sum + one, 0n);
}

const roundedUp = (product: bigint): bigint => (product + DOLLAR - 1n) / DOLLAR;
