import { describeLeg, phaseOf, type TradeState, waitingFor } from '../domain/index.js';
import type { TimelineEvent } from './messages.js';

const LINES_SHOWN = 12;

/** Markdown for Temporal Web: the legs, what the trade waits for, and the latest of its story. */
export function tradeDetails(state: TradeState, lines: readonly TimelineEvent[]): string {
  const { intent } = state;
  return [
    `**${intent.type}** on **${intent.pairId}** for ${intent.account}/${intent.strategy}: ${phaseOf(state, Date.now())}`,
    '',
    ...state.orders.map((order) => describeLeg(state, order)),
    '',
    `Waiting for: ${waitingFor(state, Date.now())}`,
    '',
    ...lines.slice(-LINES_SHOWN).map(storyLine),
  ].join('\n');
}

function storyLine({ atMs, event, text }: TimelineEvent): string {
  return `- ${new Date(atMs).toISOString().slice(11, 23)} **${event}** ${text}`;
}
