// The venues as servers. Apart from their adapters: a trading worker that starts again loads neither
// an HTTP server nor an exchange.
export * from './kalshi/simulator/index.js';
export * from './polymarket/simulator/index.js';
