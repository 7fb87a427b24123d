import type { ChildOrder } from '../child-order.js';
import { collateralFeeUpperBound, takerFee } from '../fees.js';
import type { Instrument, Market, VenueName } from '../instrument.js';
import { instrumentKey } from '../instrument.js';
import type { Money, Price, Quantity } from '../money.js';
import {
  add,
  greatest,
  least,
  money,
  notional,
  ONE_DOLLAR,
  ZERO_MONEY,
  ZERO_QUANTITY,
} from '../money.js';
import { legMarket } from '../pair.js';
import { DEFAULT_LOSS_MAX } from '../trade/terms.js';
import type { Reservation, ReservedLeg, RiskInput } from './risk-input.js';

/**
 * The worst case of a trade whose legs have not been answered yet (DESIGN §7, §9): per leg its legal
 * maximum in contracts and what it may cost, and the cash to complete here the largest excess that
 * the other leg may leave, at this leg's limit plus `lossMax`.
 */
export function reservationFor({
  intent,
  pair,
  entries,
  policy,
}: Pick<RiskInput, 'intent' | 'pair' | 'entries' | 'policy'>): Reservation {
  const { yesOrder, noOrder } = entries;
  const lossMax = policy.exit.lossMax ?? DEFAULT_LOSS_MAX;
  const markets = {
    yes: legMarket(pair, intent.type, 'yes'),
    no: legMarket(pair, intent.type, 'no'),
  };
  const legs = [
    legOf(yesOrder, { market: markets.yes, excess: noOrder.legalMaximum, lossMax }),
    legOf(noOrder, { market: markets.no, excess: yesOrder.legalMaximum, lossMax }),
  ];
  return {
    workflowId: yesOrder.workflowId,
    account: intent.account,
    pairId: pair.pairId,
    exposure: legs.map((leg) => leg.cash).reduce(add, ZERO_MONEY),
    legs,
  };
}

/** What is set aside at one venue: a leg that has to be completed has not been paid for yet. */
export function cashReserved(reservation: Reservation, venue: VenueName): Money {
  const legs = reservation.legs.filter((leg) => leg.instrument.venue === venue);
  return legs.map(cashNeeded).reduce(add, ZERO_MONEY);
}

/** Entry and completion of one leg share the cash: what one buys, the other need not. */
export function cashNeeded({ cash, exitCash }: ReservedLeg): Money {
  return greatest(cash, exitCash);
}

/** Contracts of an instrument that open reservations may still bring. */
export function contractsReserved(
  reservations: readonly Reservation[],
  instrument: Instrument,
): Quantity {
  const key = instrumentKey(instrument);
  const legs = reservations.flatMap((one) => one.legs);
  return legs
    .filter((leg) => instrumentKey(leg.instrument) === key)
    .map((leg) => leg.contracts)
    .reduce(add, ZERO_QUANTITY);
}

/** What an order may pay before fees. */
export function spendOf({ fixed, limitPrice }: ChildOrder): Money {
  if (fixed.kind === 'collateral') return fixed.collateral;
  return notional(limitPrice, fixed.contracts, 'ceil');
}

/**
 * A fill of part of a contract may be charged up to a cent of rounding whose rebate waits for a fill
 * that never comes, beyond the cent per order that the fee formulas know of.
 */
export const ORDER_ROUNDING = money('0.02');

interface LegTerms {
  readonly market: Market;
  /** The most contracts that the other leg may leave unmatched. */
  readonly excess: Quantity;
  readonly lossMax: Price;
}

function legOf(order: ChildOrder, { market, excess, lossMax }: LegTerms): ReservedLeg {
  const exitPrice = least(add(order.limitPrice, lossMax), ONE_DOLLAR);
  const completion = notional(exitPrice, excess, 'ceil');
  // An instrument that is entered by collateral is completed by collateral.
  const completing: Fixed =
    order.fixed.kind === 'collateral'
      ? { kind: 'collateral', collateral: completion }
      : { kind: 'contracts', contracts: excess };
  const exitFee = feeOf({ fixed: completing, limitPrice: exitPrice }, market);
  return {
    instrument: order.instrument,
    contracts: order.legalMaximum,
    cash: add(add(spendOf(order), feeOf(order, market)), ORDER_ROUNDING),
    exitCash: add(add(completion, exitFee), ORDER_ROUNDING),
  };
}

type Fixed = ChildOrder['fixed'];

/**
 * So many contracts never cost more at a lower price, fee included: both fee formulas rise slower than
 * the price. So much collateral does: it buys more contracts, and the fee is charged on those.
 */
function feeOf(
  { fixed, limitPrice }: Pick<ChildOrder, 'fixed' | 'limitPrice'>,
  { fees }: Market,
): Money {
  if (fixed.kind === 'collateral') return collateralFeeUpperBound(fees, fixed.collateral);
  return takerFee(fees, limitPrice, fixed.contracts);
}
