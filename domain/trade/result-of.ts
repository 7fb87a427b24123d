import type { Money, Quantity } from '../money.js';
import {
  add,
  greatest,
  least,
  money,
  notional,
  ONE_DOLLAR,
  perContract,
  subtract,
  ZERO_MONEY,
  ZERO_QUANTITY,
} from '../money.js';
import { isHeldBack } from '../pair.js';
import type { Denial } from '../risk/denial.js';
import type { Fill } from '../venue-entry.js';
import { buysOf, heldOf, reductionsOf } from './certain-excess.js';
import { exposureOf } from './exposure.js';
import { netOf, standingFills, sumOf } from './order-rows.js';
import { approvalOf } from './phases.js';
import type { OrderState, TradeResult, TradeState } from './trade.js';

/** How the trade ended, or would end if nothing more came. Figures are sums of venue entries. */
export function resultOf(state: TradeState, nowMs: number): TradeResult {
  const { admission } = state;
  if (admission?.kind === 'repeated') return admission.result;
  const denial = denialOf(state);
  if (denial) return { ...nothing(state), kind: 'denied', denial };
  if (!approvalOf(state)) return nothing(state);
  return { ...figuresOf(state, nowMs), ...endOf(state) };
}

/** Stopped before the wire: by a rule, by a cancel request or freeze in time, or at the last gate. */
function denialOf(state: TradeState): Denial | undefined {
  const { admission, orders, intent } = state;
  if (admission?.kind === 'denied') return admission.denial;
  if (admission?.kind !== 'approved' || intent.dryRun) return undefined;
  if (orders.every((order) => order.status === 'planned')) return stoppedInTime(state);
  // What trades all the same, against every word that it never left, is told with its figures.
  const isTraded = orders.some((order) => netOf(state, order) > 0n);
  if (isTraded || !orders.every((order) => order.status === 'denied')) return undefined;
  const reason = orders.find((order) => order.refusal)?.refusal?.code;
  return { code: 'NOT_DISPATCHED', ...(reason === undefined ? {} : { reason }) };
}

function stoppedInTime({ isCancelRequested, freezes }: TradeState): Denial | undefined {
  if (isCancelRequested) return { code: 'CANCELED' };
  const [freeze] = freezes;
  if (!freeze) return undefined;
  const { freezeId, cause, why } = freeze;
  return { code: 'FROZEN', freezeId, cause, why };
}

function endOf(state: TradeState): Pick<TradeResult, 'kind' | 'residual'> {
  const yes = heldOf(state, 'yes');
  const no = heldOf(state, 'no');
  if (yes !== no) {
    const leg = yes > no ? 'yes' : 'no';
    const quantity = subtract(greatest(yes, no), least(yes, no));
    const reason = state.exitsTakenBy ? 'taken_over' : (state.gaveUp ?? 'kept');
    return { kind: 'residual', residual: { leg, quantity, reason } };
  }
  // What the venue took back altogether was never filled, whatever was known of it when.
  const isFilled = state.orders.some((order) => netOf(state, order) > 0n);
  if (!isFilled) return { kind: 'missed' };
  // A flattened match had no excess: it is told by what was sold of it.
  const exits = state.orders.filter((order) => !isEntry(order) && netOf(state, order) > 0n);
  const isMatched = exits.length === 0 ? !state.hadExcess : exits.every(isHedge(state));
  return { kind: isMatched ? 'matched' : 'exited' };
}

/** A leg that was held back is bought for what the other has filled: so it was meant. */
function isHedge(state: TradeState): (exit: OrderState) => boolean {
  const pair = approvalOf(state)?.pair;
  return ({ order: { side, instrument } }) =>
    pair !== undefined && side === 'buy' && isHeldBack(pair, instrument.venue);
}

function figuresOf(state: TradeState, nowMs: number): Omit<TradeResult, 'kind'> {
  const fills = state.orders.flatMap((order) => standingFills(state, order));
  // A venue that sold more than was held leaves the other leg's side of the market, and no pair.
  const contracts = greatest(least(heldOf(state, 'yes'), heldOf(state, 'no')), ZERO_QUANTITY);
  const fees = totalOf(fills.map((fill) => fill.fee));
  const cash = totalOf(fills.map((fill) => fill.cash));
  const net = add(notional(ONE_DOLLAR, contracts, 'floor'), cash);
  return {
    contracts,
    fees,
    gross: add(net, fees),
    net,
    exposureContractSeconds: exposureOf(state, nowMs),
    exitCost: exitCostOf(state),
    isCanceled: state.isCancelRequested,
  };
}

function exitCostOf(state: TradeState): Money {
  const costs = (['yes', 'no'] as const).flatMap((leg) => {
    const basis = costPerContract(state, buysOf(state, leg).filter(isEntry));
    const sold = reductionsOf(state, leg).flatMap((order) => standingFills(state, order));
    const bought = buysOf(state, leg)
      .filter((order) => !isEntry(order))
      .flatMap((order) => standingFills(state, order));
    const other = costPerContract(
      state,
      buysOf(state, leg === 'yes' ? 'no' : 'yes').filter(isEntry),
    );
    return [
      ...sold.map((fill) => subtract(basis(fill.quantity), fill.cash)),
      ...bought.map((fill) => subtract(other(fill.quantity), add(dollars(fill), fill.cash))),
    ];
  });
  return greatest(totalOf(costs), ZERO_MONEY);
}

const isEntry = ({ order }: OrderState): boolean => order.purpose.kind === 'entry';
const dollars = ({ quantity }: Fill): Money => notional(ONE_DOLLAR, quantity, 'floor');
const totalOf = (sums: readonly Money[]): Money => sums.reduce(add, ZERO_MONEY);

/** What so many contracts of these orders had cost on average, fees included. */
function costPerContract(
  state: TradeState,
  orders: readonly OrderState[],
): (quantity: Quantity) => Money {
  const fills = orders.flatMap((order) => standingFills(state, order));
  const bought = sumOf(fills);
  if (bought === 0n) return () => ZERO_MONEY;
  const cost = subtract(ZERO_MONEY, totalOf(fills.map((fill) => fill.cash)));
  const each = perContract(cost, bought, 'ceil');
  return (quantity) => notional(each, quantity, 'ceil');
}

function nothing({ isCancelRequested: isCanceled }: TradeState): TradeResult {
  const none = money('0');
  return {
    kind: 'missed',
    contracts: ZERO_QUANTITY,
    fees: none,
    gross: none,
    net: none,
    exposureContractSeconds: ZERO_QUANTITY,
    exitCost: none,
    isCanceled,
  };
}
