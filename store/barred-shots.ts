import type { Kysely } from 'kysely';
import {
  type ChildOrder,
  instrumentKey,
  money,
  type ReservedLeg,
  type ShotName,
  shotText,
  spendOf,
  ZERO_MONEY,
} from '../domain/index.js';
import { withAccountLocked } from './admission.js';
import { openBreakOnce } from './breaks.js';
import { type FiredShot, firedShot, isShot } from './fired-shots.js';
import { insertFreezeWithin } from './freezes.js';
import { drawFromLease } from './leases.js';
import { drawnColumns, lockedShot } from './locked-shot.js';
import type { Database } from './tables.js';
import type { Transaction } from './transaction.js';

/** Why a shot that has left will never be a trade. */
export type BarredBy =
  /** The intent's id was used before: for another content, or through another door. */
  | 'INTENT_EXISTS'
  | 'INTENT_DECIDED'
  /** The name of one of its orders was another trade's before. */
  | 'ORDER_CONTRADICTED'
  /** Its workflow has ended without taking it over. */
  | 'WORKFLOW_ENDED'
  /** Nobody knows its pair any more: neither the pair file as it was fired, nor its lease. */
  | 'PAIR_MISSING';

export interface Barring {
  readonly shot: ShotName;
  readonly why: BarredBy;
  readonly by: string;
  readonly atMs: number;
}

/** The break of a shot that is nobody's trade; its key is the shot's name. */
const UNOWNED_SHOT = 'shot_without_trade';

/**
 * What was fired and can be no trade is told as such, once: a break says what an operator needs, the
 * pair takes no new risk, the amount leaves its lease, and what the orders trade is custody's from
 * now on, as contracts that nobody has. `false`: it is a trade's, it left nothing, or it was told.
 */
export async function barShot(db: Kysely<Database>, barring: Barring): Promise<boolean> {
  const fired = await firedShot(db, barring.shot);
  if (!fired) return false;
  return withAccountLocked(db, fired.account, async (tx) => barWithin(tx, barring, fired));
}

async function barWithin(tx: Transaction, barring: Barring, fired: FiredShot): Promise<boolean> {
  const { shot: name, why } = barring;
  const shot = await lockedShot(tx, name);
  const isOpen = shot?.adopted_at === null && shot.refused === null && shot.barred === null;
  if (!isOpen) return false;
  const { workflowId, pairId, account, orders } = fired;
  const legs = orders.map(legOf);
  const drawn = await drawFromLease(tx, {
    ...{ host: name.host, engineEpoch: name.epoch, leaseEpoch: shot.lease_epoch ?? 0 },
    worst: money(shot.worst),
    reservation: { workflowId, account, pairId, exposure: money(shot.worst), legs },
  });
  await tx
    .updateTable('engine_shots as shot')
    .set({ barred: why, ...drawnColumns(drawn) })
    .where(isShot(name))
    .execute();
  await tellOperator(tx, barring, fired);
  return true;
}

/** What the entry may have spent; whoever adopts a shot also knows its fees. */
const legOf = (order: ChildOrder): ReservedLeg => ({
  ...{ instrument: order.instrument, contracts: order.legalMaximum },
  ...{ cash: spendOf(order), exitCash: ZERO_MONEY },
});

async function tellOperator(
  tx: Transaction,
  { shot, why, by, atMs }: Barring,
  { workflowId, account, pairId, orders }: FiredShot,
): Promise<void> {
  const key = shotText(shot);
  const sent = orders.map(({ clientOrderId, instrument }) => ({
    ...{ clientOrderId, instrument: instrumentKey(instrument) },
  }));
  const detail = { workflowId, why, orders: sent, todo: WHAT_TO_DO };
  await openBreakOnce(tx, { kind: UNOWNED_SHOT, key, account, pairId, detail, atMs });
  await insertFreezeWithin(tx, {
    freezeId: `shot/${key}`,
    scope: { kind: 'pair', key: pairId },
    cause: 'reconciliation_break',
    why: `shot ${key} of ${workflowId} has left and is nobody's trade: ${why}`,
    by,
    action: 'leave',
    atMs,
  });
}

const WHAT_TO_DO =
  'Look both orders up at their venues by these names. What they have traded is custody’s; an ' +
  'order that neither is there nor can arrive needs nothing. Then resolve this break.';
