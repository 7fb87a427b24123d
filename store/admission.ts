import { type Kysely, sql } from 'kysely';
import {
  type AccountState,
  type Admission,
  assert,
  entryTokens,
  FIRST_EXIT_EPOCH,
  type Reservation,
  venueNames,
  type Wire,
} from '../domain/index.js';
import { limitsOf } from './accounts.js';
import { balances } from './balances.js';
import { readBreakers } from './breakers.js';
import { claimExit } from './exit-owners.js';
import { readControl } from './freezes.js';
import { liveHold, releaseHold, takeHold } from './holds.js';
import { orderGroupOf } from './order-groups.js';
import { positions } from './positions.js';
import { takeCountedTokens, writeTokensLeft } from './rate-buckets.js';
import { openReservation, openReservations } from './reservations.js';
import { at, json, lockNames } from './sql-values.js';
import type { Database } from './tables.js';
import type { Transaction } from './transaction.js';
import { venuePauses } from './venue-pauses.js';

export interface AccountQuestion {
  readonly account: string;
  readonly pairId: string;
  /** Who asks: its own hold and reservation do not stand in its way. */
  readonly workflowId: string;
  readonly nowMs: number;
}

export interface Decision {
  readonly workflowId: string;
  readonly pairId: string;
  readonly admission: Wire<Admission>;
  readonly atMs: number;
}

const MINUTE_MS = 60_000;

/**
 * Runs one admission at a time per account: what is read inside stays true until what is written
 * inside is committed. Several accounts are locked in name order, so nobody waits in a circle.
 */
export async function withAccountLocked<T>(
  db: Kysely<Database>,
  account: string | readonly string[],
  decide: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const accounts = typeof account === 'string' ? [account] : account;
  return db.transaction().execute(async (tx) => {
    await lockNames(accounts.map((name) => `account/${name}`)).execute(tx);
    return decide(tx);
  });
}

/**
 * Everything that `review` looks at of what Postgres knows. Call it inside `withAccountLocked`; it
 * also keeps other accounts from deciding about the same pair until the transaction ends.
 */
export async function readAccountState(
  tx: Transaction,
  { account, pairId, workflowId, nowMs }: AccountQuestion,
): Promise<AccountState> {
  await lockNames([`pair/${pairId}`]).execute(tx);
  const limits = await limitsOf(tx, account);
  const hold = await liveHold(tx, { pairId, nowMs });
  const { freezes } = await readControl(tx);
  const orderGroup = await orderGroupOf(tx, { account, pairId });
  const reservations = await openReservations(tx, account);
  return {
    ...(limits && { limits }),
    ...(hold && hold.holder !== workflowId && { hold }),
    freezes,
    ...(orderGroup && { orderGroup }),
    positions: await positions(tx, account),
    reservations: reservations.filter((reserved) => reserved.workflowId !== workflowId),
    balances: await balances(tx, account),
    rateTokens: await writeTokensLeft(tx, account),
    executionsLastMinute: await executionsSince(tx, account, nowMs - MINUTE_MS),
    pauses: await venuePauses(tx, nowMs),
    breakers: await readBreakers(tx, { account, pairId, nowMs }),
  };
}

/**
 * Sets the worst case aside, takes the pair, gives the trade its exits and keeps the answer, all or
 * nothing; the entries' rate tokens are taken. The caller has read the state in the same transaction,
 * so a pair that is another's is a broken promise (throws).
 */
export async function writeApproval(
  tx: Transaction,
  decision: Decision & { readonly reservation: Reservation },
): Promise<void> {
  const { workflowId, pairId, reservation, atMs } = decision;
  const generation = await takeHold(tx, { pairId, holder: workflowId, atMs });
  assert(generation !== undefined, `pair ${pairId} is free for ${workflowId}`);
  await openReservation(tx, reservation, atMs);
  await takeEntryTokens(tx, reservation);
  const owned = await claimExit(tx, { key: workflowId, holder: workflowId });
  assert(owned.epoch === FIRST_EXIT_EPOCH, `${workflowId} owns its exits from the start`);
  await keepAdmission(tx, decision);
}

/** The bucket is locked since its state was read, and has only filled since. */
async function takeEntryTokens(tx: Transaction, reservation: Reservation): Promise<void> {
  for (const venue of venueNames) {
    const tokens = entryTokens(venue, reservation);
    if (!tokens) continue;
    const taken = await takeCountedTokens(tx, { venue, account: reservation.account, ...tokens });
    assert(taken, `${venue} has the tokens that its review has seen`);
  }
}

/**
 * Keeps a denial. `holdUntilMs` keeps the pair from being tried again at once (little liquidity, seed
 * 001); without it nothing is held.
 */
export async function writeDenial(
  tx: Transaction,
  decision: Decision & { readonly holdUntilMs?: number },
): Promise<void> {
  const { workflowId: holder, pairId, atMs, holdUntilMs } = decision;
  await keepAdmission(tx, decision);
  if (holdUntilMs === undefined) return;
  const generation = await takeHold(tx, { pairId, holder, atMs });
  if (generation !== undefined) await releaseHold(tx, { pairId, holder, untilMs: holdUntilMs });
}

async function keepAdmission(
  tx: Transaction,
  { workflowId, admission, atMs }: Decision,
): Promise<void> {
  const kept = await tx
    .updateTable('intents')
    .set({ admission: json(admission), admitted_at: at(atMs) })
    .where('workflow_id', '=', workflowId)
    .where('admission', 'is', null)
    .executeTakeFirst();
  assert(kept.numUpdatedRows === 1n, `${workflowId} has one intent and is admitted once`);
}

async function executionsSince(tx: Transaction, account: string, sinceMs: number): Promise<number> {
  const { executions } = await tx
    .selectFrom('reservations')
    .select(sql<number>`count(*)`.as('executions'))
    .where('account', '=', account)
    .where('opened_at', '>', at(sinceMs))
    .executeTakeFirstOrThrow();
  return executions;
}
