import {
  type ArmingState,
  armingWaitsFor,
  describeBudget,
  describeTerms,
} from '../domain/index.js';
import type { Timeline } from './timeline.js';

/** Markdown for Temporal Web: what is armed where, what is left, and what it waits for. */
export function armingDetails(state: ArmingState, timeline: Timeline): string {
  const { request, terms, lease, stage } = state;
  const where = lease ? `lease ${lease.leaseId} at ${lease.host}` : 'nothing is lent';
  return [
    `**${request.pairId}** for ${request.account}/${request.strategy}: ${stage}, fires ${request.fires}`,
    '',
    `- ${where}`,
    `- ${describeTerms(terms)}`,
    `- ${describeBudget(state)}, ${String(lease?.seen.unadopted ?? 0)} not adopted`,
    `- expires ${new Date(request.expiresAtMs).toISOString()}`,
    '',
    `Waiting for: ${armingWaitsFor(state)}`,
    '',
    ...timeline.shown,
  ].join('\n');
}

/** One line of an answer: what kind it is, and what it says in words and numbers. */
export function describeAnswer(answer: { readonly kind: string }): string {
  const denial = 'denial' in answer ? plainOf(answer.denial) : [];
  return [...plainOf(answer), ...denial].join(' ');
}

/** Amounts, pairs and lists stay in the history, where they can be read in full. */
function plainOf(said: unknown): readonly string[] {
  return Object.entries(said ?? {}).flatMap(([name, value]: readonly [string, unknown]) => {
    if (name === 'kind' || name === 'code') return typeof value === 'string' ? [value] : [];
    if (typeof value === 'string') return [`${name} ${value}`];
    return typeof value === 'number' ? [`${name} ${String(value)}`] : [];
  });
}
