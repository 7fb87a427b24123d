/**
 * What a workflow may ask of the world. May import: domain, schemas, store, venues, packages; never
 * workflows.
 */
import { type OverWire, overWire } from '../domain/index.js';
import { closeLease, seenOfLease, stopLease } from '../store/index.js';
import { admit } from './admit.js';
import { adoptFired } from './adopt-fired.js';
import { answersOf } from './answers-of.js';
import { evidenceOf } from './evidence-of.js';
import { exitOnce } from './exit-once.js';
import { freezeForUnknown } from './freeze-for-unknown.js';
import { heartbeating } from './heartbeating.js';
import { pagesOfLease } from './lease-pages.js';
import { lend, recall } from './lend.js';
import type { LendActivities } from './lend-activities.js';
import { nameFired } from './name-fired.js';
import { record } from './record.js';
import { recordWord } from './record-word.js';
import { reportBreak } from './report-break.js';
import type { TradeActivities } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';
import { watchLease } from './watch-lease.js';

export { FreezeWord, type FreezeWordOptions } from './freeze-word.js';
export { HEARTBEAT_EVERY_MS } from './heartbeating.js';
export { compareClosed, recordedOf, reportLateRows } from './late-rows.js';
export type { LendActivities } from './lend-activities.js';
export { type Point, passOn, type Reached } from './points.js';
export { reopened } from './reopen.js';
export type { TradeActivities } from './trade-activities.js';
export type { TradingDesk } from './trading-desk.js';
export { type HeldPairWatch, watchHeldPairs } from './watch-held-pairs.js';

/** Everything an arbitrage may ask but its shot, for both queues of a trading worker. */
export function createTradeActivities(desk: TradingDesk): OverWire<TradeActivities> {
  return overWire<TradeActivities>({
    admit: (request) => admit(desk, request),
    adoptFired: (request) =>
      heartbeating(async () => nameFired(desk, request, await adoptFired(desk, request))),
    answersOf: (request) => heartbeating(() => answersOf(desk, request)),
    evidenceOf: (question) => heartbeating(() => evidenceOf(desk, question)),
    exitOnce: (exit) => heartbeating(() => exitOnce(desk, exit)),
    freezeForUnknown: (request) => heartbeating(() => freezeForUnknown(desk, request)),
    reportBreak: (report) => reportBreak(desk, report),
    recordWord: (said) => recordWord(desk, said),
    record: (closing) => record(desk, closing),
  });
}

/** Everything that an armed pair may ask of ledger and venues; while the worker drains nothing is watched. */
export function createLendActivities(
  desk: TradingDesk,
  draining: AbortSignal,
): OverWire<LendActivities> {
  const { db } = desk;
  return overWire<LendActivities>({
    lend: (request) => lend(desk, request),
    recall: (lease) => recall(desk, lease),
    watchLease: (watched) => heartbeating(() => watchLease(desk, watched, draining)),
    stopLease: async ({ leaseId }) => {
      await stopLease(db, leaseId);
      return seenOfLease(db, leaseId);
    },
    pagesOfLease: (lease) => heartbeating(() => pagesOfLease(desk, lease)),
    closeLease: async (closing) => {
      const refusal = await closeLease(db, closing);
      const seen = await seenOfLease(db, closing.leaseId);
      return { seen, ...(refusal !== undefined && { refusal }) };
    },
  });
}
