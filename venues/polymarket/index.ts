// Polymarket's room: its wire, its signatures, its answers, and a simulator of it.
export { createPolymarketVenue, type PolymarketVenueOptions } from './adapter.js';
export {
  createPolymarketCredentials,
  type PolymarketApiKey,
  type PolymarketCredentials,
  type PolymarketWallet,
} from './credentials.js';
export { type DeriveOptions, withApiKey } from './derive-api-key.js';
export { createPolymarketFeed, type PolymarketFeedOptions } from './feed.js';
export { openPolymarketStream, type PolymarketStreamOptions } from './private-stream.js';
export type { SimulatedAccount } from './simulator/desk-accounts.js';
export {
  type PolymarketSimulator,
  type PolymarketSimulatorOptions,
  startPolymarketSimulator,
} from './simulator/start-simulator.js';
