import type { VenueName } from '../../domain/index.js';
import type { Fault } from './script/fault.js';
import type { Operation, Rule } from './script/rule.js';

// What profile `heavy` adds to the six kinds that every profile draws (`faults.ts`). An order's lot is
// drawn once, from the seed, the rule and its key; cancels, reads and reports are drawn anew each
// time. A row says what happens, and in which part of the times. A fill after a cancel is left out: one
// that comes when its trade has ended is a break for a person, and no person looks at a session.

type Row = readonly [name: string, fault: Fault, probability: number, operation?: Operation];

/** The desk waits 3,000 ms for an answer: one of these comes in time, the other does not. */
const SLOW_MS = 800;
const TOO_LATE_MS = 4_000;
/** A report that comes so much later is told by a page before it. */
const REPORT_LATE_MS = 700;
const STALE_MS = 1_500;
const HIDDEN_MS = 1_500;

/**
 * What was not taken, or refused and we did not hear of it, is in doubt for 20 s and longer, and
 * holds the desk's breaker open: few of these, or a session does nothing but wait.
 */
const placing: readonly Row[] = [
  ['taken, then 500', { kind: 'answer_status', status: 500, at: 'after' }, 0.01],
  ['taken, then 503', { kind: 'answer_status', status: 503, at: 'after' }, 0.005],
  ['502 and not taken', { kind: 'answer_status', status: 502, at: 'before' }, 0.005],
  ['taken, then reset', { kind: 'reset', at: 'after' }, 0.01],
  ['reset and not taken', { kind: 'reset', at: 'before' }, 0.005],
  ['taken, then silence', { kind: 'no_answer', at: 'after' }, 0.01],
  ['silence and not taken', { kind: 'no_answer', at: 'before' }, 0.005],
  ['slow answer', { kind: 'late_answer', afterMs: SLOW_MS }, 0.03],
  ['answer too late', { kind: 'late_answer', afterMs: TOO_LATE_MS }, 0.01],
  ['unreadable answer', { kind: 'unreadable_answer' }, 0.01],
  ['answer without an id', { kind: 'answer_without_id' }, 0.01],
  ['brought twice', { kind: 'sent_twice' }, 0.02],
  ['balance stays stale', { kind: 'stale_balance', forMs: STALE_MS }, 0.03],
  ['live, filled later', { kind: 'late_fill', shown: 'live' }, 0.02],
  ['live, never filled', { kind: 'late_fill', shown: 'live', fills: false }, 0.01],
];

const canceling: readonly Row[] = [
  ['canceled, then silence', { kind: 'no_answer', at: 'after' }, 0.02, 'cancel'],
  ['canceled, then reset', { kind: 'reset', at: 'after' }, 0.02, 'cancel'],
  ['502 and not canceled', { kind: 'answer_status', status: 502, at: 'before' }, 0.02, 'cancel'],
];

const reading: readonly Row[] = [
  ['orders: 500', { kind: 'answer_status', status: 500, at: 'after' }, 0.02, 'read_orders'],
  ['orders: reset', { kind: 'reset', at: 'after' }, 0.01, 'read_orders'],
  ['orders: unreadable', { kind: 'unreadable_answer' }, 0.02, 'read_orders'],
  ['fills: 500', { kind: 'answer_status', status: 500, at: 'after' }, 0.02, 'read_fills'],
  ['fills: unreadable', { kind: 'unreadable_answer' }, 0.02, 'read_fills'],
  ['balance: 500', { kind: 'answer_status', status: 500, at: 'after' }, 0.02, 'read_balance'],
  ['newest rows hidden', { kind: 'rows_hidden', newestMs: HIDDEN_MS }, 0.03],
  ['rows repeated', { kind: 'rows_repeated' }, 0.03],
  ['rows reversed', { kind: 'rows_reversed' }, 0.03],
];

const reporting: readonly Row[] = [
  ['report lost', { kind: 'report_lost' }, 0.03],
  ['report repeated', { kind: 'report_repeated' }, 0.04],
  ['report delayed', { kind: 'report_delayed', byMs: REPORT_LATE_MS }, 0.03],
  ['reports swapped', { kind: 'report_swapped' }, 0.04],
];

/** How each venue says that it was asked too often. */
export const rateAnswers = {
  kalshi: 'too_many_requests',
  polymarket: 'rate_limited',
} as const satisfies Record<VenueName, string>;

const refused = (answer: string, probability: number, operation: Operation = 'place'): Row => [
  `${operation} refused: ${answer}`,
  { kind: 'refuse', answer },
  probability,
  operation,
];

/** A row of each class of the venue's table that the exchange itself says seldom or never. */
const ofVenue = {
  kalshi: [
    refused(rateAnswers.kalshi, 0.02),
    refused(rateAnswers.kalshi, 0.02, 'cancel'),
    refused('exchange_unavailable', 0.01),
    refused('insufficient_balance', 0.01),
    refused('market_inactive', 0.005),
    refused('immediate_or_cancelled', 0.01),
    refused('self_cross_attempt', 0.005),
    refused('order_already_exists', 0.003),
  ],
  polymarket: [
    refused(rateAnswers.polymarket, 0.02),
    refused(rateAnswers.polymarket, 0.02, 'cancel'),
    refused('engine_restarting', 0.01),
    refused('market_not_ready', 0.005),
    refused('not enough balance / allowance', 0.01),
    refused('no_market', 0.005),
    refused('no orders found to match with FAK order. {}', 0.01),
    refused('invalid nonce', 0.005),
    refused('ORDER_DELAYED', 0.003),
    // Only what is bought for a sum gets more shares by a better price.
    ['more shares than ordered', { kind: 'better_price', by: '0.02' }, 0.03],
    ['delayed, never filled', { kind: 'late_fill', shown: 'delayed', fills: false }, 0.01],
  ],
} as const satisfies Record<VenueName, readonly Row[]>;

/** The rules that stand at a venue under profile `heavy`, beside any script. */
export const heavyRules: Readonly<Record<VenueName, readonly Rule[]>> = {
  kalshi: rulesOf('kalshi'),
  polymarket: rulesOf('polymarket'),
};

function rulesOf(venue: VenueName): readonly Rule[] {
  const everywhere = [...placing, ...canceling, ...reading, ...reporting];
  const rows: readonly Row[] = [...everywhere, ...ofVenue[venue]];
  return rows.map(([name, fault, probability, operation]) => ({
    name: `heavy: ${name}`,
    when: { probability, ...(operation && { operation }) },
    fault,
  }));
}
