/**
 * The desk's procedures, as they are bundled for Temporal. May import: domain, @temporalio/workflow
 * and types of activities. No Node, no zod, no clock but the workflow's.
 */
export { arbitrage } from './arbitrage.js';
export { armPair } from './arm-pair.js';
export { custody } from './custody.js';
