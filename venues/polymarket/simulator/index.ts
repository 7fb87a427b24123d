export type { SimulatedAccount } from './desk-accounts.js';
export {
  type PolymarketSimulator,
  type PolymarketSimulatorOptions,
  startPolymarketSimulator,
} from './start-simulator.js';
