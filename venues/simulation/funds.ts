import type { Market, Money, Outcome, Quantity } from '../../domain/index.js';
import { add, greatest, subtract, ZERO_MONEY, ZERO_QUANTITY } from '../../domain/index.js';
import { closable } from './account-book.js';
import { costMax } from './charges.js';
import type { ExchangeState } from './exchange-state.js';
import type { PlaceRequest, SimulatedOrder } from './order.js';
import type { VenueRules } from './venue-rules.js';

/** What an account can still use: its books less everything that is promised or may be taken back. */
export interface Funds {
  readonly state: ExchangeState;
  readonly rules: VenueRules;
  marketOf(market: string): Market;
}

/** Cash without the collateral of working orders and without proceeds that may still fail. */
export function availableCash(funds: Funds, account: string): Money {
  const promised = workingOrders(funds, account).map((order) => collateralOf(funds, order));
  const provisional = funds.state
    .pendingParts(account)
    .map(({ part }) => greatest(part.cash, ZERO_MONEY));
  return [...promised, ...provisional].reduce(subtract, funds.state.cash(account));
}

/** Contracts of an outcome that cannot be sold now: bought and not final yet, or in a working sale. */
export function lockedShares(
  funds: Funds,
  account: string,
  { market, outcome }: { readonly market: string; readonly outcome: Outcome },
): Quantity {
  const unconfirmed = funds.state
    .pendingParts(account)
    .filter(({ market: of, part }) => of === market && part.outcome === outcome)
    .map(({ part }) => (part.side === 'buy' ? part.quantity : ZERO_QUANTITY));
  const promised = workingOrders(funds, account)
    .filter((order) => order.market === market && order.outcome === outcome)
    .map((order) => (order.side === 'sell' ? leavesOf(order) : ZERO_QUANTITY));
  return [...unconfirmed, ...promised].reduce(add, ZERO_QUANTITY);
}

/** Cash that an order of this size must find before it is taken in. */
export function cashNeeded(funds: Funds, request: PlaceRequest, quantity: Quantity): Money {
  if (!funds.rules.nets && request.side === 'sell') return ZERO_MONEY;
  const held = funds.rules.nets
    ? closable(funds.state.holding(request.account, request.market), { ...request, quantity })
    : ZERO_QUANTITY;
  const opening = greatest(subtract(quantity, held), ZERO_QUANTITY);
  if (opening === 0n) return ZERO_MONEY;
  return costMax(funds.marketOf(request.market), request, opening);
}

/** Contracts of an order that are neither traded nor given up. */
export function leavesOf({ quantity, filledQuantity }: SimulatedOrder): Quantity {
  return greatest(subtract(quantity, filledQuantity), ZERO_QUANTITY);
}

/** The dollars of a collateral-sized order that are not spent yet. */
export function collateralLeft({ fixed, filledNotional }: SimulatedOrder): Money | undefined {
  return fixed.kind === 'collateral'
    ? greatest(subtract(fixed.collateral, filledNotional), ZERO_MONEY)
    : undefined;
}

function collateralOf(funds: Funds, order: SimulatedOrder): Money {
  const collateral = collateralLeft(order);
  const fixed =
    collateral === undefined ? order.fixed : ({ kind: 'collateral', collateral } as const);
  return cashNeeded(funds, { ...order, fixed }, leavesOf(order));
}

function workingOrders({ state }: Funds, account: string): readonly SimulatedOrder[] {
  return [...state.openOrders]
    .map((venueOrderId) => state.order(venueOrderId))
    .filter((order) => order.account === account);
}
