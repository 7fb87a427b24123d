/**
 * The trade, pure: plain functions and data that run inside workflows, activities, backtests and
 * the console. No Node, no clock, no randomness, no logging: the time is a parameter, and the only
 * package is the hashes of `ids.ts`. Other rooms import from here.
 */
export * from './absence.js';
export * from './arbitrage/arbitrage-question.js';
export * from './arbitrage/best-arbitrage.js';
export * from './arbitrage/price-arbitrage.js';
export * from './arbitrage-intent.js';
export * from './assert.js';
export * from './book.js';
export * from './child-order.js';
export * from './child-order-lifecycle.js';
export * from './custody/custody-case.js';
export * from './custody/custody-place.js';
export * from './custody/custody-state.js';
export * from './custody/custody-terms.js';
export * from './exit/exit-input.js';
export * from './exit/plan-exit.js';
export * from './fees.js';
export * from './freeze/control-lease.js';
export * from './freeze/freeze.js';
export * from './freeze/freeze-of.js';
export * from './held-in-rows.js';
export * from './ids.js';
export * from './instrument.js';
export * from './intent-digest.js';
export * from './mode.js';
export * from './money.js';
export * from './order-sizing.js';
export * from './pair.js';
export * from './price-grid.js';
export * from './risk/approved.js';
export * from './risk/denial.js';
export * from './risk/review.js';
export * from './risk/risk-input.js';
export * from './same-order.js';
export * from './trade/accounted-for.js';
export * from './trade/breaks.js';
export * from './trade/certain-excess.js';
export * from './trade/closing.js';
export * from './trade/describe.js';
export * from './trade/exit-ownership.js';
export * from './trade/next-step.js';
export * from './trade/open-trade.js';
export * from './trade/order-rows.js';
export * from './trade/phase-of.js';
export * from './trade/phases.js';
export * from './trade/questions.js';
export * from './trade/result-of.js';
export * from './trade/terms.js';
export * from './trade/trade.js';
export * from './trade/transitions.js';
export * from './venue.js';
export * from './venue-entry.js';
export * from './wire.js';
export * from './wire-functions.js';
