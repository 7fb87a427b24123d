/**
 * Postgres: one file per aggregate, every function takes the database or a transaction first. May
 * import: domain. Amounts are strings here and bigint outside, times timestamps here and epoch
 * milliseconds outside; no rule of trading lives in this folder.
 */
export { ensureAccount, firstLimits, limitsOf, setLimits } from './accounts.js';
export { readAccountState, withAccountLocked, writeApproval, writeDenial } from './admission.js';
export { type Adopted, type Adoption, adoptShot } from './adoption.js';
export { auditLines, writeAuditOnce } from './audit.js';
export { balances, recordBalance } from './balances.js';
export { type BarredBy, barShot } from './barred-shots.js';
export {
  type BookerLock,
  type ProcessLock,
  tryBookerLock,
  tryProcessLock,
} from './booker-lock.js';
export { accountBreakers, resetBreaker, type ScopedBreaker } from './breakers.js';
export {
  closeBreak,
  type OpenBreak,
  openBreak,
  openBreakOnce,
  openBreaks,
  resolveBreak,
} from './breaks.js';
export { type ClockReading, clockReadings } from './clock-readings.js';
export { type ClosedSince, type ClosedTrade, tradesOffTheirBooks } from './closed-trades.js';
export { type Connection, connect } from './connect.js';
export { openTradeIds, readOurBooks, readStoredTrade } from './custody-books.js';
export {
  breaksToEnd,
  type CaseToOpen,
  closeCase,
  openCase,
  openCaseOf,
  openCases,
  type StoredCase,
  takeCase,
} from './custody-cases.js';
export { releaseLeftover, restoreReservation, unownedRows } from './custody-repairs.js';
export { beginSweeping, recordSweep, unsweptVenue } from './custody-sweeps.js';
export {
  accountNames,
  deployedMode,
  type FiredCount,
  firedCount,
  latestStoryLines,
  tradesOpen,
} from './desk-reads.js';
export {
  bookEntries,
  entriesWithoutOrder,
  listEntries,
  readBookerCursor,
  tradeRows,
  tradeRowsOfOrder,
  writeBookerCursor,
} from './entries.js';
export type { BookedEntry } from './entry-orders.js';
export { claimExit, type ExitRecord, exitOwner, recordExit } from './exit-owners.js';
export { type ExposedOwner, exposedOwners } from './exposed-owners.js';
export {
  type FiredShot,
  firedShot,
  type LegHeard,
  legsHeard,
  lentPair,
} from './fired-shots.js';
export {
  flattenOf,
  heldInScope,
  keepFlattened,
  markFlattening,
  type PairToFlatten,
  pairsToFlatten,
} from './flattened-pairs.js';
export {
  type Acknowledgement,
  acknowledge,
  acknowledgements,
  FREEZES_CHANNEL,
  freezeHistory,
  insertFreeze,
  liftFreeze,
  liftFreezeOfOrder,
  readControl,
} from './freezes.js';
export { closeFrozenBreak, openFrozenBreak } from './frozen-breaks.js';
export {
  heldPairOf,
  heldPairs,
  markReported,
  unreportedPairs,
  type WatchedPair,
} from './held-pairs.js';
export { liveHold, liveHolds } from './holds.js';
export { inOneMoment } from './in-one-moment.js';
export { findIntent, insertIntent, resultOfTrade, type StoredIntent } from './intents.js';
export { type LeaseSpan, spanOfLease, straysSince } from './lease-pages.js';
export { type GrantedLease, grantedLease, seenOfLease } from './lease-reads.js';
export {
  closeLease,
  grantLease,
  type LeaseEvidence,
  type LeaseGrant,
  type LeaseGranted,
  recallLease,
  stopLease,
} from './leases.js';
export { listen } from './listen.js';
export { type MarketPayout, recordPayout } from './market-payouts.js';
export { migrate } from './migrate.js';
export { assertMode, ModeMismatchError } from './mode.js';
export { needlessFreezes } from './needless-freezes.js';
export { missesOf, recordAnswer } from './order-answers.js';
export {
  forgetGroup,
  type KeptGroup,
  keepGroup,
  keptGroups,
  markLimited,
  markReset,
  markTriggered,
} from './order-groups.js';
export {
  NAMES_PER_ROUND_MAX,
  nameOrder,
  ORDER_NAMES_CHANNEL,
  unnamedOrders,
} from './order-names.js';
export {
  findOrders,
  isNameTaken,
  listOrders,
  openOrders,
  orderByVenueId,
  ordersOf,
  type StoredOrder,
  tombstonesOf,
  unmatchedAmong,
} from './order-queries.js';
export { forbidOrder, type OrderToRecord, recordOrders } from './orders.js';
export { claim, isOwner, releaseDeadEngines } from './owners.js';
export { cashMoved, position, positions } from './positions.js';
export {
  confirmKilled,
  endProcess,
  heartbeat,
  registerProcess,
} from './processes.js';
export { type BucketName, emptyBucket, ensureBucket, takeTokens } from './rate-buckets.js';
export { reservationOf } from './reservations.js';
export { type HeldPairReview, type ReviewedPair, reviewHeldPairs } from './review-held-pairs.js';
export { nextNumber } from './sequences.js';
export {
  allTrades,
  type LeftBehind,
  leftBehind,
  type OrderEvent,
  orderEvents,
  storyLines,
} from './session-reads.js';
export { type Silence, silentProcesses } from './silent-processes.js';
export { appendStory, storyOf, type ToldLine } from './story.js';
export type { Database } from './tables.js';
export { type TakenOver, type TakeOver, takeOverExit } from './take-over.js';
export { together } from './together.js';
export { type ToldLeg, type ToldShot, toldShots } from './told-shots.js';
export {
  closeTrade,
  type OpenTrade,
  openTrades,
  type TradeClosing,
  tradesClosedSince,
  tradesList,
} from './trades.js';
export type { Transaction } from './transaction.js';
export { type MissedShot, missedShots } from './unadopted-shots.js';
export { unownedContracts } from './unowned-contracts.js';
export { ownerlessPositions, unresolvedCount } from './unresolved.js';
export { replacePauses, venuePauses } from './venue-pauses.js';
export {
  reopenTrade,
  residualFreezeId,
  withdrawalsOf,
  withdrawResult,
} from './withdrawn-result.js';
