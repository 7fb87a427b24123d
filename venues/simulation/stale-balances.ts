import type { Outcome, Quantity } from '../../domain/index.js';
import { least, subtract } from '../../domain/index.js';
import type { Refused } from './acceptance.js';
import type { SimulatedBalance, SimulatedPosition } from './exchange.js';
import type { Funds } from './funds.js';
import { availableCash, lockedShares } from './funds.js';
import type { PlaceRequest } from './order.js';
import { struck } from './order-faults.js';
import type { StaleBalances } from './stale-view.js';
import type { TradingFloor } from './trading-floor.js';

/** `stale_balance`: what is true now is all that the venue's cache knows for a while. */
export function keepStale(floor: TradingFloor, request: PlaceRequest, funds: Funds): void {
  const fault = struck(floor, 'stale_balance', request);
  if (!fault) return;
  const { account, market } = request;
  const { state } = funds;
  const holding = state.holding(account, market);
  const sellable = (outcome: Outcome) =>
    subtract(holding[outcome], lockedShares(funds, account, { market, outcome }));
  floor.stale.set(account, {
    untilMs: floor.options.now() + fault.forMs,
    balance: { cash: state.cash(account), available: availableCash(funds, account) },
    market,
    sellable: { yes: sellable('yes'), no: sellable('no') },
  });
}

/** A venue that keeps shares on a chain sells what its cache knows of, and nothing else. */
export function refusedByStale(
  floor: TradingFloor,
  { account, market, outcome, side }: PlaceRequest,
  quantity: Quantity,
): Refused | undefined {
  const stale = staleOf(floor, account);
  if (stale?.market !== market || side !== 'sell' || floor.options.rules.nets) return undefined;
  if (quantity <= stale.sellable[outcome]) return undefined;
  floor.options.faults.script.count('stale_balance_refused');
  const reason = `${quantity} of ${stale.sellable[outcome]} that the balance cache knows of`;
  return { kind: 'refused', code: 'insufficient_shares', reason };
}

/** The account's balance as the venue tells it. */
export function toldBalance(
  floor: TradingFloor,
  account: string,
  balance: SimulatedBalance,
): SimulatedBalance {
  const told = staleOf(floor, account)?.balance;
  if (!told || (told.cash === balance.cash && told.available === balance.available)) return balance;
  floor.options.faults.script.count('stale_balance_told');
  return told;
}

/** A position as the venue tells it: what its cache does not know of cannot be sold. */
export function toldPosition(
  floor: TradingFloor,
  account: string,
  position: SimulatedPosition,
): SimulatedPosition {
  const stale = staleOf(floor, account);
  if (stale?.market !== position.market || floor.options.rules.nets) return position;
  const { quantity, lockedQuantity, outcome } = position;
  const sellable = least(subtract(quantity, lockedQuantity), stale.sellable[outcome]);
  const locked = subtract(quantity, sellable);
  if (locked !== lockedQuantity) floor.options.faults.script.count('stale_balance_told');
  return { ...position, lockedQuantity: locked };
}

function staleOf(floor: TradingFloor, account: string): StaleBalances | undefined {
  const stale = floor.stale.get(account);
  return stale && floor.options.now() < stale.untilMs ? stale : undefined;
}
