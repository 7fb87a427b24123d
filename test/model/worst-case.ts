import type { ChildOrder } from '../../domain/child-order.js';
import type { Outcome } from '../../domain/instrument.js';
import { opposite } from '../../domain/instrument.js';
import { cashReserved } from '../../domain/risk/reservation.js';
import { approvedBy } from '../../domain/risk/review.js';
import type { ReservedLeg } from '../../domain/risk/risk-input.js';
import type { TradeRow } from '../../domain/venue-entry.js';
import { differs } from './differs.js';
import { mostFee, mostSpend } from './plain-fees.js';
import { costliestWay, setAsideFor } from './plain-reservation.js';
import { marketOf } from './plot-orders.js';
import type { TradeRun } from './trade-run.js';

const legs = ['yes', 'no'] as const;

/** What is beyond the reservation: an order, a leg's contracts or cash, or all that may be lost. */
export function beyondReservation(run: TradeRun): string | undefined {
  return (
    orderUncovered(run) ??
    entryBeyond(run, 'yes') ??
    entryBeyond(run, 'no') ??
    completionsBeyond(run, 'yes') ??
    completionsBeyond(run, 'no') ??
    lossBeyond(run)
  );
}

/**
 * Where plain arithmetic sets aside something else, to the unit: a formula that is wrong by less than
 * the spare cents covers the worst case all the same.
 */
export function reservedOtherwise({ book, reservation }: TradeRun): string | undefined {
  let exposure = 0n;
  for (const [index, leg] of legs.entries()) {
    const order = book.legs[leg];
    const plain = setAsideFor(order, book.legs[opposite(leg)]);
    const { contracts, cash, exitCash, needed } = plain;
    const reserved = reservation.legs[index];
    const { venue } = order.instrument;
    const what =
      differs(`${leg}: contracts`, reserved?.contracts ?? 0n, contracts) ??
      differs(`${leg}: cash`, reserved?.cash ?? 0n, cash) ??
      differs(`${leg}: cash to complete`, reserved?.exitCash ?? 0n, exitCash) ??
      differs(venue, cashReserved(reservation, venue), needed);
    if (what !== undefined) return what;
    const costliest = costliestWay(order);
    if (costliest > cash) return differs(`${leg}: costliest way`, costliest, cash);
    exposure += cash;
  }
  return differs('exposure', reservation.exposure, exposure);
}

/** By what is reserved and by the gate that an order passes: a sale takes no new risk. */
function orderUncovered(run: TradeRun): string | undefined {
  const { reservation, sent, checked, book } = run;
  if (!sent) return undefined;
  checked('an exit is within what is reserved');
  const { order } = sent;
  if (!approvedBy(reservation, order)) return `${order.clientOrderId} does not pass the gate`;
  const leg = legs.find((one) => isCompletion(order, book.legs[one]));
  if (leg === undefined) return undefined;
  const { cash, exitCash } = reservedFor(run, leg);
  const { contracts } = reservedFor(run, opposite(leg));
  const { fixed } = order;
  if (fixed.kind === 'contracts' && fixed.contracts > contracts) {
    return differs(`${leg}: contracts to complete`, fixed.contracts, contracts);
  }
  const spend = mostSpend(order);
  const most = larger(cash, exitCash);
  return spend > most ? differs(`${leg}: spend to complete`, spend, most) : undefined;
}

/** It buys what that entry bought. */
function isCompletion({ side, instrument }: ChildOrder, entry: ChildOrder): boolean {
  const { market, outcome } = entry.instrument;
  return side === 'buy' && instrument.market === market && instrument.outcome === outcome;
}

function entryBeyond(run: TradeRun, leg: Outcome): string | undefined {
  const { book, truth, checked } = run;
  const entry = book.legs[leg];
  // Nothing is reserved for what an order has traded beyond itself.
  if (truth.isOverfilled(entry)) return undefined;
  checked('an entry costs no more than is reserved');
  const { contracts, cash } = reservedFor(run, leg);
  const most = book.canStandFor(entry.clientOrderId);
  if (most > contracts) return differs(`${leg}: contracts`, most, contracts);
  const paid = worstCost(run, entry);
  return paid > cash ? differs(`${leg}: cash`, paid, cash) : undefined;
}

function completionsBeyond(run: TradeRun, leg: Outcome): string | undefined {
  const { book, truth, checked } = run;
  const buys = book.buys(leg);
  if (buys.length < 2) return undefined;
  // What was completed because a venue had said "no more" may have both, and calls for the other leg.
  if (truth.denied.length > 0) return undefined;
  checked('completions cost no more than is reserved');
  const { cash, exitCash } = reservedFor(run, leg);
  const most = larger(cash, exitCash);
  const spent = sum(buys.map((id) => worstCost(run, book.order(id)))) - soldFor(run, leg);
  return spent > most ? differs(`${leg}: cash with completions`, spent, most) : undefined;
}

function lossBeyond(run: TradeRun): string | undefined {
  const { book, truth, checked } = run;
  if (truth.hasOverfilled) return undefined;
  const hasExits = book.orders.length > 2;
  checked(hasExits ? 'no more may be lost after an exit' : 'no more may be lost before an exit');
  if (truth.denied.length > 0) checked('no more may be lost after a denied match');
  const lost = lossAtWorst(run);
  const most = mostToLose(run);
  return lost > most ? differs('loss', lost, most) : undefined;
}

function reservedFor({ reservation }: TradeRun, leg: Outcome): ReservedLeg {
  const reserved = reservation.legs[leg === 'yes' ? 0 : 1];
  if (!reserved) throw new Error(`nothing is reserved for ${leg}`);
  return reserved;
}

/** The most that an order may still have cost when it is over, fee included. */
function worstCost({ book }: TradeRun, order: ChildOrder | undefined): bigint {
  if (!order) return 0n;
  const { clientOrderId, fixed } = order;
  const { fees } = marketOf(order.instrument);
  if (book.isOver(clientOrderId)) {
    const missing = book.toldOf(clientOrderId) - book.matched(clientOrderId);
    const perContract = missing > 0n ? (order.limitPrice * missing) / 1_000_000_000n : 0n;
    // Fees of matches that are told as a figure alone are in the bound of the open order, and what
    // was taken back of it is no part of that any more.
    const reversals = book.rowsOf(clientOrderId).filter((row) => row.kind === 'reversal');
    if (missing > 0n && fixed.kind === 'collateral') return mostSpend(order) + paidFor(reversals);
    return (
      paidFor(book.fills(clientOrderId).filter((fill) => !book.isReversed(fill))) + perContract
    );
  }
  return mostSpend(order) + mostFee(fees, order);
}

function soldFor({ book }: TradeRun, leg: Outcome): bigint {
  const fills = book.exits(leg).flatMap((id) => book.fills(id));
  return -paidFor(fills.filter((fill) => !book.isReversed(fill)));
}

/** All that could be lost: what is paid and may be, less the dollars of what is surely matched. */
function lossAtWorst(run: TradeRun): bigint {
  const { book } = run;
  const entries = legs.map((leg) => worstCost(run, book.legs[leg]));
  const others = book.orders.slice(2).map(({ clientOrderId }) => {
    const fills = book.fills(clientOrderId).filter((fill) => !book.isReversed(fill));
    return paidFor(fills);
  });
  const matched = legs.map((leg) => book.position(leg)).reduce((a, b) => (a < b ? a : b));
  return sum(entries) + sum(others) - (matched > 0n && others.length > 0 ? matched : 0n);
}

/**
 * Exposure is what both entries may cost. A completion is paid from the cash that is set aside for it,
 * and is at risk as well while the match that it completes may still be taken back.
 */
function mostToLose({ book, reservation }: TradeRun): bigint {
  const hasCompleted = legs.some((leg) => book.buys(leg).length > 1);
  if (!hasCompleted) return reservation.exposure;
  return sum(reservation.legs.map(({ cash, exitCash }) => larger(cash, exitCash)));
}

const larger = (left: bigint, right: bigint): bigint => (left > right ? left : right);
const paidFor = (fills: readonly TradeRow[]): bigint => -sum(fills.map((fill) => fill.cash));
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, one) => total + one, 0n);
