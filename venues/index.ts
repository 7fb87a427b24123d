// What activities and workers import: each venue's adapter and feeds, all behind the ports of
// domain/venue.ts. Their simulators are in simulators.ts, the exchange those share in simulation.
export * from './kalshi/index.js';
export * from './polymarket/index.js';
