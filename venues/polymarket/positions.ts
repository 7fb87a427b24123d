import type { Money, Price, Quantity } from '../../domain/money.js';
import type { Read, VenuePosition } from '../../domain/venue.js';
import type { AccountAccess } from './account-access.js';
import { instrumentOf } from './market-directory.js';
import { unavailable } from './reads.js';
import { positionShape, type WirePosition } from './wire.js';

/** How many balances are asked for at once. */
const BATCH = 8;

/**
 * Shares held on chain. The data API names the tokens (it hides less than 0.1 share); the figures
 * are the CLOB's own balances, which are what a sale is checked against. A match that is not
 * CONFIRMED is not in them yet.
 */
export async function readPositions(
  access: AccountAccess,
): Promise<Read<readonly VenuePosition[]>> {
  const { reads, owner } = access;
  const query = { user: owner.address, limit: '500' };
  const held = await reads.dataRows('/v2/positions', query, positionShape);
  if (held.kind !== 'read') return held;
  const positions: VenuePosition[] = [];
  for (let from = 0; from < held.value.length; from += BATCH) {
    const batch = held.value.slice(from, from + BATCH);
    const read = await Promise.all(batch.map((row) => readPosition(access, row)));
    for (const position of read) {
      if (position.kind !== 'read') return position;
      if (position.value.quantity > 0n) positions.push(position.value);
    }
  }
  return { kind: 'read', value: positions };
}

async function readPosition(
  { reads, directory }: AccountAccess,
  { token_id: asset, condition_id, redeemable, current_price: worth }: WirePosition,
): Promise<Read<VenuePosition>> {
  const market = await directory.find(condition_id);
  const instrument = market && instrumentOf(market, asset);
  if (!instrument) return unavailable('market_unread');
  const balance = await sharesOf(reads, asset);
  if (balance.kind !== 'read') return balance;
  const quantity = balance.value as bigint as Quantity; // of a token the balance is in shares
  const isRedeemable = redeemable === true && worth !== null && worth !== undefined;
  const redemption = isRedeemable ? { redeemsAt: worth as Price } : {}; // dollars a share
  return { kind: 'read', value: { instrument, quantity, ...redemption } };
}

/**
 * Tokens of domain "2" are `CONDITIONAL`, positions of domain "3" `CONDITIONAL-V2`; the id does not
 * tell which it is. Nothing under the one name, or a refusal of it, means the other is asked too.
 */
async function sharesOf(reads: AccountAccess['reads'], token_id: string): Promise<Read<Money>> {
  const first = await reads.balance({ asset_type: 'CONDITIONAL', token_id });
  if (first.kind === 'read' && first.value > 0n) return first;
  const second = await reads.balance({ asset_type: 'CONDITIONAL-V2', token_id });
  return second.kind === 'read' ? second : first;
}
