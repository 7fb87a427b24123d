/**
 * What a workflow may ask of the world. May import: domain, schemas, store, venues, packages; never
 * workflows.
 */
import { type OverWire, overWire } from '../domain/index.js';
import { admit } from './admit.js';
import { evidenceOf } from './evidence-of.js';
import { exitOnce } from './exit-once.js';
import { fireLegs } from './fire-legs.js';
import { freezeForUnknown } from './freeze-for-unknown.js';
import { heartbeating } from './heartbeating.js';
import { record } from './record.js';
import { recordWord } from './record-word.js';
import { reportBreak } from './report-break.js';
import type { TradeActivities } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';

export { FreezeGate, type FreezeGateOptions, type Passage } from './freeze-gate.js';
export { HEARTBEAT_EVERY_MS } from './heartbeating.js';
export { compareClosed, recordedOf, reportLateRows } from './late-rows.js';
export { type Point, passOn, type Reached } from './points.js';
export { reopened } from './reopen.js';
export type { TradeActivities } from './trade-activities.js';
export type { TradingDesk } from './trading-desk.js';
export { type HeldPairWatch, watchHeldPairs } from './watch-held-pairs.js';

/** Everything an arbitrage may ask, for the queue of ordinary activities and for that of firing. */
export function createTradeActivities(desk: TradingDesk): OverWire<TradeActivities> {
  return overWire<TradeActivities>({
    admit: (request) => admit(desk, request),
    fireLegs: (shot) => heartbeating(() => fireLegs(desk, shot)),
    evidenceOf: (question) => heartbeating(() => evidenceOf(desk, question)),
    exitOnce: (exit) => heartbeating(() => exitOnce(desk, exit)),
    freezeForUnknown: (request) => heartbeating(() => freezeForUnknown(desk, request)),
    reportBreak: (report) => reportBreak(desk, report),
    recordWord: (said) => recordWord(desk, said),
    record: (closing) => record(desk, closing),
  });
}
