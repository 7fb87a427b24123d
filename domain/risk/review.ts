import { assert } from '../assert.js';
import type { ChildOrder } from '../child-order.js';
import type { Instrument } from '../instrument.js';
import { instrumentKey, opposite } from '../instrument.js';
import type { Quantity } from '../money.js';
import { greatest, least, notional, ONE_DOLLAR, ZERO_QUANTITY } from '../money.js';
import { legInstrument } from '../pair.js';
import type { Approved } from './approved.js';
import type { Denial } from './denial.js';
import { reservationFor, spendOf } from './reservation.js';
import { firstDenial, reviewAccount } from './review-account.js';
import type { Limits, Reservation, ReservedLeg, RiskInput } from './risk-input.js';
import * as trade from './trade-rules.js';

/** Go, with what is reserved for it, or stop, by the name of the first broken rule. */
export type Review =
  | {
      readonly kind: 'approved';
      readonly reservation: Reservation;
      readonly entries: {
        readonly yesOrder: Approved<ChildOrder>;
        readonly noOrder: Approved<ChildOrder>;
      };
    }
  | { readonly kind: 'denied'; readonly denial: Denial };

/** In this order, cheap and certain ones first; each is one paragraph in the rules' own files. */
const intentRules = [
  trade.byWorkflow,
  trade.twoVenues,
  trade.inTime,
  trade.unfrozen,
  trade.notInFlight,
  trade.equivalent,
  trade.hedgeable,
  trade.farFromClose,
  trade.farFromPause,
  trade.groupOpen,
  trade.booksThere,
  trade.booksFresh,
  trade.owned,
];
const tradeRules = [...intentRules, trade.edgeLarge, trade.sizeLarge];

/** The rules that need no price, so that a denial names what is wrong before what is merely thin. */
export function reviewIntent(input: trade.IntentInput): Denial | undefined {
  return firstDenial(intentRules.map((rule) => rule(input)));
}

/**
 * Reviews a trade against everything that the account's transaction has read. Missing data denies;
 * unknown orders count at their worst case, because their reservations are still open.
 */
export function review(input: RiskInput): Review {
  const broken = firstDenial(tradeRules.map((rule) => rule(input)));
  if (broken) return { kind: 'denied', denial: broken };
  assertMeant(input);
  const { limits } = input.account;
  if (!limits) return denied({ code: 'LIMITS_MISSING', account: input.intent.account });

  const reservation = reservationFor(input);
  const subject = { input, limits, reservation };
  const tooMuch = reviewAccount(subject);
  if (tooMuch) return denied(tooMuch);
  const { yesOrder, noOrder } = input.entries;
  const entries = { yesOrder: approve(yesOrder), noOrder: approve(noOrder) };
  return { kind: 'approved', reservation, entries };
}

/**
 * The approval of an order whose reservation was read back: a brand is lost in JSON. `undefined`
 * where the reservation does not cover it. Selling what the trade holds takes no new risk, so it
 * is not bounded by contracts: a venue that filled too much must still be got out of.
 */
export function approvedBy(
  reservation: Reservation,
  order: ChildOrder,
): Approved<ChildOrder> | undefined {
  const isOurs =
    reservation.workflowId === order.workflowId && reservation.account === order.account;
  return isOurs && isCovered(reservation, order) ? approve(order) : undefined;
}

/** Contracts that nobody answers for, and whose account has them. */
export interface UnownedHolding {
  readonly account: string;
  readonly instrument: Instrument;
  readonly quantity: Quantity;
}

/**
 * The approval of an order of custody, which has no reservation: it sells (or nets) no more than is
 * held, or buys the other outcome elsewhere for at most a dollar for each contract held.
 */
export function approvedByHolding(
  { account, instrument, quantity }: UnownedHolding,
  order: ChildOrder,
): Approved<ChildOrder> | undefined {
  const isExit = order.account === account && order.purpose.kind === 'exit';
  const contracts = order.fixed.kind === 'contracts' ? order.fixed.contracts : ZERO_QUANTITY;
  const isOwn = instrumentKey(order.instrument) === instrumentKey(instrument);
  const isSameMarket = order.instrument.market === instrument.market;
  const isOther = order.instrument.outcome === opposite(instrument.outcome);
  const isSale = order.side === 'sell' && isOwn;
  const isNetting = order.side === 'buy' && isSameMarket && isOther && order.isReduceOnly;
  const isHedge = order.side === 'buy' && !isSameMarket && isOther;
  const mostCost = notional(ONE_DOLLAR, quantity, 'floor');
  const isBound = contracts <= quantity && spendOf(order) <= mostCost;
  return isExit && isBound && (isSale || isNetting || isHedge) ? approve(order) : undefined;
}

/** An intent larger than the account takes per pair is cut to it, not denied. */
export function cutToLimits(contractsMax: Quantity, limits: Limits): Quantity {
  return least(contractsMax, limits.contractsPerPairMax);
}

function isCovered({ legs }: Reservation, order: ChildOrder): boolean {
  const own = legs.find((leg) => isOf(order, leg));
  const netted = legs.find((leg) => isOf(counterpart(order), leg));
  if (order.side === 'sell') return own !== undefined && order.purpose.kind === 'exit';
  if (!own) return netted !== undefined && order.isReduceOnly && order.purpose.kind === 'exit';
  const spend = spendOf(order);
  if (order.purpose.kind === 'entry') {
    return order.legalMaximum <= own.contracts && spend <= own.cash;
  }
  const other = legs.find((leg) => leg !== own);
  const isWithin =
    order.fixed.kind === 'collateral' || order.fixed.contracts <= largest(own, other);
  return isWithin && spend <= greatest(own.cash, own.exitCash);
}

/** The largest excess that a completion of this leg can be for. */
const largest = (own: ReservedLeg, other: ReservedLeg | undefined): Quantity =>
  other ? other.contracts : own.contracts;

const isOf = ({ instrument }: Pick<ChildOrder, 'instrument'>, leg: ReservedLeg): boolean =>
  instrumentKey(instrument) === instrumentKey(leg.instrument);

const counterpart = ({ instrument }: ChildOrder): Pick<ChildOrder, 'instrument'> => ({
  instrument: { ...instrument, outcome: opposite(instrument.outcome) },
});

/** Our own promises about the entries: what is reserved for is what was asked for, or less. */
function assertMeant({ intent, pair, entries }: RiskInput): void {
  const orders = { yes: entries.yesOrder, no: entries.noOrder };
  for (const leg of ['yes', 'no'] as const) {
    const order = orders[leg];
    const meant = instrumentKey(legInstrument(pair, intent.type, leg));
    assert(instrumentKey(order.instrument) === meant, 'an entry buys the instrument of its leg');
    assert(order.side === 'buy', 'an entry buys');
    assert(order.timeInForce === 'IOC', 'an entry does not rest');
    assert(order.account === intent.account, 'an entry is for the account of its intent');
    assert(order.limitPrice <= intent.limitPrice[leg], 'an entry pays no more than its intent');
    assert(order.notAfterMs <= intent.notAfterMs, 'an entry leaves no later than its intent says');
    const { fixed } = order;
    const isMeant = fixed.kind === 'collateral' || fixed.contracts <= intent.contractsMax;
    assert(isMeant, 'an entry buys no more than its intent');
  }
}

const denied = (denial: Denial): Review => ({ kind: 'denied', denial });

const approve = (order: ChildOrder): Approved<ChildOrder> => order as Approved<ChildOrder>; // the one place
