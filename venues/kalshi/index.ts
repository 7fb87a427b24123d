// Kalshi: wire shapes, signing, adapter, feeds, and the venue's simulator. Imports domain and, for the
// simulator, venues/simulation; nobody imports deeper than this file.
export type { KalshiVenueOptions } from './adapter.js';
export { createKalshiVenue } from './adapter.js';
export type { KalshiCredentials } from './credentials.js';
export { createKalshiCredentials } from './credentials.js';
export type { KalshiFeedOptions } from './feed.js';
export { createKalshiFeed } from './feed.js';
export type { KalshiPrivateStreamOptions } from './private-stream.js';
export { createKalshiPrivateStream } from './private-stream.js';
export type { SimulatedKey } from './simulator/gate.js';
export type { KalshiSimulator, KalshiSimulatorOptions } from './simulator/start-simulator.js';
export { startKalshiSimulator } from './simulator/start-simulator.js';
