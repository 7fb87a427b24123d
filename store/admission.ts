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
import { openLeases } from './leases.js';
import { orderGroupOf } from './order-groups.js';
import { engineHostOf } from './owners.js';
import { positions } from './positions.js';
import { takeCountedTokens, writeTokensLeft } from './rate-buckets.js';
import { openReservation, openReservations } from './reservations.js';
import { at, json, lockNames, pairLock } from './sql-values.js';
import type { Database } from './tables.js';
import { together } from './together.js';
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
  const [
    ,
    limits,
    hold,
    control,
    orderGroup,
    engineHost,
    reservations,
    leases,
    held,
    cash,
    rateTokens,
    executionsLastMinute,
    pauses,
    breakers,
  ] = await together(tx, (go) =>
    Promise.all([
      lockNames([pairLock(pairId)]).execute(go), // done before what follows is read
      limitsOf(go, account),
      liveHold(go, { pairId, nowMs }),
      readControl(go),
      orderGroupOf(go, { account, pairId }),
      engineHostOf(go, pairId),
      openReservations(go, account),
      openLeases(go, account),
      positions(go, account),
      balances(go, account),
      writeTokensLeft(go, account),
      executionsSince(go, account, nowMs - MINUTE_MS),
      venuePauses(go, nowMs),
      readBreakers(go, { account, pairId, nowMs }),
    ]),
  );
  return {
    ...(limits && { limits }),
    ...(hold && hold.holder !== workflowId && { hold }),
    freezes: control.freezes,
    ...(orderGroup && { orderGroup }),
    ...(engineHost !== undefined && { engineHost }),
    positions: held,
    // What is lent is used in full, whatever becomes of it.
    reservations: [...reservations.filter((own) => own.workflowId !== workflowId), ...leases],
    balances: cash,
    ...{ rateTokens, executionsLastMinute, pauses, breakers },
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
  const [generation, owned] = await together(tx, (go) =>
    Promise.all([
      takeHold(go, { pairId, holder: workflowId, atMs }),
      claimExit(go, { key: workflowId, holder: workflowId }),
      openReservation(go, reservation, atMs),
      takeEntryTokens(go, reservation),
      keepAdmission(go, decision),
    ]),
  );
  assert(generation !== undefined, `pair ${pairId} is free for ${workflowId}`);
  assert(owned.epoch === FIRST_EXIT_EPOCH, `${workflowId} owns its exits from the start`);
}

/** The bucket is locked since its state was read, and has only filled since. */
async function takeEntryTokens(tx: Transaction, reservation: Reservation): Promise<void> {
  const { account } = reservation;
  const taking = venueNames.map(async (venue) => {
    const tokens = entryTokens(venue, reservation);
    if (!tokens) return;
    const taken = await takeCountedTokens(tx, { venue, account, ...tokens });
    assert(taken, `${venue} has the tokens that its review has seen`);
  });
  await Promise.all(taking);
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

/** Keeps what was decided about an intent. It is decided once: a second time throws. */
export async function keepAdmission(
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
