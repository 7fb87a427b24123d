/**
 * Postgres: one file per aggregate, every function takes the database or a transaction first. May
 * import: domain. Amounts are strings here and bigint outside, times timestamps here and epoch
 * milliseconds outside; no rule of trading lives in this folder.
 */
export {
  ensureAccount,
  firstLimits,
  type LimitsChange,
  limitsOf,
  setLimits,
} from './accounts.js';
export {
  type AccountQuestion,
  type Decision,
  readAccountState,
  withAccountLocked,
  writeApproval,
  writeDenial,
} from './admission.js';
export { type AuditLine, auditLines, writeAudit } from './audit.js';
export { type Balance, balances, recordBalance } from './balances.js';
export { type BookerLock, tryBookerLock } from './booker-lock.js';
export { type BreakerReset, type BreakerScope, readBreakers, resetBreaker } from './breakers.js';
export { type Break, closeBreak, type OpenBreak, openBreak, openBreaks } from './breaks.js';
export { type Connection, type ConnectOptions, connect } from './connect.js';
export {
  accountNames,
  deployedMode,
  type FiredCount,
  firedCount,
  latestStoryLines,
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
export {
  type Acknowledgement,
  acknowledge,
  acknowledgements,
  type Control,
  FREEZES_CHANNEL,
  freezeHistory,
  insertFreeze,
  liftFreeze,
  liftFreezeOfOrder,
  readControl,
  type Thaw,
} from './freezes.js';
export { closeHeldPair, type HeldPair, heldPairs, insertHeldPair } from './held-pairs.js';
export { type Hold, liveHold, liveHolds, releaseHold } from './holds.js';
export {
  findIntent,
  insertIntent,
  type NewIntent,
  type StoredIntent,
  storedAdmission,
} from './intents.js';
export { type Listening, listen } from './listen.js';
export { migrate } from './migrate.js';
export { assertMode, ModeMismatchError } from './mode.js';
export { missesOf, type OrderAnswer, recordAnswer } from './order-answers.js';
export {
  findOrders,
  listOrders,
  openOrders,
  orderByVenueId,
  ordersOf,
  type StoredOrder,
} from './order-queries.js';
export { forbidOrder, type OrderToRecord, type Recorded, recordOrders } from './orders.js';
export { claim, isOwner, type Ownership } from './owners.js';
export { cashMoved, type Position, position, positions } from './positions.js';
export {
  confirmKilled,
  endProcess,
  heartbeat,
  liveProcesses,
  type RunningProcess,
  registerProcess,
} from './processes.js';
export { openReservations, reservationOf, updateReservation } from './reservations.js';
export { nextNumber } from './sequences.js';
export { allTrades, type OrderEvent, orderEvents, storyLines } from './session-reads.js';
export { appendStory, type StoryLine, storyOf, type ToldLine } from './story.js';
export type { Database } from './tables.js';
export {
  closeTrade,
  type OpenTrade,
  openTrades,
  type TradeClosing,
  tradesClosedSince,
  tradesList,
} from './trades.js';
export type { Transaction } from './transaction.js';
