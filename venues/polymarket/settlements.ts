import { type Money, perContract, type Quantity } from '../../domain/money.js';
import type { Read } from '../../domain/venue.js';
import type { Settlement } from '../../domain/venue-entry.js';
import type { AccountAccess } from './account-access.js';
import { type ClobMarket, instrumentOf } from './market-directory.js';
import { unavailable } from './reads.js';
import { redemptionShape, type WireRedemption } from './wire.js';

/**
 * Redemptions of resolved markets. On chain a redemption is a transaction of the holder's; the
 * CLOB does not list it, the data API does (`/v2/activity?type=REDEEM`, automatic ones included),
 * so that is the source. A row must name its outcome's token: one that does not cannot be booked.
 */
export async function readSettlements(
  { reads, directory, owner }: AccountAccess,
  sinceMs: number,
): Promise<Read<Settlement[]>> {
  const start = Math.max(1, Math.floor(sinceMs / 1000)).toString();
  const query = { user: owner.address, type: 'REDEEM', start, sort_direction: 'ASC', limit: '500' };
  const rows = await reads.dataRows('/v2/activity', query, redemptionShape);
  if (rows.kind !== 'read') return rows;
  const settlements: Settlement[] = [];
  for (const row of rows.value) {
    const market = await directory.find(row.conditionId);
    const settlement = market && settlementOf(row, market, owner.account);
    if (!settlement) return unavailable('redemption_unread');
    settlements.push(settlement);
  }
  return { kind: 'read', value: settlements };
}

function settlementOf(
  row: WireRedemption,
  market: ClobMarket,
  account: string,
): Settlement | undefined {
  const instrument = instrumentOf(market, row.asset);
  const quantity = row.size as Quantity; // shares redeemed
  const cash = row.usdcSize as Money; // collateral received
  if (!instrument || quantity <= 0n) return undefined;
  return {
    kind: 'settlement',
    account,
    instrument,
    reference: row.transactionHash,
    quantity,
    price: perContract(cash, quantity, 'floor'),
    cash,
    atMs: row.timestamp,
  };
}
