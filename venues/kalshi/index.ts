// Kalshi: wire shapes, signing, adapter and feeds; its simulator has an index of its own. Imports domain
// and, for the simulator, venues/simulation; nobody imports deeper than these two.
export type { KalshiVenueOptions } from './adapter.js';
export { createKalshiVenue } from './adapter.js';
export type { KalshiCredentials } from './credentials.js';
export { createKalshiCredentials } from './credentials.js';
export type { KalshiFeedOptions } from './feed.js';
export { createKalshiFeed } from './feed.js';
export type { KalshiPrivateStreamOptions } from './private-stream.js';
export { createKalshiPrivateStream } from './private-stream.js';
