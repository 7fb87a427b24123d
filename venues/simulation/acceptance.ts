import type { Quantity } from '../../domain/index.js';
import {
  contractsFor,
  isLegalPrice,
  least,
  subtract,
  toMultiple,
  ZERO_QUANTITY,
} from '../../domain/index.js';
import { closable } from './account-book.js';
import type { SimulatedMarket } from './exchange.js';
import type { Funds } from './funds.js';
import { availableCash, cashNeeded, lockedShares } from './funds.js';
import type { PlaceRequest, RefusalCode } from './order.js';

export interface Refused {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  readonly reason: string;
}

/** Passed: with the contracts that may trade, which a reduce-only order may have fewer of. */
export interface Passed {
  readonly kind: 'passed';
  readonly quantity: Quantity;
}

/** Everything that a venue checks before it looks at its book, in the order in which it answers. */
export function checked(
  funds: Funds,
  listed: SimulatedMarket | undefined,
  request: PlaceRequest,
): Passed | Refused {
  if (!funds.state.hasAccount(request.account)) return refused('account_unknown', request.account);
  if (listed === undefined) return refused('market_unknown', request.market);
  if (listed.state !== 'open') return refused('market_closed', request.market);
  if (isKnown(funds, request)) return refused('duplicate', request.venueOrderId);
  const barred = barredByGroup(funds, request);
  if (barred) return barred;
  if (!isLegalPrice(listed.market, request.limitPrice)) {
    return refused('bad_tick', `price ${request.limitPrice} is off the market's grid`);
  }
  const sized = sizeOf(funds, listed, request);
  return sized.kind === 'refused' ? sized : (unfunded(funds, request, sized) ?? sized);
}

function barredByGroup(
  { state }: Funds,
  { account, orderGroupId }: PlaceRequest,
): Refused | undefined {
  if (orderGroupId === undefined) return undefined;
  const group = state.groups.get(orderGroupId);
  if (group?.account !== account) return refused('group_unknown', orderGroupId);
  return group.isTriggered ? refused('group_triggered', orderGroupId) : undefined;
}

function sizeOf(funds: Funds, { market }: SimulatedMarket, request: PlaceRequest) {
  const quantity = askedQuantity(request, funds.rules.shareStep);
  if (quantity <= 0n || quantity % market.lot !== 0n) {
    return refused('bad_quantity', `${quantity} is no multiple of the lot ${market.lot}`);
  }
  if (quantity < market.minimumQuantity) {
    return refused('below_minimum', `${quantity} is less than ${market.minimumQuantity}`);
  }
  if (!request.isReduceOnly) return passed(quantity);
  const reducible = reducibleOf(funds, request);
  return reducible > 0n
    ? passed(least(quantity, reducible))
    : refused('reduce_only', 'there is no position that this order makes smaller');
}

/** For a sum: the contracts that it buys at the limit, which is the fewest that it may buy. */
function askedQuantity({ fixed, limitPrice }: PlaceRequest, step: Quantity): Quantity {
  return fixed.kind === 'contracts'
    ? fixed.contracts
    : toMultiple(contractsFor(fixed.collateral, limitPrice, 'floor'), step, 'floor');
}

function reducibleOf({ state, rules }: Funds, request: PlaceRequest): Quantity {
  const holding = state.holding(request.account, request.market);
  if (rules.nets) return closable(holding, { ...request, quantity: ZERO_QUANTITY });
  return request.side === 'sell' ? holding[request.outcome] : ZERO_QUANTITY;
}

function unfunded(funds: Funds, request: PlaceRequest, { quantity }: Passed): Refused | undefined {
  const { account, market, outcome } = request;
  if (!funds.rules.nets && request.side === 'sell') {
    const locked = lockedShares(funds, account, request);
    const sellable = subtract(funds.state.holding(account, market)[outcome], locked);
    if (quantity <= sellable) return undefined;
    return refused('insufficient_shares', `${quantity} of ${sellable} that can be sold`);
  }
  const needed = cashNeeded(funds, request, quantity);
  const available = availableCash(funds, account);
  if (needed <= available) return undefined;
  return refused('insufficient_funds', `${needed} of ${available} that is free`);
}

function isKnown({ state }: Funds, { venueOrderId, clientKey }: PlaceRequest): boolean {
  return state.orders.has(venueOrderId) || state.byClientKey.has(clientKey);
}

const passed = (quantity: Quantity): Passed => ({ kind: 'passed', quantity });
const refused = (code: RefusalCode, reason: string): Refused => ({ kind: 'refused', code, reason });
