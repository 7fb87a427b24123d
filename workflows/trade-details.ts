import { describeLeg, phaseOf, type TradeState, waitingFor } from '../domain/index.js';
import type { Timeline } from './timeline.js';

/** Markdown for Temporal Web: the legs, what the trade waits for, and the latest of its story. */
export function tradeDetails(state: TradeState, timeline: Timeline): string {
  const { intent } = state;
  return [
    `**${intent.type}** on **${intent.pairId}** for ${intent.account}/${intent.strategy}: ${phaseOf(state, Date.now())}`,
    '',
    ...state.orders.map((order) => describeLeg(state, order)),
    '',
    `Waiting for: ${waitingFor(state, Date.now())}`,
    '',
    ...timeline.shown,
  ].join('\n');
}
