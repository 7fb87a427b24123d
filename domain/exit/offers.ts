import type { Book } from '../book.js';
import { levelsFor, walk } from '../book.js';
import type { Side } from '../child-order.js';
import { takerFee } from '../fees.js';
import type { Instrument, Market } from '../instrument.js';
import { opposite } from '../instrument.js';
import type { Money, Price, Quantity } from '../money.js';
import {
  add,
  contractsFor,
  greatest,
  least,
  money,
  perContract,
  subtract,
  toMultiple,
  ZERO_MONEY,
} from '../money.js';
import { sizedOrder } from '../order-sizing.js';
import type { ExitKind } from '../trade/trade.js';
import type { ExitInput, ExitOrder } from './exit-input.js';
import { isWithin, lossBound, lossOf } from './exit-loss.js';

/** An order that the book would fill now, and what a contract of it would lose at its limit. */
export interface Offer {
  readonly order: ExitOrder;
  readonly loss: Price;
}

/** Fees are rounded per fill, so cash is kept back for a little more than the formula says. */
const ROUNDING = money('0.02');

/** What each open way out offers now, best price first, and only what is within `lossMax`. */
export function offersOf(input: ExitInput): readonly (readonly Offer[])[] {
  const { own, other, excess } = input;
  const sale = { how: 'sell', ...own, side: 'sell', most: excess.sellable } as const;
  // More than that is there only where a venue has filled more than it may.
  const missing = least(excess.quantity, other.contractsMax ?? excess.quantity);
  const completion = { how: 'complete', ...other, side: 'buy', most: missing } as const;
  const netted = { ...own.instrument, outcome: opposite(own.instrument.outcome) };
  const complement = {
    ...own,
    how: 'complement',
    instrument: netted,
    book: own.complement,
    side: 'buy',
    most: excess.sellable,
  } as const;
  return [
    canSell(input) ? offersAt(input, sale) : [],
    canComplete(input) ? offersAt(input, completion) : [],
    canNet(input) ? offersAt(input, complement) : [],
  ];
}

/** Polymarket shares: only CONFIRMED ones, and not before their settle delay is over. */
export function canSell({ ladder, excess, nowMs }: ExitInput): boolean {
  const isSettled = excess.sellable > 0n && nowMs >= excess.sellableFromMs;
  return isSettled && !ladder.without?.includes('sell');
}

/** Needs no settlement; a leg that still lives could fill beside its completion. */
export function canComplete(input: ExitInput): boolean {
  const { ladder, isOtherLegTerminal, other } = input;
  const isOpen = mayBuy(input) && !ladder.without?.includes('complete');
  return isOpen && isOtherLegTerminal && other.isOppositeHeld !== true;
}

function canNet(input: ExitInput): boolean {
  const isOpen = mayBuy(input) && !input.ladder.without?.includes('complement');
  return isOpen && input.own.market.netsOutcomes && input.nowMs >= input.excess.sellableFromMs;
}

const mayBuy = ({ terms, isFrozen }: ExitInput): boolean =>
  terms.policy === 'cheapest' && !isFrozen;

interface Way {
  readonly how: ExitKind;
  readonly instrument: Instrument;
  readonly market: Market;
  readonly book?: Book | undefined;
  readonly side: Side;
  /** No more contracts than these. */
  readonly most: Quantity;
}

/** One offer for each level of the book that is walked: deeper ones are larger and dearer. */
function offersAt(input: ExitInput, way: Way): readonly Offer[] {
  const { book, side, most } = way;
  if (!book || book.hasGap) return [];
  const levels = levelsFor(book, side);
  const limits = levels.map((level) => level.price);
  const offers = limits.flatMap((limitPrice): Offer[] => {
    const walked = walk(levels, { side, limitPrice, quantityMax: most });
    if (!walked) return [];
    const contracts = affordable(input, way, { limitPrice, contracts: walked.quantity });
    const offer = offerOf(input, way, { limitPrice, contracts });
    return offer ? [offer] : [];
  });
  return withoutRepeats(offers);
}

interface Size {
  readonly limitPrice: Price;
  readonly contracts: Quantity;
}

/** The order of that size, if the venue takes it and its loss is within the bound. */
function offerOf(input: ExitInput, way: Way, size: Size): Offer | undefined {
  const { how, instrument, market, side } = way;
  const { limitPrice } = size;
  const contracts = toMultiple(size.contracts, market.lot, 'floor');
  if (contracts <= 0n) return undefined;
  const cost = costOf(way, { limitPrice, contracts });
  const priced = { market, instrument, side, limitPrice, contracts, ...cost };
  if (sizedOrder(priced).kind === 'refused') return undefined;

  const loss = lossOf({ how, market, limitPrice, contracts, basis: input.excess.basis });
  if (!isWithin(loss, lossBound(input.terms)) || isOverReserved(input, way, limitPrice)) {
    return undefined;
  }
  const isReduceOnly = how !== 'complete' && market.netsOutcomes;
  return { order: { kind: 'order', how, ...priced, isReduceOnly }, loss };
}

function costOf({ book, side }: Way, { limitPrice, contracts }: Size) {
  const asks = book && side === 'buy' ? levelsFor(book, side) : [];
  const walked = walk(asks, { side, limitPrice, quantityMax: contracts });
  return walked ? { expectedCost: walked.notional } : {};
}

/** The reservation holds the missing leg's limit plus `lossMax`, and no order may pass it. */
function isOverReserved({ other, terms }: ExitInput, { how }: Way, limitPrice: Price): boolean {
  const bound = lossBound(terms);
  if (how !== 'complete' || bound === undefined) return false;
  return limitPrice > add(other.limitPrice, bound);
}

function affordable({ other }: ExitInput, { how, market }: Way, size: Size): Quantity {
  const { limitPrice, contracts } = size;
  if (how !== 'complete' || other.cash === undefined) return contracts;
  const fee = perContract(takerFee(market.fees, limitPrice, contracts), contracts, 'ceil');
  const cash: Money = greatest(subtract(other.cash, ROUNDING), ZERO_MONEY);
  return least(contracts, contractsFor(cash, add(limitPrice, fee), 'floor'));
}

/** A deeper limit that takes no more contracts only pays more. */
function withoutRepeats(offers: readonly Offer[]): readonly Offer[] {
  return offers.filter((offer, index) => {
    const before = offers[index - 1];
    return before === undefined || offer.order.contracts > before.order.contracts;
  });
}
