import type { Money, Quantity } from '../../domain/index.js';
import { least, negate, subtract } from '../../domain/index.js';
import { drawHex } from './draws.js';
import { availableCash, lockedShares } from './funds.js';
import { fundsOf } from './placement.js';
import type { SimulatedSetChange } from './trade.js';
import type { TradingFloor } from './trading-floor.js';

/** A holder's own transaction on chain: complete sets of a market against dollars. */
export interface SetChangeRequest {
  readonly how: SimulatedSetChange['how'];
  readonly account: string;
  readonly market: string;
  /** Of YES and of NO alike. */
  readonly quantity: Quantity;
}

export type SetChangeResult =
  | { readonly kind: 'changed'; readonly change: SimulatedSetChange }
  | { readonly kind: 'refused'; readonly reason: string };

/** Merges YES and NO into a dollar each, or splits dollars into them. A netting venue has neither. */
export function changeSets(floor: TradingFloor, request: SetChangeRequest): SetChangeResult {
  const refusal = whyNot(floor, request);
  if (refusal !== undefined) return { kind: 'refused', reason: refusal };
  const { options, state } = floor;
  const atMs = options.now();
  const sequence = state.setChanges.length + 1;
  const dollars = request.quantity as bigint as Money; // a set is worth a dollar
  const change: SimulatedSetChange = {
    ...request,
    reference: drawHex(options.seed, 'set', options.venue, sequence),
    cash: request.how === 'merge' ? dollars : negate(dollars),
    atMs,
    sequence,
  };
  floor.write({ kind: 'set_change', atMs, change });
  return { kind: 'changed', change };
}

function whyNot(floor: TradingFloor, request: SetChangeRequest): string | undefined {
  const { account, market, quantity, how } = request;
  const { options, state, markets } = floor;
  if (options.rules.nets) return 'sets net by themselves here';
  if (!state.hasAccount(account)) return `there is no account ${account}`;
  if (!markets.has(market)) return `there is no market ${market}`;
  if (quantity <= 0n) return 'a set is more than nothing';
  const funds = fundsOf(floor);
  if (how === 'split') {
    return quantity <= availableCash(funds, account) ? undefined : 'there is not the cash';
  }
  const free = (outcome: 'yes' | 'no') =>
    subtract(
      state.holding(account, market)[outcome],
      lockedShares(funds, account, { market, outcome }),
    );
  return quantity <= least(free('yes'), free('no')) ? undefined : 'there are not the shares';
}
