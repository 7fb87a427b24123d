import type { Kysely } from 'kysely';
import { type ExitOwnership, FIRST_EXIT_EPOCH, isSameOwner } from '../domain/index.js';
import { type OrderToRecord, type Recorded, recordOrders } from './orders.js';
import { claim } from './owners.js';
import type { Database } from './tables.js';

const KIND = 'exit';

/** What came of recording an exit: who else owns it, where it is not the caller's any more. */
export type ExitRecord =
  | { readonly kind: Recorded }
  | { readonly kind: 'fenced'; readonly owner: ExitOwnership };

/** Takes the exits of a trade over; the holder that has them already keeps its epoch. */
export async function claimExit(
  db: Kysely<Database>,
  { key, holder }: Omit<ExitOwnership, 'epoch'>,
): Promise<ExitOwnership> {
  const epoch = await claim(db, { kind: KIND, key, holder });
  return { key, holder, epoch };
}

/** Who may get out of a trade's excess; `undefined` where it was never approved. */
export async function exitOwner(
  db: Kysely<Database>,
  key: string,
): Promise<ExitOwnership | undefined> {
  const row = await ownerRow(db, key).executeTakeFirst();
  return row && { key, ...row };
}

/**
 * Writes an exit order down before any byte leaves, if it is still the caller's to send. The owner's
 * row stays locked until the order's is committed: whoever takes over later finds the order, and
 * whoever was taken over before records none.
 */
export async function recordExit(
  db: Kysely<Database>,
  order: OrderToRecord,
  ownership: ExitOwnership,
): Promise<ExitRecord> {
  return db.transaction().execute(async (tx): Promise<ExitRecord> => {
    // Shared: two exits do not wait for each other, a claim waits for both.
    const owner = await ownerRow(tx, ownership.key).forShare().executeTakeFirst();
    const found = { key: ownership.key, ...(owner ?? NOBODY) };
    if (!isSameOwner(found, ownership)) return { kind: 'fenced', owner: found };
    const [kind = 'exists'] = await recordOrders(tx, [order]);
    return { kind };
  });
}

/** Gives a living trade its exits back, where nobody at all has them. */
export async function restoreExitOwner(db: Kysely<Database>, workflowId: string): Promise<void> {
  await db
    .insertInto('owners')
    .values({
      kind: KIND,
      key: workflowId,
      holder: workflowId,
      epoch: FIRST_EXIT_EPOCH,
      claimed_at: new Date(),
    })
    .onConflict((conflict) => conflict.columns(['kind', 'key']).doNothing())
    .execute();
}

/** A lost row is nobody's: no exit is sent without an owner. */
const NOBODY = { holder: 'nobody', epoch: 0 } as const;

function ownerRow(db: Kysely<Database>, key: string) {
  return db
    .selectFrom('owners')
    .select(['holder', 'epoch'])
    .where('kind', '=', KIND)
    .where('key', '=', key);
}
