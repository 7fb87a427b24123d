import {
  divide,
  type Money,
  negate,
  ONE_DOLLAR,
  type Price,
  perContract,
  type Quantity,
  subtract,
} from '../../domain/money.js';
import type { Read } from '../../domain/venue.js';
import type { SetChange, Settlement, Unordered } from '../../domain/venue-entry.js';
import type { AccountAccess } from './account-access.js';
import { type ClobMarket, instrumentOf } from './market-directory.js';
import { unavailable } from './reads.js';
import { activityShape, type WireActivity } from './wire.js';

/**
 * What moved shares without an order: redemptions of resolved markets, merges and splits. On chain
 * each is a transaction of the holder's; the CLOB lists none, the data API does (`/v2/activity`,
 * automatic redemptions included), so that is the source.
 *
 * 1. A redemption must name its outcome's token: one that does not cannot be booked.
 * 2. One of nothing (a loser's shares may be burnt without a figure) moves nothing.
 * 3. Rows of one transaction about the same shares are one entry: a key counts once.
 */
export async function readSettlements(
  { reads, directory, owner }: AccountAccess,
  sinceMs: number,
): Promise<Read<Unordered[]>> {
  const start = Math.max(1, Math.floor(sinceMs / 1000)).toString();
  const type = 'REDEEM,MERGE,SPLIT';
  const query = { user: owner.address, type, start, sort_direction: 'ASC', limit: '500' };
  const rows = await reads.dataRows('/v2/activity', query, activityShape);
  if (rows.kind !== 'read') return rows;
  const entries: Unordered[] = [];
  for (const row of summed(rows.value)) {
    if (row.size <= 0n) continue;
    const market = await directory.find(row.condition_id);
    const read = market && entriesOfRow(row, market, owner.account);
    if (!read) return unavailable('activity_unread');
    entries.push(...read);
  }
  return { kind: 'read', value: entries };
}

function summed(rows: readonly WireActivity[]): readonly WireActivity[] {
  const sums = new Map<string, WireActivity>();
  for (const row of rows) {
    const key = [row.type, row.transaction_hash, row.condition_id, row.token_id].join();
    const before = sums.get(key);
    const size = row.size + (before?.size ?? 0n);
    sums.set(key, { ...row, size, usdc_size: row.usdc_size + (before?.usdc_size ?? 0n) });
  }
  return [...sums.values()];
}

function entriesOfRow(
  row: WireActivity,
  market: ClobMarket,
  account: string,
): readonly Unordered[] | undefined {
  if (row.type !== 'REDEEM') return setChanges(row, market, account);
  const settlement = redemption(row, market, account);
  return settlement && [settlement];
}

function redemption(row: WireActivity, market: ClobMarket, account: string) {
  const instrument = instrumentOf(market, row.token_id ?? '');
  if (!instrument) return undefined;
  const quantity = row.size as Quantity; // shares redeemed
  const cash = row.usdc_size as Money; // collateral received
  const settlement: Settlement = {
    ...{ kind: 'settlement', account, instrument, reference: row.transaction_hash },
    ...{ quantity, price: perContract(cash, quantity, 'floor'), cash, atMs: row.timestamp },
  };
  return settlement;
}

/** Both outcomes, half of the dollars each. */
function setChanges(row: WireActivity, market: ClobMarket, account: string): readonly SetChange[] {
  const kind = row.type === 'MERGE' ? 'merge' : 'split';
  const dollars = row.usdc_size as Money; // collateral received or paid
  const half = divide(dollars, 2n, 'floor') as Money; // of money
  const parts = { yes: half, no: subtract(dollars, half) };
  return (['yes', 'no'] as const).map((outcome) => ({
    ...{ kind, account, reference: row.transaction_hash, atMs: row.timestamp },
    instrument: { venue: 'polymarket', market: market.market, outcome },
    quantity: row.size as Quantity, // shares of either outcome
    price: divide(ONE_DOLLAR, 2n, 'floor') as Price, // half a dollar
    cash: kind === 'merge' ? parts[outcome] : negate(parts[outcome]),
  }));
}
