// Polymarket's room: its wire, its signatures, its answers; its simulator has an index of its own.
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
