// The exchange that the simulators share. A venue's front end imports from here and nowhere deeper.

export { createMarketScript } from './crowd-script.js';
export type {
  BookChange,
  BookSnapshot,
  ExchangeEvent,
  RowsQuery,
  SimulatedBalance,
  SimulatedExchange,
  SimulatedMarket,
  SimulatedPosition,
} from './exchange.js';
export type { FaultLog } from './fault-log.js';
export { openFaultLog, readFaultLog } from './fault-log.js';
export type { FaultKind, FaultOptions, FaultProfile, Faults, FaultTerms } from './faults.js';
export { createFaults, faultKinds } from './faults.js';
export { heavyRules } from './heavy-rules.js';
export type { Ledger } from './ledger.js';
export { memoryLedger, openLedger, readLedger } from './ledger.js';
export type { LedgerCheck, LedgerQuestion } from './ledger-check.js';
export { clientKeyOf, faultsCounted, ledgerCheck } from './ledger-check.js';
export type { LedgerLine, LedgerRow } from './ledger-row.js';
export type { Listing } from './listing.js';
export { simulatedPairs } from './listing.js';
export type { CrowdQuotes, MarketScript, ScriptedMarket } from './market-script.js';
export type { OpenExchange } from './open-exchange.js';
export { openExchange } from './open-exchange.js';
export type {
  CancelResult,
  Delivery,
  OrderState,
  PlaceRequest,
  PlaceResult,
  RefusalCode,
  SimulatedOrder,
} from './order.js';
export type { OrderGroupCommands, SimulatedOrderGroup } from './order-group.js';
export { writePairFile } from './pair-file.js';
export { ruleTextOf } from './rule-text.js';
export type { Command, CommandResult } from './script/commands.js';
export { commandShape, runCommand } from './script/commands.js';
export type { OutageKind, VenueState } from './script/conditions.js';
export { outageKinds, venueStates } from './script/conditions.js';
export type { ControlPort } from './script/control-port.js';
export { startControlPort } from './script/control-port.js';
export type { Fault, ScriptedKind } from './script/fault.js';
export { scriptedKinds } from './script/fault.js';
export type { FaultCounts, FaultScript, RuleCount } from './script/fault-script.js';
export { disturbedReports } from './script/report-line.js';
export type { Operation, Rule, Subject } from './script/rule.js';
export { shownUntilMs } from './script/shown-until.js';
export { StreamControls } from './script/stream-controls.js';
export type { WireAnswer, WireFront } from './script/wire-faults.js';
export { attachWireFaults } from './script/wire-faults.js';
export type { SetChangeRequest, SetChangeResult } from './set-changes.js';
export type { Authority, ServerCertificate } from './tls/authority.js';
export { createAuthority } from './tls/authority.js';
export type { TlsFront } from './tls/tls-front.js';
export { startTlsFront } from './tls/tls-front.js';
export type {
  SimulatedSetChange,
  SimulatedSettlement,
  SimulatedTrade,
  TradePart,
  TradeStatus,
} from './trade.js';
export type { ExchangeOptions } from './trading-floor.js';
export type { VenueRules } from './venue-rules.js';
export { venueRules } from './venue-rules.js';
export type { Spell, WeatherKind } from './weather.js';
export { spellOf, Weather, weatherKinds } from './weather.js';
export type { WorldCommands } from './world-commands.js';
