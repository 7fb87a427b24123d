import type { Kysely } from 'kysely';
import { formatAmount, type PairGroup, type Quantity, quantity } from '../domain/index.js';
import { at } from './sql-values.js';
import type { Database } from './tables.js';

/** A pair's group, beside the hold that says when it is to be reset. */
export interface KeptGroup {
  readonly group: PairGroup;
  readonly hold?: { readonly generation: number; readonly isReleased: boolean };
}

/** Every group of an account. */
export async function keptGroups(
  db: Kysely<Database>,
  account: string,
): Promise<readonly KeptGroup[]> {
  const rows = await db
    .selectFrom('order_groups as kept')
    .leftJoin('pair_holds as hold', 'hold.pair_id', 'kept.pair_id')
    .select([
      'kept.account',
      'kept.pair_id as pairId',
      'kept.group_id as groupId',
      'kept.trigger',
      'kept.reset_generation as resetGeneration',
      'kept.contracts_limit',
      'hold.generation',
      'hold.until',
    ])
    .where('kept.account', '=', account)
    .orderBy('kept.pair_id')
    .execute();
  return rows.map(({ generation, until, contracts_limit: limit, ...group }) => ({
    group: { ...group, ...(limit !== null && { limit: quantity(limit) }) },
    ...(generation !== null && { hold: { generation, isReleased: until !== null } }),
  }));
}

/** The group that an entry of this pair is put in. */
export async function orderGroupOf(
  db: Kysely<Database>,
  { account, pairId }: { readonly account: string; readonly pairId: string },
): Promise<{ readonly groupId: string; readonly isTriggered: boolean } | undefined> {
  const row = await db
    .selectFrom('order_groups')
    .select(['group_id', 'trigger'])
    .where('account', '=', account)
    .where('pair_id', '=', pairId)
    .executeTakeFirst();
  return row && { groupId: row.group_id, isTriggered: row.trigger !== 'none' };
}

export interface NewGroup {
  readonly account: string;
  readonly pairId: string;
  readonly groupId: string;
  readonly limit: Quantity;
  readonly atMs: number;
}

/** Keeps a group that the venue has just made: nothing has been traded in it. */
export async function keepGroup(db: Kysely<Database>, group: NewGroup): Promise<void> {
  const { account, pairId: pair_id, groupId: group_id, limit, atMs } = group;
  await db
    .insertInto('order_groups')
    .values((values) => ({
      ...{ account, pair_id, group_id, created_at: at(atMs) },
      contracts_limit: formatAmount(limit),
      reset_generation: values.fn.coalesce(
        values.selectFrom('pair_holds').select('generation').where('pair_id', '=', pair_id),
        values.lit(0),
      ),
    }))
    .execute();
}

/** The venue counts up to another limit from now on. */
export async function markLimited(
  db: Kysely<Database>,
  { groupId, limit }: { readonly groupId: string; readonly limit: Quantity },
): Promise<void> {
  await db
    .updateTable('order_groups')
    .set({ contracts_limit: formatAmount(limit) })
    .where('group_id', '=', groupId)
    .execute();
}

/** The venue has no such group, or is to have none any more. */
export async function forgetGroup(db: Kysely<Database>, groupId: string): Promise<void> {
  await db.deleteFrom('order_groups').where('group_id', '=', groupId).execute();
}

/** Decided before the venue is asked, so that nobody is admitted into it; confirmed afterwards. */
export async function markTriggered(
  db: Kysely<Database>,
  mark: { readonly groupId: string; readonly isConfirmed: boolean; readonly atMs: number },
): Promise<void> {
  const { groupId, isConfirmed, atMs } = mark;
  await db
    .updateTable('order_groups')
    .set({ trigger: isConfirmed ? 'confirmed' : 'decided', trigger_since: at(atMs) })
    .where('group_id', '=', groupId)
    .execute();
}

/** The venue has reset it: it counts what comes after this hold of the pair. */
export async function markReset(
  db: Kysely<Database>,
  { groupId, generation }: { readonly groupId: string; readonly generation: number },
): Promise<void> {
  await db
    .updateTable('order_groups')
    .set({ trigger: 'none', trigger_since: null, reset_generation: generation })
    .where('group_id', '=', groupId)
    .execute();
}
