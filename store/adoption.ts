import { type Kysely, sql } from 'kysely';
import {
  type Admission,
  entryTokens,
  type Money,
  money,
  type Reservation,
  type ShotName,
  venueNames,
  type Wire,
  ZERO_MONEY,
} from '../domain/index.js';
import { keepAdmission, withAccountLocked } from './admission.js';
import { claimExit } from './exit-owners.js';
import { isShot } from './fired-shots.js';
import { takeHold } from './holds.js';
import { findIntent, insertIntent, type NewIntent } from './intents.js';
import { type Drawn, drawFromLease } from './leases.js';
import { drawnColumns, lockedShot } from './locked-shot.js';
import { nameOrder, namesOfShot } from './order-names.js';
import { emptyBucket, takeCountedTokens } from './rate-buckets.js';
import { openReservation } from './reservations.js';
import type { Database } from './tables.js';
import { together } from './together.js';
import type { Transaction } from './transaction.js';

/** A shot that was fired first, as the trade that it is from now on. */
export interface Adoption {
  readonly shot: ShotName;
  readonly intent: NewIntent;
  /** Approved, with both orders as the journal has them. */
  readonly admission: Wire<Admission>;
  readonly reservation: Reservation;
  readonly atMs: number;
}

export type Adopted =
  | {
      readonly kind: 'adopted';
      /** Out of the lease; nothing where that is closed. */
      readonly moved: Money;
      /** Another trade has the pair: this one got it while it was fired. */
      readonly isPairTaken: boolean;
    }
  | { readonly kind: 'adopted_before' }
  | {
      readonly kind: 'refused';
      /**
       * Not projected yet; nothing of it has left; no trade will ever have it; the intent's id is
       * another content's; it was decided about by another door.
       */
      readonly refusal:
        | 'SHOT_UNKNOWN'
        | 'SHOT_REFUSED'
        | 'SHOT_BARRED'
        | 'INTENT_EXISTS'
        | 'INTENT_DECIDED';
    };

/**
 * Makes a trade of a shot that an engine has fired from a lease (DESIGN §7).
 *
 * 1. The amount moves from lease to reservation in one transaction under the account's lock, so that
 *    no admission sees it twice or not at all.
 * 2. Keyed by the shot's row, which is locked: told again, nothing moves.
 * 3. It writes what an admission writes, by the same functions; but what has been fired is a fact, so
 *    neither a pair that is taken, nor rate tokens that are not there, nor a closed lease refuse it.
 */
export async function adoptShot(db: Kysely<Database>, adoption: Adoption): Promise<Adopted> {
  const { account } = adoption.reservation;
  const adopted = await withAccountLocked(db, account, async (tx) => adoptWithin(tx, adoption));
  if (adopted.kind !== 'refused') await nameOrders(db, adoption);
  return adopted;
}

async function adoptWithin(tx: Transaction, adoption: Adoption): Promise<Adopted> {
  const shot = await lockedShot(tx, adoption.shot);
  if (!shot) return refused('SHOT_UNKNOWN');
  if (shot.adopted_at) return { kind: 'adopted_before' };
  if (shot.refused !== null) return refused('SHOT_REFUSED');
  if (shot.barred !== null) return refused('SHOT_BARRED');
  const barred = await enterIntent(tx, adoption.intent);
  if (barred) return refused(barred);

  const { reservation, admission, atMs, shot: name } = adoption;
  const { workflowId, pairId } = reservation;
  const drawn = await drawFromLease(tx, {
    ...{ host: name.host, engineEpoch: name.epoch, reservation },
    ...{ leaseEpoch: shot.lease_epoch ?? 0, worst: money(shot.worst) },
  });
  const [generation] = await together(tx, (go) =>
    Promise.all([
      takeHold(go, { pairId, holder: workflowId, atMs }),
      claimExit(go, { key: workflowId, holder: workflowId }),
      openReservation(go, reservation, atMs),
      keepAdmission(go, { workflowId, pairId, admission, atMs }),
      markAdopted(go, name, drawn),
    ]),
  );
  await spendEntryTokens(tx, reservation);
  const isPairTaken = generation === undefined;
  return { kind: 'adopted', moved: drawn?.moved ?? ZERO_MONEY, isPairTaken };
}

const refused = (refusal: Extract<Adopted, { kind: 'refused' }>['refusal']): Adopted => ({
  kind: 'refused',
  refusal,
});

/** The engine fired for this intent: nobody else decides about it, and nobody has. */
async function enterIntent(tx: Transaction, intent: NewIntent) {
  if ((await insertIntent(tx, intent)) === 'inserted') return undefined;
  const known = await findIntent(tx, intent.intent.intentId);
  if (known?.digest !== intent.digest) return 'INTENT_EXISTS' as const;
  return known.admission ? ('INTENT_DECIDED' as const) : undefined;
}

async function markAdopted(
  tx: Transaction,
  name: ShotName,
  drawn: Drawn | undefined,
): Promise<void> {
  await tx
    .updateTable('engine_shots as shot')
    .set({ adopted_at: sql<Date>`clock_timestamp()`, ...drawnColumns(drawn) })
    .where(isShot(name))
    .execute();
}

/** The venue has counted them, whether they were there or not: then there are none. */
async function spendEntryTokens(tx: Transaction, reservation: Reservation): Promise<void> {
  const { account } = reservation;
  for (const venue of venueNames) {
    const tokens = entryTokens(venue, reservation);
    if (!tokens || (await takeCountedTokens(tx, { venue, account, ...tokens }))) continue;
    await emptyBucket(tx, { venue, account, kind: 'write', forMs: 0 });
  }
}

/** Not in the adoption's own transaction, as `nameOrder` says. */
async function nameOrders(db: Kysely<Database>, { shot, atMs }: Adoption): Promise<void> {
  for (const name of await namesOfShot(db, shot)) await nameOrder(db, name, atMs);
}
