/** What a strategy imports. May import: domain, schemas, types and messages of workflows. */
export type { ArbitrageHandle } from './arbitrage-handle.js';
export { type ArbitrageDesk, startAdoption } from './arbitrage-start.js';
export {
  type ArmedDesk,
  type ArmedDoor,
  InvalidArmRequestError,
  PairArmedError,
  type StartedArming,
} from './armed.js';
export { type ArmedHandle, ArmingRefusedError, type TermsTaken } from './armed-handle.js';
export {
  type ClientOptions,
  connectClient,
  IntentConflictError,
  InvalidIntentError,
  type LegworkClient,
  type StartedArbitrage,
} from './client.js';
export { type CustodyDesk, type CustodyDoor, custodyDoor } from './custody.js';
export * from './fire-first/index.js';
export { isNoWorkflow } from './histories.js';
export { type ResolvedUnknown, WordRefusedError } from './resolve-unknown.js';
