/**
 * The doors: what may come in, in wire form, checked by zod before anything believes it. Imports
 * the domain only; never imported by workflows, whose bundle has no zod.
 */
export * from './arming.js';
export * from './fire-first.js';
export * from './freeze-request.js';
export * from './intent.js';
export * from './limits-file.js';
export * from './operator-word.js';
export * from './pair-file.js';
export * from './problems.js';
export * from './process-messages.js';
export * from './server-address.js';
export * from './terms-file.js';
export * from './up-request.js';
