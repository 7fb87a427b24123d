import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Reached } from '../../activities/index.js';
import {
  type GroupAnswer,
  groupStep,
  type OrderGroups,
  type Pair,
  type PairGroup,
  type Quantity,
} from '../../domain/index.js';
import {
  type Database,
  forgetGroup,
  type KeptGroup,
  keepGroup,
  keptGroups,
  limitsOf,
  markLimited,
  markReset,
  markTriggered,
  type ProcessLock,
  readControl,
} from '../../store/index.js';
import { keepRounds } from './keep-rounds.js';
import { OrphanGroups } from './orphan-groups.js';

export interface OrderGroupsOptions {
  readonly db: Kysely<Database>;
  readonly venue: { readonly account: string; readonly orderGroups: OrderGroups };
  readonly pairs: () => readonly Pair[];
  readonly tryLock: () => Promise<ProcessLock | undefined>;
  readonly everyMs: number;
  /** How often the venue is asked for groups that nobody names. */
  readonly sweepEveryMs: number;
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly reached: Reached;
}

/** A venue that does not answer is asked again after this, and so is the lock. */
const RETRY_MS = 1_000;
/** Twice what may stand on a pair, within the venue's fifteen seconds, is a loop that ran away. */
const LIMIT_FACTOR = 2n;

/**
 * Keeps one order group for every pair that still trades, ahead of its trades.
 *
 * 1. Whoever has the lock keeps them; the others stand by.
 * 2. What is wanted follows from freezes and holds alone, so that it is found again after any crash.
 * 3. A group that nobody names is deleted (`OrphanGroups`).
 * 4. That nobody is admitted any more is written before the venue is told to trigger; that somebody
 *    may be, after it was told to reset.
 */
export function keepOrderGroups(options: OrderGroupsOptions): { stop: () => Promise<void> } {
  const { tryLock, everyMs, log } = options;
  const orphans = new OrphanGroups(options);
  return keepRounds({
    ...{ tryLock, log, retryMs: RETRY_MS },
    round: async () => {
      const isDone = await keepOnce(options);
      await orphans.lookIfDue();
      return isDone ? everyMs : RETRY_MS;
    },
    onFailure: 'the order groups could not be kept; trying again',
  });
}

/** One round; `false` where the venue did not do what was asked of it. */
async function keepOnce(options: OrderGroupsOptions): Promise<boolean> {
  const { db, venue, pairs, nowMs } = options;
  const open = pairs().filter((pair) => closesAtMs(pair) > nowMs());
  const kept = await keptGroups(db, venue.account);
  const { freezes } = await readControl(db);
  const limit = await limitOf(options);
  let isDone = true;
  for (const one of kept) {
    const pair = open.find(({ pairId }) => pairId === one.group.pairId);
    const step = pair ? groupStep({ ...one, pair, freezes }) : endOf(one);
    if (step) isDone = (await take(options, step, one)) && isDone;
    else if (pair && limit) isDone = (await limited(options, one, limit)) && isDone;
  }
  const without = open.filter(({ pairId }) => !kept.some(({ group }) => group.pairId === pairId));
  // Who has no limits trades nothing.
  return (!limit || (await createFor(options, without, limit))) && isDone;
}

/** Contracts that a pair's group takes within the venue's window, by the account's limits now. */
async function limitOf({ db, venue }: OrderGroupsOptions): Promise<Quantity | undefined> {
  const limits = await limitsOf(db, venue.account);
  return limits && ((limits.contractsPerPairMax * LIMIT_FACTOR) as Quantity); // contracts still
}

/** An operator has changed the limits: the venue counts by the new ones. */
async function limited(
  options: OrderGroupsOptions,
  { group }: KeptGroup,
  limit: Quantity,
): Promise<boolean> {
  if (group.limit === limit) return true;
  const { db, venue, reached } = options;
  const { groupId, pairId } = group;
  const answer = await venue.orderGroups.limit(groupId, limit);
  if (answer.kind === 'unknown') return notDone(options, { step: 'limit', group, answer });
  if (answer.kind === 'not_found') return gone(options, group);
  reached('group: limited at the venue, not written', pairId);
  await markLimited(db, { groupId, limit });
  return true;
}

/** The venue has it no more: a pair that trades gets another. */
async function gone({ db, reached }: OrderGroupsOptions, group: PairGroup): Promise<true> {
  reached('group: gone at the venue, not forgotten', group.pairId);
  await forgetGroup(db, group.groupId);
  return true;
}

const closesAtMs = ({ kalshi, polymarket }: Pair): number =>
  Math.min(kalshi.closesAtMs, polymarket.closesAtMs);

/** The pair does not trade any more; its last trade may still be asking for its orders. */
const endOf = ({ hold }: KeptGroup): 'remove' | undefined =>
  hold && !hold.isReleased ? undefined : 'remove';

async function take(
  options: OrderGroupsOptions,
  step: 'trigger' | 'reset' | 'remove',
  kept: KeptGroup,
): Promise<boolean> {
  const { db, venue, nowMs, log, reached } = options;
  const { group, hold } = kept;
  const { groupId, pairId } = group;
  if (step === 'trigger') {
    await markTriggered(db, { groupId, isConfirmed: false, atMs: nowMs() });
    reached('group: closed in our books, not at the venue', pairId);
  }
  const answer = await venue.orderGroups[step](groupId);
  if (answer.kind === 'unknown') return notDone(options, { step, group, answer });
  if (answer.kind === 'not_found' || step === 'remove') return gone(options, group);
  if (step === 'reset') {
    reached('group: reset at the venue, not written', pairId);
    await markReset(db, { groupId, generation: hold?.generation ?? 0 });
  } else {
    reached('group: triggered at the venue, not confirmed', pairId);
    await markTriggered(db, { groupId, isConfirmed: true, atMs: nowMs() });
    log.warn({ pairId, groupId }, 'an order group is triggered: no entry gets in');
  }
  return true;
}

function notDone(
  { log }: OrderGroupsOptions,
  about: {
    readonly step: string;
    readonly group: PairGroup;
    readonly answer: GroupAnswer & { readonly kind: 'unknown' };
  },
): false {
  const { step, group, answer } = about;
  log.warn(
    { step, pairId: group.pairId, code: answer.code },
    'an order group is not as it should be',
  );
  return false;
}

async function createFor(
  { db, venue, nowMs, log, reached }: OrderGroupsOptions,
  pairs: readonly Pair[],
  limit: Quantity,
): Promise<boolean> {
  for (const { pairId } of pairs) {
    reached('group: wanted, not made at the venue', pairId);
    const created = await venue.orderGroups.create(limit);
    if (created.kind === 'unavailable') {
      log.warn({ pairId, code: created.code }, 'no order group for this pair yet');
      return false;
    }
    const { account } = venue;
    reached('group: made at the venue, not written', pairId);
    await keepGroup(db, { account, pairId, groupId: created.value, limit, atMs: nowMs() });
  }
  return true;
}
