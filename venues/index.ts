// What activities and workers import: each venue's adapter, feeds and simulator, all behind the ports of
// domain/venue.ts. The exchange that the simulators share is in venues/simulation.
export * from './kalshi/index.js';
export * from './polymarket/index.js';
