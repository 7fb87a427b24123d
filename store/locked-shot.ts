import { formatAmount, type ShotName, ZERO_MONEY } from '../domain/index.js';
import { isShot } from './fired-shots.js';
import type { Drawn } from './leases.js';
import type { Transaction } from './transaction.js';

/** A shot's row, locked until the transaction ends: what becomes of it is decided once. */
export async function lockedShot(tx: Transaction, name: ShotName) {
  return tx
    .selectFrom('engine_shots as shot')
    .select(['adopted_at', 'refused', 'barred', 'lease_epoch', 'worst', 'pair_id', 'workflow_id'])
    .where(isShot(name))
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/** What has left a lease, as the shot's row keeps it; nothing where that is closed. */
export const drawnColumns = (drawn: Drawn | undefined) => ({
  lease_id: drawn?.leaseId ?? null,
  moved: formatAmount(drawn?.moved ?? ZERO_MONEY),
  moved_epoch: drawn?.epoch ?? null,
});
