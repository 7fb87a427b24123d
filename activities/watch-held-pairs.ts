import type { Kysely } from 'kysely';
import { formatAmount, instrumentKey, negate, type VenuePosition } from '../domain/index.js';
import {
  type Database,
  heldPairs,
  markReported,
  openBreakOnce,
  openFrozenBreak,
  type ReviewedPair,
  recordPayout,
  reviewHeldPairs,
  unreportedPairs,
  type WatchedPair,
} from '../store/index.js';
import type { Reached } from './points.js';

export interface HeldPairWatch {
  readonly db: Kysely<Database>;
  readonly account: string;
  readonly nowMs: number;
  readonly reached: Reached;
  /** What a venue says is held: of a resolved market also what it is worth. */
  readonly positions?: readonly VenuePosition[];
  /** How long one leg may be gone (sold, merged) before the other. */
  readonly aloneMsMax?: number;
  /** How long one venue may take after the other has decided, before somebody should look. */
  readonly lateMsMax?: number;
}

/** Disputes at Polymarket's oracle take days; nobody is asked to look before that. */
const LATE_MS_MAX = 3 * 86_400_000;

/**
 * One look at every held pair of an account, for whoever sweeps it.
 *
 * 1. What a venue says a resolved market pays is written down; then every pair is reviewed.
 * 2. A pair that does not pay a dollar per contract is a break, with what is lacking, and its pair is
 *    frozen: the two markets did not mean the same. Told once.
 * 3. One that is decided on one venue only, and for long, is a break that freezes nothing.
 */
export async function watchHeldPairs(watch: HeldPairWatch): Promise<readonly ReviewedPair[]> {
  const { db, account, nowMs, aloneMsMax, lateMsMax = LATE_MS_MAX } = watch;
  for (const { instrument, redeemsAt: pays } of watch.positions ?? []) {
    if (pays !== undefined) await recordPayout(db, { instrument, pays, atMs: nowMs });
  }
  const review = { account, nowMs, ...(aloneMsMax !== undefined && { aloneMsMax }) };
  const changed = await db.transaction().execute(async (tx) => reviewHeldPairs(tx, review));
  for (const pair of await unreportedPairs(db, account)) await reportBroken(watch, pair);
  for (const pair of await heldPairs(db, account)) {
    const isLate = pair.state === 'resolved_on_one' && nowMs - pair.stateSinceMs > lateMsMax;
    if (isLate) await openBreakOnce(db, breakOf(pair, 'pair_resolved_on_one_venue', nowMs));
  }
  return changed;
}

/** Marked last: a kill in between leaves a pair that is reported again, which changes nothing. */
async function reportBroken(
  { db, nowMs, reached }: HeldPairWatch,
  pair: WatchedPair,
): Promise<void> {
  reached('held pair: broken, nothing written', pair.workflowId);
  await openFrozenBreak(db, {
    found: breakOf(pair, 'held_pair_broken', nowMs),
    freeze: {
      freezeId: `held/${pair.workflowId}`,
      scope: { kind: 'pair', key: pair.pairId },
      cause: 'reconciliation_break',
      why: `a held match ${inWords(pair)}`,
      by: 'custody',
      action: 'leave',
      atMs: nowMs,
    },
    once: true,
  });
  reached('held pair: break open and pair frozen, not marked as told', pair.workflowId);
  await markReported(db, pair.workflowId, nowMs);
}

function breakOf(pair: WatchedPair, kind: string, atMs: number) {
  const { workflowId: key, account, pairId, state, why, contracts, paid, loss } = pair;
  const detail = {
    ...{ state, why, contracts: formatAmount(contracts), paid: formatAmount(paid) },
    ...(loss !== undefined && { loss: formatAmount(loss) }),
    legs: [pair.yes, pair.no].map(instrumentKey),
  };
  return { kind, key, account, pairId, detail, atMs };
}

const reasons = {
  different_outcomes: 'was decided differently by its two venues',
  void_on_one: 'was voided by one venue and not by the other',
  leg_gone: 'has lost one leg and kept the other',
  contracts_missing: 'lacks contracts that no entry has taken',
} as const satisfies Record<NonNullable<WatchedPair['why']>, string>;

function inWords({ why, loss }: WatchedPair): string {
  const reason = why === undefined ? 'does not pay what it should' : reasons[why];
  if (loss === undefined) return reason;
  return loss < 0n
    ? `${reason}: ${formatAmount(negate(loss))} dollars too much`
    : `${reason}: ${formatAmount(loss)} dollars are lost`;
}
