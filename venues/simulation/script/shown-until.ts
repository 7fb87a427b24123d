import type { SimulatedExchange } from '../exchange.js';
import type { Subject } from './rule.js';

/** What is younger than this is on no page of the account yet (`rows_hidden`, and the venue's lag). */
export function shownUntilMs(exchange: SimulatedExchange, read: Omit<Subject, 'atMs'>): number {
  const atMs = exchange.now();
  const hidden = exchange.faults.script.strike('rows_hidden', { ...read, atMs });
  return atMs - Math.max(exchange.conditions.readLagMs, hidden?.newestMs ?? 0);
}
